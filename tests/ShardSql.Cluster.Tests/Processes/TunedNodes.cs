using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Gateway;
using ShardSql.Gateway.Hosting;
using ShardSql.Primitives;
using ShardSql.Protocol;
using ShardSql.Storage.Client;
using ShardSql.Storage.Files;
using ShardSql.Storage.Hosting;
using ShardSql.Storage.Nodes;

namespace ShardSql.Cluster.Tests.Processes;

/// <summary>
/// Three nodes in the test's own process, with bounds of the test's choice, that can be looked into. Everything else is
/// as in <see cref="StorageCluster"/>.
/// </summary>
internal sealed class TunedNodes : IStorageCluster, IStorageFactory, INodeDirectory
{
    private const int Count = 3;
    private const int LogSegmentBytes = 1 << 20;
    private static readonly TimeSpan s_leaderTimeout = TimeSpan.FromSeconds(120);

    private readonly string _folder = Directory.CreateTempSubdirectory("cluster-tests-").FullName;
    private readonly Func<NodeOptions, NodeOptions> _tune;
    private readonly ClusterLayout _layout;
    private readonly ShardClient _client;
    private readonly SortedDictionary<NodeId, StorageNode> _running = [];
    private readonly TaskCompletionSource<Exception> _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly Lock _gate = new();
    private readonly bool _losesUnsynced;

    public TunedNodes(int shards, Func<NodeOptions, NodeOptions> tune, bool losesUnsynced = false)
    {
        ClockOf = _ => TimeProvider.System;
        _tune = tune;
        _losesUnsynced = losesUnsynced;
        string run = Guid.NewGuid().ToString("N");
        var nodes = new List<NodeAddress>();
        for (uint i = 1; i <= Count; i++)
        {
            nodes.Add(new NodeAddress(new NodeId(i), $"{GrpcAddress.InProcessPrefix}tuned{i}-{run}"));
        }

        _layout = ClusterLayout.Create(Guid.NewGuid(), nodes, shards, Count);
        _client = new ShardClient(_layout, 1, s_leaderTimeout, TimeProvider.System);
    }

    /// <summary>The wall clock of each node that is started.</summary>
    public Func<NodeId, TimeProvider> ClockOf { get; init; }

    /// <inheritdoc />
    public IShardClient Client => _client;

    /// <inheritdoc />
    INodeDirectory IStorageCluster.Nodes => this;

    /// <inheritdoc />
    IReadOnlyList<NodeEntry> INodeDirectory.Nodes =>
        [.. _layout.Nodes.Select(node => new NodeEntry(node.Id, node.Address, "node", true, "sqlite", 0))];

    /// <inheritdoc />
    IReadOnlyList<ShardEntry> INodeDirectory.Shards =>
        [.. _layout.Shards.Select(shard => new ShardEntry(shard.Shard, _client.LeaderOf(shard.Shard), shard.Members))];

    /// <inheritdoc />
    public Guid ClusterId => _layout.ClusterId;

    /// <inheritdoc />
    public IReadOnlyList<ShardId> DataShards =>
        [.. _layout.Shards.Select(placement => placement.Shard).Where(shard => shard != ShardId.System)];

    /// <inheritdoc />
    public INodeEndpoint? Node => null;

    /// <inheritdoc />
    public IReadOnlyList<string> Notices => [];

    public Task<Exception> Failed => _failed.Task;

    /// <inheritdoc />
    public ClusterLayout Layout => _layout;

    /// <inheritdoc />
    public Task<IReadOnlyList<NodeId>> AdoptAsync(ClusterLayout layout, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    /// <summary>All nodes, also those that do not run.</summary>
    public IReadOnlyList<NodeId> All => [.. _layout.Nodes.Select(node => node.Id)];

    /// <summary>A node that runs.</summary>
    public StorageNode Running(NodeId node)
    {
        lock (_gate)
        {
            return _running[node];
        }
    }

    /// <summary>Flushes begun and snapshots installed by all replicas since their nodes were started.</summary>
    public async Task<(long Flushes, long Installed)> CountersAsync()
    {
        long flushes = 0;
        long installed = 0;
        foreach (NodeId node in All)
        {
            (long Flushes, long Installed) here = await Running(node).InspectAsync(core => (
                core.Replicas.Values.Sum(replica => replica.Flushes),
                core.Replicas.Values.Sum(replica => replica.SnapshotsInstalled)));
            flushes += here.Flushes;
            installed += here.Installed;
        }

        return (flushes, installed);
    }

    /// <summary>Who leads a shard.</summary>
    public NodeId LeaderOf(ShardId shard) => _client.LeaderOf(shard);

    /// <summary>Starts a node from its folder.</summary>
    public async Task StartNodeAsync(NodeId id, CancellationToken cancellationToken = default)
    {
        UseFaults();
        StorageNode node = await StorageNode.StartAsync(
            new StorageNodeOptions
            {
                Self = id,
                Layout = _layout,
                Folder = Path.Combine(_folder, id.ToString()),
                OnFailure = (_, exception) => _failed.TrySetResult(exception),
                Tune = _tune,
                Clock = ClockOf(id),
                LogSegmentBytes = LogSegmentBytes,
            },
            cancellationToken);
        lock (_gate)
        {
            _running.Add(id, node);
        }

        InProcessEndpoints.Register(EndpointOf(id), new GrpcServices().AddNode(node));
    }

    /// <summary>Ends a node as SIGKILL would.</summary>
    public async Task KillNodeAsync(NodeId id)
    {
        StorageNode? node;
        lock (_gate)
        {
            _running.Remove(id, out node);
        }

        InProcessEndpoints.Unregister(EndpointOf(id));
        await node!.KillAsync();
        await node.DisposeAsync();
    }

    /// <inheritdoc />
    public async Task<IStorageCluster> StartEmbeddedAsync(
        EmbeddedClusterOptions options, CancellationToken cancellationToken)
    {
        foreach (NodeAddress node in _layout.Nodes)
        {
            await StartNodeAsync(node.Id, cancellationToken);
        }

        return this;
    }

    /// <inheritdoc />
    public Task InitializeAsync(InitOptions options, CancellationToken cancellationToken) =>
        throw new NotSupportedException("these nodes are embedded");

    /// <inheritdoc />
    public Task<IStorageCluster> StartServedAsync(ServeOptions options, CancellationToken cancellationToken) =>
        throw new NotSupportedException("these nodes are embedded");

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        foreach ((NodeId id, StorageNode node) in _running)
        {
            InProcessEndpoints.Unregister(EndpointOf(id));
            await node.DisposeAsync();
        }

        _running.Clear();
        Environment.SetEnvironmentVariable(FileSystems.FaultVariable, null);
        Environment.SetEnvironmentVariable(FileSystems.TestVariable, null);
        Directory.Delete(_folder, recursive: true);
    }

    // Read by each node as it starts; no other test runs beside this one.
    private void UseFaults()
    {
        if (_losesUnsynced)
        {
            Environment.SetEnvironmentVariable(FileSystems.TestVariable, "1");
            Environment.SetEnvironmentVariable(FileSystems.FaultVariable, "lazy");
        }
    }

    private string EndpointOf(NodeId id) =>
        _layout.Nodes.Single(node => node.Id == id).Address[GrpcAddress.InProcessPrefix.Length..];
}
