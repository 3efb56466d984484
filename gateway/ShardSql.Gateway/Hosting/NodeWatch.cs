using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Primitives;
using ShardSql.Storage.Client;
using ShardSql.Storage.Nodes;

namespace ShardSql.Gateway.Hosting;

/// <summary>Asks every node about once a second whether it answers, for SHOW NODES.</summary>
internal sealed class NodeWatch : INodeDirectory, IAsyncDisposable
{
    private static readonly TimeSpan s_every = TimeSpan.FromSeconds(1);

    private readonly ShardClient _client;
    private readonly ClusterLayout _layout;
    private readonly string _store;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Dictionary<NodeId, (bool Answers, long At)> _seen = [];
    private readonly Lock _gate = new();
    private readonly long _started;
    private readonly Task _watching;

    public NodeWatch(ShardClient client, ClusterLayout layout, string store, TimeProvider time)
    {
        _client = client;
        _layout = layout;
        _store = store;
        _time = time;
        _started = time.GetTimestamp();
        _watching = Task.Run(WatchAsync);
    }

    public IReadOnlyList<NodeEntry> Nodes
    {
        get
        {
            var entries = new List<NodeEntry>();
            lock (_gate)
            {
                foreach (NodeAddress node in _layout.Nodes)
                {
                    (bool answers, long at) = _seen.GetValueOrDefault(node.Id, (false, _started));
                    long ms = (long)_time.GetElapsedTime(at).TotalMilliseconds;
                    entries.Add(new NodeEntry(node.Id, node.Address, "node", answers, _store, ms));
                }
            }

            return entries;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _watching;
        _stopping.Dispose();
    }

    private async Task WatchAsync()
    {
        try
        {
            while (true)
            {
                foreach (NodeAddress node in _layout.Nodes)
                {
                    await LookAsync(node.Id);
                }

                await Task.Delay(s_every, _time, _stopping.Token);
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The process stops.
            return;
        }
    }

    private async Task LookAsync(NodeId node)
    {
        bool answers = await _client.ProbeAsync(node, s_every, _stopping.Token);
        lock (_gate)
        {
            (_, long before) = _seen.GetValueOrDefault(node, (false, _started));
            _seen[node] = (answers, answers ? _time.GetTimestamp() : before);
        }
    }
}
