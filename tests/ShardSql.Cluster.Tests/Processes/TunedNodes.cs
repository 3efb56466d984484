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
    private static readonly TimeSpan s_leaderTimeout = TimeSpan.FromSeconds(15);

    private readonly string _folder = Directory.CreateTempSubdirectory("cluster-tests-").FullName;
    private readonly Func<NodeOptions, NodeOptions> _tune;
    private readonly ClusterLayout _layout;
    private readonly ShardClient _client;
    private readonly SortedDictionary<NodeId, StorageNode> _running = [];
    private readonly TaskCompletionSource<Exception> _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TunedNodes(int shards, Func<NodeOptions, NodeOptions> tune)
    {
        _tune = tune;
        string run = Guid.NewGuid().ToString("N");
        var nodes = new List<NodeAddress>();
        for (uint i = 1; i <= Count; i++)
        {
            nodes.Add(new NodeAddress(new NodeId(i), $"{GrpcAddress.InProcessPrefix}tuned{i}-{run}"));
        }

        _layout = ClusterLayout.Create(Guid.NewGuid(), nodes, shards, Count);
        _client = new ShardClient(_layout, 1, s_leaderTimeout, TimeProvider.System);
    }

    /// <inheritdoc />
    public IShardClient Client => _client;

    /// <inheritdoc />
    INodeDirectory IStorageCluster.Nodes => this;

    /// <inheritdoc />
    IReadOnlyList<NodeEntry> INodeDirectory.Nodes =>
        [.. _layout.Nodes.Select(node => new NodeEntry(node.Id, node.Address, "node", _running.ContainsKey(node.Id), "sqlite", 0))];

    /// <inheritdoc />
    public Guid ClusterId => _layout.ClusterId;

    /// <inheritdoc />
    public IReadOnlyList<ShardId> DataShards =>
        [.. _layout.Shards.Select(placement => placement.Shard).Where(shard => shard != ShardId.System)];

    /// <inheritdoc />
    public INodeEndpoint? Node => null;

    /// <inheritdoc />
    public Task<Exception> Failed => _failed.Task;

    /// <summary>A node that runs.</summary>
    public StorageNode Running(NodeId node) => _running[node];

    /// <summary>Who leads a shard.</summary>
    public NodeId LeaderOf(ShardId shard) => _client.LeaderOf(shard);

    /// <summary>Starts a node from its folder.</summary>
    public async Task StartNodeAsync(NodeId id, CancellationToken cancellationToken = default)
    {
        StorageNode node = await StorageNode.StartAsync(
            new StorageNodeOptions
            {
                Self = id,
                Layout = _layout,
                Folder = Path.Combine(_folder, id.ToString()),
                OnFailure = (_, exception) => _failed.TrySetResult(exception),
                Tune = _tune,
                LogSegmentBytes = LogSegmentBytes,
            },
            cancellationToken);
        _running.Add(id, node);
        InProcessEndpoints.Register(EndpointOf(id), new GrpcServices().AddNode(node));
    }

    /// <summary>Ends a node as SIGKILL would.</summary>
    public async Task KillNodeAsync(NodeId id)
    {
        _running.Remove(id, out StorageNode? node);
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
        Directory.Delete(_folder, recursive: true);
    }

    private string EndpointOf(NodeId id) =>
        _layout.Nodes.Single(node => node.Id == id).Address[GrpcAddress.InProcessPrefix.Length..];
}
