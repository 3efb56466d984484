using System;
using System.Threading.Tasks;

using ShardSql.Cluster.Tests.Processes;

namespace ShardSql.Cluster.Tests.Workloads;

/// <summary>SIGKILL to a part of a cluster, and its start again.</summary>
internal static class Nemesis
{
    public const int AllNodes = 0;
    public const int AGateway = -1;

    /// <summary>Kills a node by its number, all nodes or a gateway, and starts what was killed.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="target">A node's number, or one of the above.</param>
    /// <param name="meanwhile">Ends when the rest has done enough without what was killed.</param>
    public static async Task StrikeAsync(ProcessCluster cluster, int target, Func<Task> meanwhile)
    {
        if (target == AGateway)
        {
            await cluster.KillGatewayAsync(1);
            await meanwhile();
            await cluster.StartGatewayAsync(1);
            return;
        }

        int[] nodes = target == AllNodes ? [.. cluster.Nodes] : [target];
        await cluster.KillNodesAsync(nodes);
        if (target != AllNodes)
        {
            await meanwhile();
        }

        await cluster.StartNodesAsync(nodes);
    }
}
