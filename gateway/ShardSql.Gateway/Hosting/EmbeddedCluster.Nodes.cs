using System;
using System.Threading;
using System.Threading.Tasks;

using Microsoft.Extensions.Logging;

using ShardSql.Primitives;

namespace ShardSql.Gateway.Hosting;

/// <summary>Nodes of an embedded cluster: killed and started again, for tests and demonstrations of faults.</summary>
public sealed partial class EmbeddedCluster
{
    /// <summary>Starts a cluster of real nodes; it serves when this returns.</summary>
    /// <param name="options">Its size, folder and name.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    public static Task<EmbeddedCluster> StartAsync(
        EmbeddedClusterOptions options, CancellationToken cancellationToken = default) =>
        StartAsync(options, new StorageFactory(), (ILoggerFactory?)null, cancellationToken);

    /// <summary>Who leads a shard, as far as the gateway knows; node 0: nobody.</summary>
    public NodeId LeaderOf(ShardId shard) => Cluster.LeaderOf(shard);

    /// <summary>
    /// Ends a node as SIGKILL would: its threads stop where they are, nothing is flushed or told.
    /// </summary>
    public Task KillNodeAsync(NodeId node) => Cluster.KillNodeAsync(node);

    /// <summary>Starts a killed node again, from its folder.</summary>
    public Task StartNodeAsync(NodeId node, CancellationToken cancellationToken = default) =>
        Cluster.StartNodeAsync(node, cancellationToken);

    private StorageCluster Cluster => Storage as StorageCluster
        ?? throw new InvalidOperationException("the nodes of this cluster are not of this process");
}
