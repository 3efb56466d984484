using System.Collections.Generic;

using ShardSql.Primitives;
using ShardSql.Transactions;

namespace ShardSql.Storage.Client;

/// <summary>
/// A transaction that lives on one shard. Either it was run already (<see cref="Share"/>), or the leader evaluates
/// <see cref="Fragment"/> on top of what it has proposed (commit.md §4).
/// </summary>
public sealed class OneRequest
{
    /// <summary>The transaction's id.</summary>
    public TxnId Id { get; init; }

    /// <summary>Reads and writes of a transaction that was run at a snapshot; null for a fragment.</summary>
    public TransactionShare? Share { get; init; }

    /// <summary>plan.proto's Fragment, evaluated by the leader; null for a share.</summary>
    public byte[]? Fragment { get; init; }

    /// <summary>Parameters as one row of RowCodec.</summary>
    public byte[] Parameters { get; init; } = [];

    /// <summary>Guards of a fragment.</summary>
    public IReadOnlyList<Guard> Guards { get; init; } = [];

    /// <summary>The highest stamp the session has seen: the commit stamp is above it.</summary>
    public HlcTimestamp After { get; init; }

    /// <summary>Whether the reply shall say where the time went.</summary>
    public bool WantTimes { get; set; }
}

/// <summary>The answer to a ONE.</summary>
public sealed class OneReply
{
    /// <summary>Ok: committed, or durably refused as <see cref="Vote"/> says; otherwise nothing was logged.</summary>
    public ReplyStatus Status { get; init; }

    /// <summary>The shard's decision.</summary>
    public Vote? Vote { get; init; }

    /// <summary>c(T).</summary>
    public HlcTimestamp Stamp { get; init; }

    /// <summary>Rows of the fragment's statements, in RowCodec.</summary>
    public byte[] Rows { get; init; } = [];

    /// <summary>How many rows.</summary>
    public int RowCount { get; init; }

    /// <summary>Rows changed.</summary>
    public long RowsAffected { get; init; }

    /// <summary>Rows and rows changed of each statement of the fragment, in order; <see cref="Rows"/> has theirs one
    /// after another.</summary>
    public IReadOnlyList<StatementCount> Statements { get; init; } = [];

    /// <summary>Set when <see cref="Status"/> is Failed; of several statements the last of
    /// <see cref="Statements"/> failed.</summary>
    public StatementFailure? Failure { get; init; }

    /// <summary>Where the time went; only where it was asked for.</summary>
    public RequestTimes? Times { get; set; }
}

/// <summary>What one statement of a fragment gave and changed.</summary>
public readonly record struct StatementCount(int RowCount, long RowsAffected);

/// <summary>PREPARE of one participant (commit.md §3).</summary>
/// <param name="Id">The transaction.</param>
/// <param name="Stamp">c(T).</param>
/// <param name="Participants">All of them, in order, the addressee included.</param>
/// <param name="Share">What the transaction did at the addressee.</param>
public sealed record PrepareRequest(
    TxnId Id, HlcTimestamp Stamp, IReadOnlyList<ShardId> Participants, TransactionShare Share)
{
    /// <summary>Where the leader's times go; null: they are not wanted.</summary>
    public TimesTaken? Times { get; init; }
}

/// <summary>QUERY of recovery.</summary>
public sealed record QueryRequest(TxnId Id, HlcTimestamp Stamp, IReadOnlyList<ShardId> Participants);

/// <summary>All votes of a transaction.</summary>
public sealed record DecideNotice(TxnId Id, HlcTimestamp Stamp, IReadOnlyList<Vote> Votes);

/// <summary>What a shard knows of a client's transaction, over all attempts.</summary>
/// <param name="Committed">An attempt committed here.</param>
/// <param name="Stamp">Its commit stamp.</param>
/// <param name="Undecided">Attempts that this shard agreed to and whose outcome it does not know yet.</param>
/// <param name="Forgotten">The shard may have known and forgotten: it is too long ago.</param>
public sealed record AttemptReport(
    bool Committed, HlcTimestamp Stamp, IReadOnlyList<QueryRequest> Undecided, bool Forgotten);

/// <summary>A transaction that a shard has voted yes for and whose outcome it does not know.</summary>
/// <param name="Attempt">Id, stamp and participants.</param>
/// <param name="Reads">Keys that it read at the shard.</param>
/// <param name="Ranges">Ranges that it read there.</param>
/// <param name="Writes">Keys that it writes there.</param>
/// <param name="Missing">Participants whose vote the leader waits for; none: the outcome is on its way.</param>
public sealed record PreparedTransaction(
    QueryRequest Attempt, int Reads, int Ranges, int Writes, IReadOnlyList<ShardId> Missing)
{
    /// <summary>A shard tells of so many at most.</summary>
    public const int ListedMax = 1_000;
}

/// <summary>Counters of one shard at its leader.</summary>
public sealed record ShardStatus
{
    /// <summary>The shard.</summary>
    public ShardId Shard { get; init; }

    /// <summary>Who leads it.</summary>
    public NodeId Leader { get; init; }

    /// <summary>Its replicas.</summary>
    public IReadOnlyList<NodeId> Replicas { get; init; } = [];

    /// <summary>The last slot applied.</summary>
    public Slot Applied { get; init; }

    /// <summary>Name and value of each counter: commits, aborts by cause, waits, queues, hold, filter, log.</summary>
    public IReadOnlyList<KeyValuePair<string, long>> Counters { get; init; } = [];
}
