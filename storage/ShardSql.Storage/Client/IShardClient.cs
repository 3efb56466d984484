using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Primitives;
using ShardSql.Transactions;

namespace ShardSql.Storage.Client;

/// <summary>
/// How a gateway speaks to the leaders of shards. An implementation finds the leader, follows hints, sends again after
/// a lost connection where that is safe, and gives up with <see cref="ShardUnavailableException"/> at the deadline.
/// </summary>
public interface IShardClient : IMoveClient, IGroupClient
{
    /// <summary>Runs a fragment at a snapshot: a read, or a write to be buffered by the gateway until commit.</summary>
    ValueTask<FragmentReply> RunFragmentAsync(ShardId shard, FragmentRequest request, CancellationToken cancellationToken);

    /// <summary>The next batch of a fragment whose reply had a cursor. The leader does nothing between two of these.</summary>
    ValueTask<FragmentReply> ContinueAsync(ShardId shard, ulong cursor, CancellationToken cancellationToken);

    /// <summary>Closes a cursor that is not read to its end.</summary>
    void CloseCursor(ShardId shard, ulong cursor);

    /// <summary>Commits a transaction that lives on one shard: one log entry there.</summary>
    ValueTask<OneReply> CommitOneAsync(ShardId shard, OneRequest request, CancellationToken cancellationToken);

    /// <summary>Asks for a durable vote. Safe to repeat: a vote once given is given again.</summary>
    ValueTask<Vote> PrepareAsync(ShardId shard, PrepareRequest request, CancellationToken cancellationToken);

    /// <summary>
    /// Asks a participant for its vote on behalf of recovery: if it has none it refuses the transaction durably and
    /// votes no.
    /// </summary>
    ValueTask<Vote> QueryAsync(ShardId shard, QueryRequest request, CancellationToken cancellationToken);

    /// <summary>Hands all votes to a participant, so that it can log OUTCOME. Losing it is harmless.</summary>
    void Decide(ShardId shard, DecideNotice notice);

    /// <summary>
    /// What became of the client's transaction (any attempt of it) at this shard; with <paramref name="refuse"/> the
    /// shard makes sure that none that it has not voted for can commit any more.
    /// </summary>
    ValueTask<AttemptReport> AskAttemptsAsync(
        ShardId shard, UInt128 session, ulong sequence, bool refuse, CancellationToken cancellationToken);

    /// <summary>Counters and roles of a shard, for SHOW SHARDS.</summary>
    ValueTask<ShardStatus> StatusAsync(ShardId shard, CancellationToken cancellationToken);

    /// <summary>Transactions that a shard holds prepared and undecided, in the order of their ids.</summary>
    ValueTask<IReadOnlyList<PreparedTransaction>> InDoubtAsync(ShardId shard, CancellationToken cancellationToken);

    /// <summary>
    /// Tells the shards the oldest snapshot that this gateway still reads at, so that the horizon stays behind it.
    /// </summary>
    void ReportOldestSnapshot(HlcTimestamp oldest);
}

/// <summary>The shard has no leader that answered before the deadline (57P03).</summary>
public sealed class ShardUnavailableException : Exception
{
    /// <summary>An exception with no text.</summary>
    public ShardUnavailableException()
    {
    }

    /// <summary>An exception that names the shard and what was tried.</summary>
    public ShardUnavailableException(string message)
        : base(message)
    {
    }

    /// <summary>An exception with its cause.</summary>
    public ShardUnavailableException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Whether the request may have taken effect: it was sent and no answer came.</summary>
    public bool MayHaveHappened { get; init; }
}
