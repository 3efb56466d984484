using System;
using System.Linq;
using System.Threading.Tasks;

using ShardSql.Cluster.Tests.Processes;

namespace ShardSql.Cluster.Tests.Workloads;

/// <summary>Strikes at a cluster and mends what it did.</summary>
/// <param name="cluster">The cluster.</param>
/// <param name="meanwhile">Ends when clients have done enough beside a strike that leaves them able to.</param>
internal sealed class Nemesis(ProcessCluster cluster, Func<Task> meanwhile)
{
    /// <summary>Ends when clients have ended what they were in, one way or another; needed for
    /// <see cref="StrikeKind.KillAllGateways"/>.</summary>
    public Func<Task>? GivenUp { get; init; }

    /// <summary>Strikes, waits, mends.</summary>
    public Task StrikeAsync(Strike strike)
    {
        int target = strike.Target;
        return strike.Kind switch
        {
            StrikeKind.KillNode => KillNodesAsync([target], meanwhile),
            StrikeKind.KillAllNodes => KillNodesAsync([.. cluster.Nodes], () => Task.CompletedTask),
            StrikeKind.KillGateway => KillGatewaysAsync([target], meanwhile),
            StrikeKind.KillAllGateways => KillGatewaysAsync([.. cluster.Gateways], GivenUp!),
            StrikeKind.PauseNode => PauseAsync(cluster.Node(target)),
            StrikeKind.PauseGateway => PauseAsync(cluster.Gateway(target)),
            _ => StrikeLinksAsync(strike),
        };
    }

    private async Task KillNodesAsync(int[] nodes, Func<Task> without)
    {
        await cluster.KillNodesAsync(nodes);
        await without();
        await cluster.StartNodesAsync(nodes);
    }

    private async Task KillGatewaysAsync(int[] gateways, Func<Task> without)
    {
        foreach (int gateway in gateways)
        {
            await cluster.KillGatewayAsync(gateway);
        }

        await without();
        await Task.WhenAll(gateways.Select(cluster.StartGatewayAsync));
    }

    private async Task PauseAsync(ServerProcess process)
    {
        process.Signal(Signals.Stop);
        await meanwhile();
        process.Signal(Signals.Continue);
    }

    private async Task StrikeLinksAsync(Strike strike)
    {
        PeerLinks links = cluster.Links;
        switch (strike.Kind)
        {
            case StrikeKind.IsolateNode:
                links.SetFrom(strike.Target, LinkFault.Drop);
                links.SetTo(strike.Target, LinkFault.Drop);
                break;
            case StrikeKind.MuteNode:
                links.SetFrom(strike.Target, LinkFault.Stall);
                break;
            case StrikeKind.DeafenNode:
                links.SetTo(strike.Target, LinkFault.Stall);
                break;
            case StrikeKind.DelayPeers:
                links.SetAll(LinkFault.Delay);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(strike), strike, "no such strike");
        }

        await meanwhile();
        links.SetAll(LinkFault.None);
    }
}
