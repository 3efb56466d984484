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

    /// <summary>Asks a node for its layout, and brings it this process's if that is newer.</summary>
    /// <returns>The node's, if it is newer than this process's.</returns>
    /// <exception cref="FormatException">What it answers is no layout.</exception>
    public async Task<ClusterLayout?> ExchangeAsync(NodeAddress node, CancellationToken cancellationToken)
    {
        ClusterLayout? theirs = await client.AskLayoutAsync(node.Id, s_patience, cancellationToken);
        ClusterLayout own = client.Layout;
        if (theirs?.ClusterId != own.ClusterId)
        {
            return null;
        }

        if (theirs.Version < own.Version)
        {
            await BringAsync(own, node, cancellationToken);
        }

        return theirs.Version > own.Version ? theirs : null;
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
