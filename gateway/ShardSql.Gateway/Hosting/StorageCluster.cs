using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using Microsoft.Extensions.Logging;

using ShardSql.Primitives;
using ShardSql.Protocol;
using ShardSql.Storage.Client;
using ShardSql.Storage.Hosting;
using ShardSql.Storage.Nodes;
using ShardSql.Storage.Wal;

namespace ShardSql.Gateway.Hosting;

/// <summary>
/// The storage side of a process: the nodes that run here, if any, and a client that reaches the leaders of all shards.
/// Nodes of one process speak to each other through in-process channels, with the same frames as over a socket.
/// </summary>
public sealed class StorageCluster : IStorageCluster
{
    private static readonly TimeSpan s_leaderTimeout = TimeSpan.FromSeconds(15);

    // Addresses of in-process nodes are of this run: another copy of the same folder in the same process must not be
    // reached by them.
    private readonly string _run = Guid.NewGuid().ToString("N");
    private readonly SemaphoreSlim _changing = new(1);
    private readonly NodeSetup? _setup;
    private readonly LayoutSpread _spread;
    private readonly ShardClient _client;
    private readonly NodeWatch _watch;
    private readonly ConcurrentDictionary<NodeId, StorageNode> _running = [];
    private readonly TaskCompletionSource<Exception> _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<string> _notices = [];
    private readonly string? _temporary;
    private volatile ClusterLayout _layout;

    private StorageCluster(ClusterLayout layout, NodeSetup? setup, string? temporary, ILogger logger)
    {
        _layout = layout;
        _setup = setup;
        _temporary = temporary;
        ulong reporter = BitConverter.ToUInt64(Guid.NewGuid().ToByteArray());
        _client = new ShardClient(OfThisRun(layout), reporter, s_leaderTimeout, TimeProvider.System);
        _spread = new LayoutSpread(_client);
        _watch = new NodeWatch(_client, setup?.Store ?? "", SpreadAsync, TimeProvider.System, logger);
    }

    /// <inheritdoc />
    public IShardClient Client => _client;

    /// <inheritdoc />
    public INodeDirectory Nodes => _watch;

    /// <inheritdoc />
    public Guid ClusterId => _layout.ClusterId;

    /// <inheritdoc />
    public ClusterLayout Layout => _layout;

    /// <inheritdoc />
    public IReadOnlyList<ShardId> DataShards
    {
        get
        {
            var shards = new List<ShardId>();
            foreach (ShardPlacement placement in _layout.Shards)
            {
                if (placement.Shard != ShardId.System)
                {
                    shards.Add(placement.Shard);
                }
            }

            return shards;
        }
    }

    /// <inheritdoc />
    public INodeEndpoint? Node => _setup is { InProcess: false } && _running.Count == 1 ? Only(_running.Values) : null;

    /// <inheritdoc />
    public IReadOnlyList<string> Notices => _notices;

    /// <inheritdoc />
    public Task<Exception> Failed => _failed.Task;

    /// <summary>All nodes of a new or existing cluster, in this process.</summary>
    public static async Task<StorageCluster> StartEmbeddedAsync(
        EmbeddedClusterOptions options, ILogger logger, CancellationToken cancellationToken)
    {
        string? temporary = options.Folder is null
            ? Directory.CreateTempSubdirectory("shardsql-").FullName
            : null;
        string folder = options.Folder ?? temporary!;
        ClusterLayout layout = ClusterFile.Read(folder) ?? Create(folder, options);
        var setup = new NodeSetup(folder, options.Store, options.History, InProcess: true);
        var cluster = new StorageCluster(layout, setup, temporary, logger);
        return await cluster.StartNodesAsync(layout.Nodes, cancellationToken);
    }

    /// <summary>A node of a cluster of several processes.</summary>
    public static async Task<StorageCluster> StartNodeAsync(
        ClusterLayout layout, NodeId node, ServeOptions options, ILogger logger, CancellationToken cancellationToken)
    {
        var setup = new NodeSetup(options.Data, options.Store, options.History, InProcess: false);
        var cluster = new StorageCluster(layout, setup, null, logger);
        foreach (NodeAddress address in layout.Nodes)
        {
            if (address.Id == node)
            {
                return await cluster.StartNodesAsync([address], cancellationToken);
            }
        }

        await cluster.DisposeAsync();
        throw new ArgumentException(string.Create(
            CultureInfo.InvariantCulture, $"the cluster has {layout.Nodes.Count} nodes, none with number {node.Value}"));
    }

    /// <summary>No node here: a way to the cluster's shards.</summary>
    public static StorageCluster Connect(ClusterLayout layout, ILogger logger) => new(layout, null, null, logger);

    /// <inheritdoc />
    public async Task<IReadOnlyList<NodeId>> AdoptAsync(ClusterLayout layout, CancellationToken cancellationToken)
    {
        ClusterLayout before = _layout;
        if (layout.ClusterId != before.ClusterId)
        {
            throw new ArgumentException($"a layout of cluster {layout.ClusterId}, this is {before.ClusterId}");
        }

        await TakeAsync(layout, cancellationToken);
        List<NodeId> here = [.. _running.Keys];
        IReadOnlyList<NodeId> there = _setup is { InProcess: true }
            ? []
            : await LayoutSpread.BringAsync(
                layout, before.Nodes.Union(layout.Nodes).Where(node => !here.Contains(node.Id)), cancellationToken);
        return [.. here, .. there];
    }

    /// <summary>Who leads a shard, as far as this process knows; node 0: nobody.</summary>
    public NodeId LeaderOf(ShardId shard) => _client.LeaderOf(shard);

    /// <summary>
    /// Ends a node of this process as SIGKILL would: its threads stop where they are, nothing is flushed or told.
    /// </summary>
    public async Task KillNodeAsync(NodeId node)
    {
        if (_running.TryRemove(node, out StorageNode? running))
        {
            InProcessEndpoints.Unregister(EndpointOf(node));
            await running.KillAsync();
            await running.DisposeAsync();
        }
    }

    /// <summary>Starts a node of this process again, from its folder.</summary>
    public Task StartNodeAsync(NodeId node, CancellationToken cancellationToken) =>
        RunNodeAsync(_setup ?? throw new InvalidOperationException("no node runs in this process"), node, cancellationToken);

    /// <summary>A node that runs here.</summary>
    public StorageNode RunningNode(NodeId node) => _running[node];

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _watch.DisposeAsync();
        await _client.DisposeAsync();
        foreach ((NodeId id, StorageNode node) in _running)
        {
            if (_setup is { InProcess: true })
            {
                InProcessEndpoints.Unregister(EndpointOf(id));
            }

            await node.DisposeAsync();
        }

        _running.Clear();
        _changing.Dispose();
        if (_temporary is not null)
        {
            Directory.Delete(_temporary, recursive: true);
        }
    }

    private static ClusterLayout Create(string folder, EmbeddedClusterOptions options)
    {
        var nodes = new List<NodeAddress>();
        for (uint i = 1; i <= options.Nodes; i++)
        {
            nodes.Add(new NodeAddress(new NodeId(i), "inproc"));
        }

        int replicas = options.Replicas > 0 ? options.Replicas : int.Min(options.Nodes, 3);
        ClusterLayout layout = ClusterLayout.Create(Guid.NewGuid(), nodes, options.Shards, replicas);
        ClusterFile.Create(folder, layout);
        return layout;
    }

    private static T Only<T>(IEnumerable<T> values)
    {
        foreach (T value in values)
        {
            return value;
        }

        throw new InvalidOperationException("there is none");
    }

    private string EndpointOf(NodeId node) => $"{node}-{_run}";

    private ClusterLayout OfThisRun(ClusterLayout layout) => _setup is { InProcess: true }
        ? layout with
        {
            Nodes = [.. layout.Nodes.Select(
                node => node with { Address = GrpcAddress.InProcessPrefix + EndpointOf(node.Id) })],
        }
        : layout;

    // The node of this process makes a layout durable before anybody here counts on it.
    private async Task TakeAsync(ClusterLayout layout, CancellationToken cancellationToken)
    {
        await _changing.WaitAsync(cancellationToken);
        try
        {
            if (layout.Version <= _layout.Version)
            {
                return;
            }

            if (_setup is { InProcess: true } setup)
            {
                await TakeInProcessAsync(setup, layout, cancellationToken);
            }
            else if (_running.IsEmpty)
            {
                OnLayout(layout);
            }
            else
            {
                await Only(_running.Values).AdoptAsync(layout.ToDescription(), cancellationToken);
            }
        }
        finally
        {
            _changing.Release();
        }
    }

    private async Task TakeInProcessAsync(NodeSetup setup, ClusterLayout layout, CancellationToken cancellationToken)
    {
        IReadOnlyList<NodeAddress> before = _layout.Nodes;
        ClusterFile.Replace(setup.Folder, layout);
        OnLayout(layout);
        foreach (NodeAddress node in layout.Nodes.Except(before))
        {
            await RunNodeAsync(setup, node.Id, cancellationToken);
        }

        foreach (StorageNode node in _running.Values.ToArray())
        {
            await node.AdoptAsync(OfThisRun(layout).ToDescription(), cancellationToken);
        }

        foreach (NodeAddress node in before.Except(layout.Nodes))
        {
            await KillNodeAsync(node.Id);
        }
    }

    private void OnLayout(ClusterLayout layout)
    {
        _layout = layout;
        _client.Adopt(OfThisRun(layout));
    }

    private async Task SpreadAsync(CancellationToken cancellationToken)
    {
        if (_setup is { InProcess: true })
        {
            return;
        }

        await Task.WhenAll(_layout.Nodes.Where(node => !_running.ContainsKey(node.Id)).Select(async node =>
        {
            if (await _spread.ExchangeAsync(node, cancellationToken) is { } newer)
            {
                await TakeAsync(newer, cancellationToken);
            }
        }));
    }

    private async Task<StorageCluster> StartNodesAsync(
        IReadOnlyList<NodeAddress> nodes, CancellationToken cancellationToken)
    {
        try
        {
            foreach (NodeAddress node in nodes)
            {
                await RunNodeAsync(_setup!, node.Id, cancellationToken);
            }

            return this;
        }
        catch
        {
            await DisposeAsync();
            throw;
        }
    }

    private async Task RunNodeAsync(NodeSetup setup, NodeId id, CancellationToken cancellationToken)
    {
        string folder = setup.InProcess ? Path.Combine(setup.Folder, id.ToString()) : setup.Folder;
        StorageNode node = await StorageNode.StartAsync(
            new StorageNodeOptions
            {
                Self = id,
                Layout = OfThisRun(_layout),
                KeepLayout = setup.InProcess ? null : layout => ClusterFile.Replace(setup.Folder, layout),
                OnLayout = setup.InProcess ? null : OnLayout,
                Folder = folder,
                Store = setup.Store,
                History = setup.History,
                OnFailure = (_, exception) => _failed.TrySetResult(exception),
                LogSegmentBytes = setup.InProcess ? EmbeddedLogSegmentBytes : ServedLogSegmentBytes,
            },
            cancellationToken);
        _running[id] = node;
        _notices.AddRange(node.Notices.Select(notice => $"{id}: {notice}"));
        if (setup.InProcess)
        {
            InProcessEndpoints.Register(EndpointOf(id), new GrpcServices().AddNode(node));
        }
    }

    // Preallocating a segment takes time at the first start, so a cluster for development uses small ones.
    private const int EmbeddedLogSegmentBytes = 8 << 20;
    private const int ServedLogSegmentBytes = 64 << 20;

    private sealed record NodeSetup(string Folder, string Store, TimeSpan History, bool InProcess);
}
