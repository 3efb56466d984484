using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using ShardSql.Gateway;
using ShardSql.Gateway.Hosting;
using ShardSql.Primitives;
using ShardSql.Protocol;
using ShardSql.Storage.Client;
using ShardSql.Storage.Nodes;

namespace ShardSql.Data.Tests.Cluster;

/// <summary>The nodes of a running cluster for a second host, which does not stop them when it ends.</summary>
internal sealed class SharedStorage(IStorageCluster inner) : IStorageCluster
{
    public IShardClient Client => inner.Client;

    public INodeDirectory Nodes => inner.Nodes;

    public Guid ClusterId => inner.ClusterId;

    public IReadOnlyList<ShardId> DataShards => inner.DataShards;

    public ClusterLayout Layout => inner.Layout;

    public INodeEndpoint? Node => null;

    public IReadOnlyList<string> Notices => inner.Notices;

    public Task<Exception> Failed => inner.Failed;

    /// <summary>A gateway of these nodes behind a socket of loopback.</summary>
    public static Task<GatewayHost> ListenAsync(EmbeddedCluster cluster) => GatewayHost.StartAsync(
        new SharedStorage(cluster.Storage),
        ServerRole.Gateway,
        "127.0.0.1:0",
        new GatewayOptions(),
        loggers: null,
        default);

    /// <summary>Another gateway of these nodes in this process, not started; who brings it its layouts may be another.</summary>
    public static GatewayServer CreateGateway(
        EmbeddedCluster cluster, GatewayOptions? options = null, ILayoutHost? layouts = null) => new(
        cluster.Storage.Client,
        cluster.Storage.Nodes,
        (options ?? new GatewayOptions()) with
        {
            ClusterId = cluster.Storage.ClusterId,
            DataShards = cluster.Storage.DataShards,
        },
        layouts: layouts ?? cluster.Storage);

    public Task<IReadOnlyList<NodeId>> AdoptAsync(ClusterLayout layout, CancellationToken cancellationToken) =>
        inner.AdoptAsync(layout, cancellationToken);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
