using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Globalization;
using System.Threading;
using System.Threading.Tasks;

using Google.Protobuf;

using ShardSql.Primitives;
using ShardSql.Protocol;
using ShardSql.Protocol.Messages;
using ShardSql.Storage.Hosting;
using ShardSql.Storage.Messages;
using ShardSql.Storage.Nodes;
using ShardSql.Transactions;

namespace ShardSql.Storage.Client;

/// <summary>
/// The gateway's side of the storage protocol. Every request here may be sent again: votes are written once, a ONE is
/// known by its id and answered with its first result, a fragment changes nothing.
/// </summary>
public sealed class ShardClient : IShardClient, IAsyncDisposable
{
    private readonly ulong _source;
    private readonly ClusterNodes _nodes;
    private readonly LeaderSearch _leaders;
    private readonly ConcurrentDictionary<(ShardId Shard, ulong Cursor), NodeId> _cursors = new();

    /// <summary>A client of a cluster.</summary>
    /// <param name="layout">Nodes and shards.</param>
    /// <param name="source">Tells this gateway from others in what it reports; unique, means nothing else.</param>
    /// <param name="timeout">How long a request may look for a leader.</param>
    /// <param name="time">Clock of the pauses.</param>
    public ShardClient(ClusterLayout layout, ulong source, TimeSpan timeout, TimeProvider time)
    {
        _source = source;
        var hello = new PeerHello
        {
            ProtocolMin = StorageNode.ProtocolVersion,
            ProtocolMax = StorageNode.ProtocolVersion,
            ClusterId = ByteString.CopyFrom(layout.ClusterId.ToByteArray()),
            GatewaySource = source,
        };
        _nodes = new ClusterNodes(layout, hello);
        _leaders = new LeaderSearch(_nodes, timeout, time);
    }

    /// <summary>The newest layout that this client has.</summary>
    public ClusterLayout Layout => _nodes.Layout;

    /// <summary>Takes a newer layout; an older or equal one changes nothing.</summary>
    public void Adopt(ClusterLayout layout) => _nodes.Adopt(layout);

    /// <summary>The layout that a node has; null: it did not say.</summary>
    public async Task<ClusterLayout?> AskLayoutAsync(
        NodeId node, TimeSpan patience, CancellationToken cancellationToken)
    {
        if (_nodes.Find(node) is not { } connection)
        {
            return null;
        }

        try
        {
            return ClusterLayout.FromDescription(
                await connection.Node.DescribeAsync(patience, cancellationToken).ConfigureAwait(false));
        }
        catch (GrpcException)
        {
            // Not there, or of a time when nodes were not asked this.
            return null;
        }
    }

    /// <summary>Whether a node answers at all.</summary>
    public async Task<bool> ProbeAsync(NodeId node, TimeSpan patience, CancellationToken cancellationToken)
    {
        using var probe = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        probe.CancelAfter(patience);
        try
        {
            if (_nodes.Find(node) is not { } connection)
            {
                return false;
            }

            await connection.AskAsync(LeaderSearch.Encode(ShardId.System, RequestKind.Status, _ => { }), probe.Token)
                .ConfigureAwait(false);
            return true;
        }
        catch (GrpcException)
        {
            return false;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>Who leads a shard, as far as this gateway knows.</summary>
    public NodeId LeaderOf(ShardId shard) => _leaders.LeaderOf(shard);

    /// <inheritdoc />
    public async ValueTask<FragmentReply> RunFragmentAsync(
        ShardId shard, FragmentRequest request, CancellationToken cancellationToken)
    {
        (NodeId node, ReadOnlyMemory<byte> body, _) = await _leaders.AskAsync(
            shard, RequestKind.Fragment, writer => FragmentCodec.Write(writer, request), cancellationToken)
            .ConfigureAwait(false);
        return RememberCursor(shard, node, ReadFragment(body));
    }

    /// <inheritdoc />
    public async ValueTask<FragmentReply> ContinueAsync(ShardId shard, ulong cursor, CancellationToken cancellationToken)
    {
        if (!_cursors.TryRemove((shard, cursor), out NodeId node) || _nodes.Find(node) is not { } connection)
        {
            return new FragmentReply { Status = ReplyStatus.NoCursor };
        }

        try
        {
            NodeAnswer answer = await connection.AskAsync(
                LeaderSearch.Encode(shard, RequestKind.Continue, writer => writer.WriteVarint(cursor)), cancellationToken)
                .ConfigureAwait(false);
            return answer.IsLeader
                ? RememberCursor(shard, node, ReadFragment(answer.Body))
                : new FragmentReply { Status = ReplyStatus.NoCursor };
        }
        catch (GrpcException)
        {
            return new FragmentReply { Status = ReplyStatus.NoCursor };
        }
    }

    /// <inheritdoc />
    public void CloseCursor(ShardId shard, ulong cursor)
    {
        if (_cursors.TryRemove((shard, cursor), out NodeId node))
        {
            _nodes.Find(node)?.Tell(writer =>
            {
                writer.WriteByte((byte)StorageMessageKind.CloseCursor);
                writer.WriteVarint(shard.Value);
                writer.WriteVarint(cursor);
            });
        }
    }

    /// <inheritdoc />
    public async ValueTask<OneReply> CommitOneAsync(
        ShardId shard, OneRequest request, CancellationToken cancellationToken)
    {
        (NodeId node, ReadOnlyMemory<byte> body, bool mayRunYet) = await _leaders.AskAsync(
            shard, RequestKind.One, writer => CommitCodec.Write(writer, request), cancellationToken)
            .ConfigureAwait(false);
        OneReply reply = ReadOne(shard, body);
        return reply.Status == ReplyStatus.Ok || !mayRunYet ? reply : throw NotDurable(shard, node, reply);
    }

    /// <inheritdoc />
    public async ValueTask<Vote> PrepareAsync(
        ShardId shard, PrepareRequest request, CancellationToken cancellationToken)
    {
        (_, ReadOnlyMemory<byte> body, _) = await _leaders.AskAsync(
            shard, RequestKind.Prepare, writer => CommitCodec.Write(writer, request), cancellationToken)
            .ConfigureAwait(false);
        return ReadVote(shard, body, request.Times);
    }

    /// <inheritdoc />
    public async ValueTask<Vote> QueryAsync(ShardId shard, QueryRequest request, CancellationToken cancellationToken)
    {
        (_, ReadOnlyMemory<byte> body, _) = await _leaders.AskAsync(
            shard, RequestKind.Query, writer => CommitCodec.Write(writer, request), cancellationToken)
            .ConfigureAwait(false);
        return ReadVote(shard, body);
    }

    /// <inheritdoc />
    public void Decide(ShardId shard, DecideNotice notice)
    {
        NodeId leader = LeaderOf(shard);
        if (leader == default && Layout.MembersOf(shard) is [NodeId first, ..])
        {
            leader = first;
        }

        // Whoever is not told asks.
        _nodes.Find(leader)?.Tell(writer =>
        {
            writer.WriteByte((byte)StorageMessageKind.Decide);
            writer.WriteByte(0);
            writer.WriteVarint(shard.Value);
            CommitCodec.Write(writer, notice);
        });
    }

    /// <inheritdoc />
    public async ValueTask<AttemptReport> AskAttemptsAsync(
        ShardId shard, UInt128 session, ulong sequence, bool refuse, CancellationToken cancellationToken)
    {
        (_, ReadOnlyMemory<byte> body, _) = await _leaders.AskAsync(
            shard,
            RequestKind.Attempts,
            writer =>
            {
                writer.WriteTxnId(new TxnId(session, sequence, 0));
                writer.WriteBoolean(refuse);
            },
            cancellationToken).ConfigureAwait(false);
        var reader = new ByteReader(body.Span);
        AttemptReport report = CommitCodec.ReadReport(ref reader);
        return reader.Failed ? throw Malformed(shard) : report;
    }

    /// <inheritdoc />
    public async ValueTask<ShardStatus> StatusAsync(ShardId shard, CancellationToken cancellationToken)
    {
        (_, ReadOnlyMemory<byte> body, _) = await _leaders.AskAsync(shard, RequestKind.Status, _ => { }, cancellationToken)
            .ConfigureAwait(false);
        var reader = new ByteReader(body.Span);
        ShardStatus status = CommitCodec.ReadStatus(ref reader);
        return reader.Failed ? throw Malformed(shard) : status;
    }

    /// <inheritdoc />
    public async ValueTask<IReadOnlyList<PreparedTransaction>> InDoubtAsync(
        ShardId shard, CancellationToken cancellationToken)
    {
        (_, ReadOnlyMemory<byte> body, _) = await _leaders.AskAsync(shard, RequestKind.InDoubt, _ => { }, cancellationToken)
            .ConfigureAwait(false);
        var reader = new ByteReader(body.Span);
        List<PreparedTransaction> prepared = CommitCodec.ReadPrepared(ref reader, shard);
        return reader.Failed ? throw Malformed(shard) : prepared;
    }

    /// <inheritdoc />
    public async ValueTask<GroupReply> ChangeAsync(
        ShardId shard, GroupRequest request, CancellationToken cancellationToken)
    {
        (_, ReadOnlyMemory<byte> body, _) = await _leaders.AskAsync(
            shard, RequestKind.Group, writer => GroupCodec.Write(writer, request), cancellationToken).ConfigureAwait(false);
        var reader = new ByteReader(body.Span);
        GroupReply reply = GroupCodec.ReadReply(ref reader);
        return reader.Failed ? throw Malformed(shard) : reply;
    }

    /// <inheritdoc />
    public async ValueTask<MoveReply> MoveAsync(ShardId shard, Command? step, CancellationToken cancellationToken)
    {
        (_, ReadOnlyMemory<byte> body, _) = await _leaders.AskAsync(
            shard, RequestKind.Move, writer => step?.Write(writer), cancellationToken).ConfigureAwait(false);
        var reader = new ByteReader(body.Span);
        MoveReply reply = MoveCodec.ReadReply(ref reader);
        return reader.Failed ? throw Malformed(shard) : reply;
    }

    /// <inheritdoc />
    public async ValueTask<CopyReply> CopyAsync(ShardId shard, CopyRequest request, CancellationToken cancellationToken)
    {
        (_, ReadOnlyMemory<byte> body, _) = await _leaders.AskAsync(
            shard, RequestKind.Copy, writer => MoveCodec.Write(writer, request), cancellationToken).ConfigureAwait(false);
        var reader = new ByteReader(body.Span);
        CopyReply reply = MoveCodec.ReadCopyReply(ref reader);
        return reader.Failed ? throw Malformed(shard) : reply;
    }

    /// <inheritdoc />
    public async ValueTask<SumReply> SumAsync(ShardId shard, SumRequest request, CancellationToken cancellationToken)
    {
        (_, ReadOnlyMemory<byte> body, _) = await _leaders.AskAsync(
            shard, RequestKind.Sum, writer => MoveCodec.Write(writer, request), cancellationToken).ConfigureAwait(false);
        var reader = new ByteReader(body.Span);
        SumReply reply = MoveCodec.ReadSumReply(ref reader);
        return reader.Failed ? throw Malformed(shard) : reply;
    }

    /// <inheritdoc />
    public void ReportOldestSnapshot(HlcTimestamp oldest)
    {
        foreach (NodeConnection node in _nodes.All)
        {
            node.Tell(writer =>
            {
                writer.WriteByte((byte)StorageMessageKind.OldestSnapshot);
                writer.WriteUInt64(_source);
                writer.WriteStamp(oldest);
            });
        }
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _nodes.DisposeAsync();

    private static FragmentReply ReadFragment(ReadOnlyMemory<byte> body)
    {
        var reader = new ByteReader(body.Span);
        FragmentReply reply = FragmentCodec.ReadReply(ref reader);
        return reader.Failed ? throw new GrpcException(GrpcStatusCode.Internal, "a malformed reply") : reply;
    }

    private static Vote ReadVote(ShardId shard, ReadOnlyMemory<byte> body, TimesTaken? times = null)
    {
        var reader = new ByteReader(body.Span);
        Vote vote = Vote.Read(ref reader);
        if (times is not null)
        {
            times.Times = RequestTimes.Read(ref reader);
        }

        return reader.Failed ? throw Malformed(shard) : vote;
    }

    private static OneReply ReadOne(ShardId shard, ReadOnlyMemory<byte> body)
    {
        var reader = new ByteReader(body.Span);
        OneReply reply = CommitCodec.ReadOneReply(ref reader);
        return reader.Failed ? throw Malformed(shard) : reply;
    }

    // What is refused without a log entry may still be run where it was sent before: only an outcome that is asked for
    // says what became of it.
    private static ShardUnavailableException NotDurable(ShardId shard, NodeId node, OneReply reply) => new(
        $"shard {shard} gave no answer at first, and then {node} refused: {reply.Failure?.Message ?? reply.Status.ToString()}")
    {
        MayHaveHappened = true,
    };

    private static GrpcException Malformed(ShardId shard) =>
        new(GrpcStatusCode.Internal, $"the leader of shard {shard} gave a malformed reply");

    private FragmentReply RememberCursor(ShardId shard, NodeId node, FragmentReply reply)
    {
        if (reply.Cursor != 0)
        {
            _cursors[(shard, reply.Cursor)] = node;
        }

        return reply;
    }
}
