using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Execution.Plans;
using ShardSql.Primitives;
using ShardSql.Simulation.Cluster.Gateways;
using ShardSql.Storage.Client;
using ShardSql.Transactions;

namespace ShardSql.Simulation.Cluster.Sql;

/// <summary>Keeps what each fragment of a transaction gave, once it has been read to its end.</summary>
internal sealed class RecordingClient(SimulatedGateway gateway, TransactionContext context) : IShardClient
{
    private readonly SimulatedShardClient _shards = new(gateway, attempted: null);
    private readonly Dictionary<(ShardId Shard, ulong Cursor), (FragmentRequest Request, ByteWriter Rows)> _open = [];

    /// <summary>Whether its statement was given up: what still comes in is nobody's.</summary>
    public bool IsOver { get; set; }

    public async ValueTask<FragmentReply> RunFragmentAsync(
        ShardId shard, FragmentRequest request, CancellationToken cancellationToken)
    {
        request.BatchBytes = gateway.World.Knobs.BatchBytes;
        FragmentReply reply = await _shards.RunFragmentAsync(shard, request, cancellationToken);
        Keep(shard, request, new ByteWriter(), reply);
        return reply;
    }

    public async ValueTask<FragmentReply> ContinueAsync(
        ShardId shard, ulong cursor, CancellationToken cancellationToken)
    {
        _open.Remove((shard, cursor), out (FragmentRequest Request, ByteWriter Rows) held);
        FragmentReply reply = await _shards.ContinueAsync(shard, cursor, cancellationToken);
        Keep(shard, held.Request, held.Rows, reply);
        return reply;
    }

    public void CloseCursor(ShardId shard, ulong cursor) => _shards.CloseCursor(shard, cursor);

    public ValueTask<OneReply> CommitOneAsync(
        ShardId shard, OneRequest request, CancellationToken cancellationToken) => throw OnlyFragments();

    public ValueTask<Vote> PrepareAsync(
        ShardId shard, PrepareRequest request, CancellationToken cancellationToken) => throw OnlyFragments();

    public ValueTask<Vote> QueryAsync(ShardId shard, QueryRequest request, CancellationToken cancellationToken) =>
        throw OnlyFragments();

    public void Decide(ShardId shard, DecideNotice notice) => throw OnlyFragments();

    public ValueTask<AttemptReport> AskAttemptsAsync(
        ShardId shard, UInt128 session, ulong sequence, bool refuse, CancellationToken cancellationToken) =>
        throw OnlyFragments();

    public ValueTask<ShardStatus> StatusAsync(ShardId shard, CancellationToken cancellationToken) =>
        throw OnlyFragments();

    public ValueTask<IReadOnlyList<PreparedTransaction>> InDoubtAsync(ShardId shard, CancellationToken cancellationToken) =>
        throw OnlyFragments();

    public ValueTask<GroupReply> ChangeAsync(
        ShardId shard, GroupRequest request, CancellationToken cancellationToken) =>
        throw OnlyFragments();

    public ValueTask<MoveReply> MoveAsync(ShardId shard, Command? step, CancellationToken cancellationToken) =>
        throw OnlyFragments();

    public ValueTask<CopyReply> CopyAsync(ShardId shard, CopyRequest request, CancellationToken cancellationToken) =>
        throw OnlyFragments();

    public ValueTask<SumReply> SumAsync(ShardId shard, SumRequest request, CancellationToken cancellationToken) =>
        throw OnlyFragments();

    public void ReportOldestSnapshot(HlcTimestamp oldest) => throw OnlyFragments();

    private static NotSupportedException OnlyFragments() => new("Statements run fragments and nothing else.");

    private static bool AsksForQuotas(FragmentRequest request) => Fragment.Parser.ParseFrom(request.Fragment).Statements
        .Any(static statement => statement.PlanCase == FragmentStatement.PlanOneofCase.Quotas);

    private void Keep(ShardId shard, FragmentRequest request, ByteWriter rows, FragmentReply reply)
    {
        // What quotas hold is no part of the serial order.
        if (reply.Status != ReplyStatus.Ok || IsOver || AsksForQuotas(request))
        {
            return;
        }

        rows.WriteRaw(reply.Rows);
        if (reply.Cursor != 0)
        {
            _open[(shard, reply.Cursor)] = (request, rows);
            return;
        }

        context.Fragments.Add(new FragmentSeen(
            shard, request.Fragment, request.Parameters, request.Overlay, rows.ToArray(), reply.RowsAffected));
    }
}
