using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using Microsoft.Extensions.Logging;

using ShardSql.Primitives;
using ShardSql.Protocol;
using ShardSql.Storage.Client;
using ShardSql.Storage.Nodes;

namespace ShardSql.Gateway.Hosting;

/// <summary>Asks every node about once a second whether it answers, and the shards who leads them, so that SHOW does not
/// have to.</summary>
internal sealed class NodeWatch : INodeDirectory, IAsyncDisposable
{
    private static readonly TimeSpan s_every = TimeSpan.FromSeconds(1);

    private readonly ShardClient _client;
    private readonly string _store;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Dictionary<NodeId, (bool Answers, long At)> _seen = [];
    private readonly Lock _gate = new();
    private readonly long _started;
    private readonly Task _watching;

    /// <summary>Watches the nodes of the client's newest layout.</summary>
    /// <param name="client">The way to them.</param>
    /// <param name="store">The kind of their base stores.</param>
    /// <param name="spread">What else is to be done once in a while.</param>
    /// <param name="time">Clock of the pauses.</param>
    /// <param name="logger">Where it is told that something failed.</param>
    public NodeWatch(
        ShardClient client, string store, Func<CancellationToken, Task> spread, TimeProvider time, ILogger logger)
    {
        _client = client;
        _store = store;
        _time = time;
        _logger = logger;
        _started = time.GetTimestamp();
        _watching = Task.WhenAll(
            Task.Run(() => WatchAsync(
                "who answers", () => Task.WhenAll(client.Layout.Nodes.Select(node => LookAsync(node.Id))))),
            Task.Run(() => WatchAsync(
                "who leads", () => Task.WhenAll(client.Layout.Shards.Select(at => FindLeaderAsync(at.Shard))))),
            Task.Run(() => WatchAsync("layouts", () => spread(_stopping.Token))));
    }

    public IReadOnlyList<NodeEntry> Nodes
    {
        get
        {
            var entries = new List<NodeEntry>();
            lock (_gate)
            {
                foreach (NodeAddress node in _client.Layout.Nodes)
                {
                    (bool answers, long at) = _seen.GetValueOrDefault(node.Id, (false, _started));
                    long ms = (long)_time.GetElapsedTime(at).TotalMilliseconds;
                    entries.Add(new NodeEntry(node.Id, node.Address, "node", answers, _store, ms));
                }
            }

            return entries;
        }
    }

    public IReadOnlyList<ShardEntry> Shards
    {
        get
        {
            var entries = new List<ShardEntry>();
            foreach (ShardPlacement placement in _client.Layout.Shards)
            {
                entries.Add(new ShardEntry(placement.Shard, _client.LeaderOf(placement.Shard), placement.Members));
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

    /// <summary>Looks again and again, until the process stops. What fails is logged when it begins to, and not again
    /// each second while it stays the same.</summary>
    private async Task WatchAsync(string subject, Func<Task> look)
    {
        string? reason = null;
        try
        {
            while (true)
            {
                Exception? failure = await TryAsync(look);
                if (failure is not null && failure.Message != reason)
                {
                    Log.WatchFailed(_logger, failure, subject);
                }

                reason = failure?.Message;
                await Task.Delay(s_every, _time, _stopping.Token);
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The process stops.
            return;
        }
    }

    private async Task<Exception?> TryAsync(Func<Task> look)
    {
        try
        {
            await look();
            return null;
        }
        catch (Exception failure) when (!_stopping.IsCancellationRequested)
        {
            return failure;
        }
    }

    /// <summary>The client remembers who answered.</summary>
    private async Task FindLeaderAsync(ShardId shard)
    {
        using var limit = new CancellationTokenSource(s_every, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _stopping.Token);
        try
        {
            await _client.StatusAsync(shard, either.Token);
        }
        catch (ShardUnavailableException)
        {
            // Nobody leads it now; the next look may find who does.
            return;
        }
        catch (GrpcException)
        {
            return;
        }
        catch (OperationCanceledException) when (!_stopping.IsCancellationRequested)
        {
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
