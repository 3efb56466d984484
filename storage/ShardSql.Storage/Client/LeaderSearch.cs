using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Globalization;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Primitives;
using ShardSql.Protocol;
using ShardSql.Storage.Messages;
using ShardSql.Storage.Nodes;

namespace ShardSql.Storage.Client;

/// <summary>Brings requests to whoever leads a shard: asks around, follows hints, and waits for as long as a leader says
/// that it is at work.</summary>
internal sealed class LeaderSearch(ClusterNodes nodes, TimeSpan timeout, TimeProvider time)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_pauseMin = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan s_pauseMax = TimeSpan.FromMilliseconds(50);

    private readonly ConcurrentDictionary<ShardId, NodeId> _leaders = new();

    /// <summary>Who leads a shard, as far as is known.</summary>
    public NodeId LeaderOf(ShardId shard) => _leaders.GetValueOrDefault(shard);

    /// <summary>Writes a request: shard, kind, body.</summary>
    public static Action<ByteWriter> Encode(ShardId shard, RequestKind kind, Action<ByteWriter> body) => writer =>
    {
        writer.WriteVarint(shard.Value);
        writer.WriteByte((byte)kind);
        body(writer);
    };

    /// <summary>Asks the leader of a shard, whoever that is, again and again; says too whether an earlier sending got no
    /// answer and may still be run.</summary>
    public async Task<(NodeId Node, ReadOnlyMemory<byte> Body, bool WasSent)> AskAsync(
        ShardId shard, RequestKind kind, Action<ByteWriter> body, CancellationToken cancellationToken)
    {
        Action<ByteWriter> encode = Encode(shard, kind, body);
        long started = time.GetTimestamp();
        TimeSpan pause = s_pauseMin;
        string last = "no leader is known";
        bool sent = false;
        for (int attempt = 0; time.GetElapsedTime(started) < timeout; attempt++)
        {
            (NodeId node, NodeConnection connection) = Choose(shard, attempt);
            try
            {
                NodeAnswer answer = await AskOnceAsync(shard, connection, encode, cancellationToken).ConfigureAwait(false);
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

            await Task.Delay(pause, time, cancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (cancellationToken.IsCancellationRequested)
            {
                break;
            }

            pause = pause * 2 < s_pauseMax ? pause * 2 : s_pauseMax;
        }

        throw Unavailable(shard, started, last, sent);
    }

    // Who is said to lead may have left the cluster since; a layout may come while a request waits.
    private (NodeId Node, NodeConnection Connection) Choose(ShardId shard, int attempt)
    {
        if (_leaders.TryGetValue(shard, out NodeId known) && nodes.Find(known) is { } leader)
        {
            return (known, leader);
        }

        IReadOnlyList<NodeId> members = nodes.Layout.MembersOf(shard);
        for (int i = 0; i < members.Count; i++)
        {
            NodeId member = members[(attempt + i) % members.Count];
            if (nodes.Find(member) is { } connection)
            {
                return (member, connection);
            }
        }

        throw new ShardUnavailableException($"there is no shard {shard}");
    }

    private ShardUnavailableException Unavailable(ShardId shard, long started, string last, bool mayHaveHappened) => new(
        string.Create(
            CultureInfo.InvariantCulture,
            $"shard {shard} has no leader that answered within {time.GetElapsedTime(started).TotalSeconds:0.#} s: {last}"))
    {
        MayHaveHappened = mayHaveHappened,
    };

    // A node may be long at work, or hang: only one that still says that it leads the shard is waited for.
    private async Task<NodeAnswer> AskOnceAsync(
        ShardId shard, NodeConnection node, Action<ByteWriter> encode, CancellationToken cancellationToken)
    {
        using var abandon = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<NodeAnswer> asked = node.AskAsync(encode, abandon.Token);
        while (true)
        {
            try
            {
                return await asked.WaitAsync(s_patience, time, cancellationToken).ConfigureAwait(false);
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

    private static async Task<bool> StillLeadsAsync(
        ShardId shard, NodeConnection node, CancellationToken cancellationToken)
    {
        using var probe = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        probe.CancelAfter(s_patience);
        try
        {
            NodeAnswer answer = await node
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
