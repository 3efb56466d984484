using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Primitives;
using ShardSql.Protocol;
using ShardSql.Storage.Client;
using ShardSql.Storage.Nodes;

namespace ShardSql.Gateway.Hosting;

/// <summary>Brings layouts to nodes of other processes, and looks for newer ones there: a node that was away when the
/// layout changed hears of it from whoever looks next.</summary>
internal sealed class LayoutSpread(ShardClient client)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    /// <summary>Brings a layout to nodes, all at once.</summary>
    /// <returns>Those that have it, or a newer one, durably.</returns>
    public static async Task<IReadOnlyList<NodeId>> BringAsync(
        ClusterLayout layout, IEnumerable<NodeAddress> nodes, CancellationToken cancellationToken)
    {
        (NodeId Node, bool Has)[] answers = await Task.WhenAll(nodes.Select(
            async node => (node.Id, await BringAsync(layout, node, cancellationToken))));
        return [.. answers.Where(static answer => answer.Has).Select(static answer => answer.Node)];
    }

    /// <summary>Asks nodes for their layouts; those whose is older are brought the newest.</summary>
    /// <returns>The newest, if it is newer than this process's.</returns>
    public async Task<ClusterLayout?> ExchangeAsync(IReadOnlyList<NodeAddress> nodes, CancellationToken cancellationToken)
    {
        (NodeAddress Node, ClusterLayout? Layout)[] answers = await Task.WhenAll(nodes.Select(
            async node => (node, await client.AskLayoutAsync(node.Id, s_patience, cancellationToken))));
        ClusterLayout own = client.Layout;
        ClusterLayout newest = answers.Select(static answer => answer.Layout).OfType<ClusterLayout>()
            .Where(layout => layout.ClusterId == own.ClusterId).Append(own).MaxBy(static layout => layout.Version)!;
        await BringAsync(
            newest, answers.Where(answer => answer.Layout?.Version < newest.Version).Select(static answer => answer.Node),
            cancellationToken);
        return newest.Version > own.Version ? newest : null;
    }

    // Not by the client's streams: a node that leaves is not among them any more, and must hear that it has left.
    private static async Task<bool> BringAsync(
        ClusterLayout layout, NodeAddress node, CancellationToken cancellationToken)
    {
        try
        {
            await using var reached = new NodeClient(node.Address);
            return await reached.AdoptAsync(layout.ToDescription(), s_patience, cancellationToken) >= layout.Version;
        }
        catch (GrpcException)
        {
            // It is away, and hears of it when it is back.
            return false;
        }
    }
}
