using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Primitives;
using ShardSql.Storage.Client;
using ShardSql.Storage.Messages;
using ShardSql.Transactions;

namespace ShardSql.Simulation.Cluster.Gateways;

/// <summary>
/// How the gateway's real classes speak to the shards of the simulator: the promises of <see cref="IShardClient"/>
/// over messages that get lost, come late and come twice.
/// </summary>
/// <param name="gateway">Whose it is.</param>
/// <param name="attempted">Told each id before it is first sent.</param>
internal sealed class SimulatedShardClient(SimulatedGateway gateway, Action<TxnId>? attempted) : IShardClient
{
    private const long AskTimeoutUs = 1_500_000;

    private readonly Dictionary<(ShardId Shard, ulong Cursor), NodeId> _cursors = [];
    private TxnId _last;
    private RefusalReason _lastNo;

    public async ValueTask<OneReply> CommitOneAsync(
        ShardId shard, OneRequest request, CancellationToken cancellationToken)
    {
        Attempt(request.Id);
        (byte[] body, _, bool mayRunYet) = await AskAsync(
            shard, RequestKind.One, writer => CommitCodec.Write(writer, request), cancellationToken);
        var reader = new ByteReader(body);
        OneReply reply = CommitCodec.ReadOneReply(ref reader);
        Invariant.Check(!reader.Failed, "A reply can be read.");
        _lastNo = reply.Vote?.Reason ?? RefusalReason.Busy;
        if (reply.Status == ReplyStatus.Ok)
        {
            return reply;
        }

        gateway.World.Reach("ONE refused without an entry: " + reply.Status);
        gateway.World.Check(reply.Status != ReplyStatus.Failed, $"a statement failed: {reply.Failure}");
        return !mayRunYet ? reply : throw new ShardUnavailableException($"{shard} refused what it may have been sent before")
        {
            MayHaveHappened = true,
        };
    }

    public async ValueTask<Vote> PrepareAsync(
        ShardId shard, PrepareRequest request, CancellationToken cancellationToken)
    {
        Attempt(request.Id);
        return await AskVoteAsync(
            shard, RequestKind.Prepare, writer => CommitCodec.Write(writer, request), cancellationToken);
    }

    public async ValueTask<Vote> QueryAsync(ShardId shard, QueryRequest request, CancellationToken cancellationToken)
    {
        gateway.World.Reach("gateway asked by QUERY");
        return await AskVoteAsync(
            shard, RequestKind.Query, writer => CommitCodec.Write(writer, request), cancellationToken);
    }

    public void Decide(ShardId shard, DecideNotice notice) => gateway.Decide(shard, notice);

    public async ValueTask<AttemptReport> AskAttemptsAsync(
        ShardId shard, UInt128 session, ulong sequence, bool refuse, CancellationToken cancellationToken)
    {
        gateway.World.Reach("outcome asked for");
        (byte[] body, _, _) = await AskAsync(
            shard,
            RequestKind.Attempts,
            writer =>
            {
                writer.WriteTxnId(new TxnId(session, sequence, 0));
                writer.WriteBoolean(refuse);
            },
            cancellationToken);
        var reader = new ByteReader(body);
        AttemptReport report = CommitCodec.ReadReport(ref reader);
        Invariant.Check(!reader.Failed, "A report can be read.");
        gateway.World.Reach("outcome forgotten", report.Forgotten ? 1 : 0);
        return report;
    }

    public async ValueTask<FragmentReply> RunFragmentAsync(
        ShardId shard, FragmentRequest request, CancellationToken cancellationToken)
    {
        (byte[] body, NodeId from, _) = await AskAsync(
            shard, RequestKind.Fragment, writer => FragmentCodec.Write(writer, request), cancellationToken);
        return ReadFragment(shard, from, body);
    }

    public async ValueTask<FragmentReply> ContinueAsync(
        ShardId shard, ulong cursor, CancellationToken cancellationToken)
    {
        Invariant.Check(_cursors.Remove((shard, cursor), out NodeId node), "A cursor is gone on with once.");
        var answered = new TaskCompletionSource<byte[]?>();
        gateway.World.Reach("cursor");
        gateway.AskOnce(
            node, shard, RequestKind.Continue, writer => writer.WriteVarint(cursor),
            (answer, _, _) => answered.TrySetResult(answer));
        if (await answered.Task is { } body)
        {
            return ReadFragment(shard, node, body);
        }

        gateway.World.Reach("cursor lost");
        return new FragmentReply { Status = ReplyStatus.NoCursor };
    }

    public void CloseCursor(ShardId shard, ulong cursor)
    {
        if (_cursors.Remove((shard, cursor), out NodeId node))
        {
            gateway.CloseCursor(node, shard, cursor);
        }
    }

    public ValueTask<ShardStatus> StatusAsync(ShardId shard, CancellationToken cancellationToken) =>
        throw new NotSupportedException("The simulator's clients do not look at shards.");

    public ValueTask<IReadOnlyList<PreparedTransaction>> InDoubtAsync(ShardId shard, CancellationToken cancellationToken) =>
        throw new NotSupportedException("The simulator's clients do not look at shards.");

    public ValueTask<GroupReply> ChangeAsync(
        ShardId shard, GroupRequest request, CancellationToken cancellationToken) =>
        throw new NotSupportedException("The simulator's drivers ask for voters and leaders themselves.");

    public async ValueTask<MoveReply> MoveAsync(ShardId shard, Command? step, CancellationToken cancellationToken)
    {
        (byte[] body, _, _) = await AskAsync(shard, RequestKind.Move, writer => step?.Write(writer), cancellationToken);
        var reader = new ByteReader(body);
        MoveReply reply = MoveCodec.ReadReply(ref reader);
        Invariant.Check(!reader.Failed, "A reply can be read.");
        return reply;
    }

    public async ValueTask<CopyReply> CopyAsync(
        ShardId shard, CopyRequest request, CancellationToken cancellationToken)
    {
        (byte[] body, _, _) = await AskAsync(
            shard, RequestKind.Copy, writer => MoveCodec.Write(writer, request), cancellationToken);
        var reader = new ByteReader(body);
        CopyReply reply = MoveCodec.ReadCopyReply(ref reader);
        Invariant.Check(!reader.Failed, "Copies can be read.");
        return reply;
    }

    public async ValueTask<SumReply> SumAsync(ShardId shard, SumRequest request, CancellationToken cancellationToken)
    {
        (byte[] body, _, _) = await AskAsync(
            shard, RequestKind.Sum, writer => MoveCodec.Write(writer, request), cancellationToken);
        var reader = new ByteReader(body);
        SumReply reply = MoveCodec.ReadSumReply(ref reader);
        Invariant.Check(!reader.Failed, "Sums can be read.");
        return reply;
    }

    public void ReportOldestSnapshot(HlcTimestamp oldest) =>
        throw new NotSupportedException("The simulator's gateways report by themselves.");

    private FragmentReply ReadFragment(ShardId shard, NodeId from, byte[] body)
    {
        var reader = new ByteReader(body);
        FragmentReply reply = FragmentCodec.ReadReply(ref reader);
        Invariant.Check(!reader.Failed, "A reply can be read.");
        if (reply.Cursor != 0)
        {
            _cursors[(shard, reply.Cursor)] = from;
        }

        return reply;
    }

    private void Attempt(TxnId id)
    {
        if (id == _last)
        {
            return;
        }

        gateway.World.Reach("attempt again after " + _lastNo, _last == default ? 0 : 1);
        _last = id;
        attempted?.Invoke(id);
    }

    private async Task<Vote> AskVoteAsync(
        ShardId shard, RequestKind kind, Action<ByteWriter> write, CancellationToken cancellationToken)
    {
        (byte[] body, _, _) = await AskAsync(shard, kind, write, cancellationToken);
        var reader = new ByteReader(body);
        Vote vote = Vote.Read(ref reader);
        Invariant.Check(!reader.Failed, "A vote can be read.");
        _lastNo = vote.Ok ? _lastNo : vote.Reason;
        return vote;
    }

    private async Task<(byte[] Body, NodeId From, bool WasSent)> AskAsync(
        ShardId shard, RequestKind kind, Action<ByteWriter> write, CancellationToken cancellationToken)
    {
        var answered = new TaskCompletionSource<(byte[], NodeId, bool)>();
        using CancellationTokenRegistration registration =
            cancellationToken.UnsafeRegister(_ => answered.TrySetCanceled(cancellationToken), null);
        gateway.Ask(shard, kind, write, AskTimeoutUs, (answer, from, wasSent) =>
        {
            if (answer is not null)
            {
                gateway.World.Reach("answer to a request that was sent again", wasSent ? 1 : 0);
                answered.TrySetResult((answer, from, wasSent));
            }
            else
            {
                answered.TrySetException(new ShardUnavailableException($"{shard} does not answer")
                {
                    MayHaveHappened = wasSent,
                });
            }
        });
        return await answered.Task;
    }
}
