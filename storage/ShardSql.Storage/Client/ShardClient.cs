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
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_pauseMin = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan s_pauseMax = TimeSpan.FromMilliseconds(50);

    private readonly ClusterLayout _layout;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _time;
    private readonly ulong _source;
    private readonly Dictionary<NodeId, NodeConnection> _nodes = [];
    private readonly ConcurrentDictionary<ShardId, NodeId> _leaders = new();
    private readonly ConcurrentDictionary<(ShardId Shard, ulong Cursor), NodeId> _cursors = new();

    /// <summary>A client of a cluster.</summary>
    /// <param name="layout">Nodes and shards.</param>
    /// <param name="source">Tells this gateway from others in what it reports; unique, means nothing else.</param>
    /// <param name="timeout">How long a request may look for a leader.</param>
    /// <param name="time">Clock of the pauses.</param>
    public ShardClient(ClusterLayout layout, ulong source, TimeSpan timeout, TimeProvider time)
    {
        _layout = layout;
        _source = source;
        _timeout = timeout;
        _time = time;
        var hello = new PeerHello
        {
            ProtocolMin = StorageNode.ProtocolVersion,
            ProtocolMax = StorageNode.ProtocolVersion,
            ClusterId = ByteString.CopyFrom(layout.ClusterId.ToByteArray()),
            GatewaySource = source,
        };
        foreach (NodeAddress node in layout.Nodes)
        {
            var options = new GrpcClientOptions { MaxMessageBytes = StorageNode.FrameBytesMax };
            _nodes.Add(node.Id, new NodeConnection(new NodeClient(node.Address, options), hello));
        }
    }

    /// <summary>Whether a node answers at all.</summary>
    public async Task<bool> ProbeAsync(NodeId node, TimeSpan patience, CancellationToken cancellationToken)
    {
        using var probe = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        probe.CancelAfter(patience);
        try
        {
            await _nodes[node].AskAsync(Encode(ShardId.System, RequestKind.Status, _ => { }), probe.Token)
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
    public NodeId LeaderOf(ShardId shard) => _leaders.GetValueOrDefault(shard);

    /// <inheritdoc />
    public async ValueTask<FragmentReply> RunFragmentAsync(
        ShardId shard, FragmentRequest request, CancellationToken cancellationToken)
    {
        (NodeId node, ReadOnlyMemory<byte> body, _) = await AskAsync(
            shard, RequestKind.Fragment, writer => FragmentCodec.Write(writer, request), cancellationToken)
            .ConfigureAwait(false);
        return RememberCursor(shard, node, ReadFragment(body));
    }

    /// <inheritdoc />
    public async ValueTask<FragmentReply> ContinueAsync(ShardId shard, ulong cursor, CancellationToken cancellationToken)
    {
        if (!_cursors.TryRemove((shard, cursor), out NodeId node))
        {
            return new FragmentReply { Status = ReplyStatus.NoCursor };
        }

        try
        {
            NodeAnswer answer = await _nodes[node].AskAsync(
                Encode(shard, RequestKind.Continue, writer => writer.WriteVarint(cursor)), cancellationToken)
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
            _nodes[node].Tell(writer =>
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
        (NodeId node, ReadOnlyMemory<byte> body, bool mayRunYet) = await AskAsync(
            shard, RequestKind.One, writer => CommitCodec.Write(writer, request), cancellationToken)
            .ConfigureAwait(false);
        OneReply reply = ReadOne(shard, body);
        return reply.Status == ReplyStatus.Ok || !mayRunYet ? reply : throw NotDurable(shard, node, reply);
    }

    /// <inheritdoc />
    public async ValueTask<Vote> PrepareAsync(
        ShardId shard, PrepareRequest request, CancellationToken cancellationToken)
    {
        (_, ReadOnlyMemory<byte> body, _) = await AskAsync(
            shard, RequestKind.Prepare, writer => CommitCodec.Write(writer, request), cancellationToken)
            .ConfigureAwait(false);
        return ReadVote(shard, body);
    }

    /// <inheritdoc />
    public async ValueTask<Vote> QueryAsync(ShardId shard, QueryRequest request, CancellationToken cancellationToken)
    {
        (_, ReadOnlyMemory<byte> body, _) = await AskAsync(
            shard, RequestKind.Query, writer => CommitCodec.Write(writer, request), cancellationToken)
            .ConfigureAwait(false);
        return ReadVote(shard, body);
    }

    /// <inheritdoc />
    public void Decide(ShardId shard, DecideNotice notice)
    {
        NodeId leader = LeaderOf(shard);
        if (leader == default)
        {
            IReadOnlyList<NodeId> members = _layout.MembersOf(shard);
            leader = members[0];
        }

        _nodes[leader].Tell(writer =>
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
        (_, ReadOnlyMemory<byte> body, _) = await AskAsync(
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
        (_, ReadOnlyMemory<byte> body, _) = await AskAsync(shard, RequestKind.Status, _ => { }, cancellationToken)
            .ConfigureAwait(false);
        var reader = new ByteReader(body.Span);
        ShardStatus status = CommitCodec.ReadStatus(ref reader);
        return reader.Failed ? throw Malformed(shard) : status;
    }

    /// <inheritdoc />
    public void ReportOldestSnapshot(HlcTimestamp oldest)
    {
        foreach (NodeConnection node in _nodes.Values)
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
    public async ValueTask DisposeAsync()
    {
        foreach (NodeConnection node in _nodes.Values)
        {
            await node.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static Action<ByteWriter> Encode(ShardId shard, RequestKind kind, Action<ByteWriter> body) => writer =>
    {
        writer.WriteVarint(shard.Value);
        writer.WriteByte((byte)kind);
        body(writer);
    };

    private static FragmentReply ReadFragment(ReadOnlyMemory<byte> body)
    {
        var reader = new ByteReader(body.Span);
        FragmentReply reply = FragmentCodec.ReadReply(ref reader);
        return reader.Failed ? throw new GrpcException(GrpcStatusCode.Internal, "a malformed reply") : reply;
    }

    private static Vote ReadVote(ShardId shard, ReadOnlyMemory<byte> body)
    {
        var reader = new ByteReader(body.Span);
        Vote vote = Vote.Read(ref reader);
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

    /// <summary>Asks the leader of a shard, whoever that is, again and again; says too whether an earlier sending got no
    /// answer and may still be run.</summary>
    private async Task<(NodeId Node, ReadOnlyMemory<byte> Body, bool WasSent)> AskAsync(
        ShardId shard, RequestKind kind, Action<ByteWriter> body, CancellationToken cancellationToken)
    {
        IReadOnlyList<NodeId> members = _layout.MembersOf(shard);
        if (members.Count == 0)
        {
            throw new ShardUnavailableException($"there is no shard {shard}");
        }

        Action<ByteWriter> encode = Encode(shard, kind, body);
        long started = _time.GetTimestamp();
        TimeSpan pause = s_pauseMin;
        string last = "no leader is known";
        bool sent = false;
        for (int attempt = 0; _time.GetElapsedTime(started) < _timeout; attempt++)
        {
            NodeId node = _leaders.TryGetValue(shard, out NodeId known) ? known : members[attempt % members.Count];
            try
            {
                NodeAnswer answer = await AskOnceAsync(shard, node, encode, cancellationToken).ConfigureAwait(false);
                if (answer.IsLeader)
                {
                    _leaders[shard] = node;
                    return (node, answer.Body, sent);
                }

                last = $"{node} does not lead it";
                bool moved = answer.LeaderHint != default && answer.LeaderHint != node;
                if (moved)
                {
                    _leaders[shard] = answer.LeaderHint;
                }
                else
                {
                    _leaders.TryRemove(new KeyValuePair<ShardId, NodeId>(shard, node));
                }

                sent |= answer.WasBegun;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested && attempt > 0)
            {
                // Whoever gives up now was kept waiting by the shard: that is what the caller has to know.
                throw Unavailable(shard, started, last, mayHaveHappened: true);
            }
            catch (GrpcException exception)
            {
                last = $"{node}: {exception.Message}";
                sent |= exception.StatusCode != GrpcStatusCode.Unavailable;
                _leaders.TryRemove(new KeyValuePair<ShardId, NodeId>(shard, node));
            }
            catch (TimeoutException)
            {
                last = $"{node} does not answer";
                sent = true;
                _leaders.TryRemove(new KeyValuePair<ShardId, NodeId>(shard, node));
            }

            await Task.Delay(pause, _time, cancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (cancellationToken.IsCancellationRequested)
            {
                break;
            }

            pause = pause * 2 < s_pauseMax ? pause * 2 : s_pauseMax;
        }

        throw Unavailable(shard, started, last, sent);
    }

    private ShardUnavailableException Unavailable(ShardId shard, long started, string last, bool mayHaveHappened) => new(
        string.Create(
            CultureInfo.InvariantCulture,
            $"shard {shard} has no leader that answered within {_time.GetElapsedTime(started).TotalSeconds:0.#} s: {last}"))
    {
        MayHaveHappened = mayHaveHappened,
    };

    // A node may be long at work, or hang: only one that still says that it leads the shard is waited for.
    private async Task<NodeAnswer> AskOnceAsync(
        ShardId shard, NodeId node, Action<ByteWriter> encode, CancellationToken cancellationToken)
    {
        using var abandon = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<NodeAnswer> asked = _nodes[node].AskAsync(encode, abandon.Token);
        while (true)
        {
            try
            {
                return await asked.WaitAsync(s_patience, _time, cancellationToken).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                if (!await StillLeadsAsync(shard, node, abandon.Token).ConfigureAwait(false))
                {
                    await abandon.CancelAsync().ConfigureAwait(false);
                    await ((Task)asked).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                    throw;
                }
            }
        }
    }

    private async Task<bool> StillLeadsAsync(ShardId shard, NodeId node, CancellationToken cancellationToken)
    {
        using var probe = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        probe.CancelAfter(s_patience);
        try
        {
            NodeAnswer answer = await _nodes[node]
                .AskAsync(Encode(shard, RequestKind.Status, _ => { }), probe.Token).ConfigureAwait(false);
            return answer.IsLeader;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
        catch (GrpcException)
        {
            return false;
        }
    }
}
