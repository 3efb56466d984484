using System.Collections.Generic;
using System.Linq;

using ShardSql.Primitives;
using ShardSql.Storage.Nodes;

namespace ShardSql.Gateway.Layouts;

/// <summary>Layouts after a change: each is the next version; null where the change is made already.</summary>
internal static class LayoutEdits
{
    /// <summary>With a node.</summary>
    public static ClusterLayout? AddNode(ClusterLayout layout, NodeId node, string address) =>
        layout.Nodes.Any(known => known.Id == node) ? null : Next(layout) with
        {
            Nodes = [.. layout.Nodes.Append(new NodeAddress(node, address)).OrderBy(static n => n.Id)],
        };

    /// <summary>Without a node, and without its replicas.</summary>
    public static ClusterLayout? RemoveNode(ClusterLayout layout, NodeId node) =>
        layout.Nodes.All(known => known.Id != node) ? null : Next(layout) with
        {
            Nodes = [.. layout.Nodes.Where(known => known.Id != node)],
            Shards = [.. layout.Shards.Select(placement => Without(placement, node))],
            FormerNodes = [.. layout.FormerNodes.Append(node).Order()],
        };

    /// <summary>With a node that may hold a shard's replica.</summary>
    public static ClusterLayout? AddReplica(ClusterLayout layout, ShardId shard, NodeId node) =>
        layout.MembersOf(shard).Contains(node) ? null : Next(layout) with
        {
            Shards = [.. layout.Shards.Select(placement => placement.Shard != shard ? placement : placement with
            {
                Members = [.. placement.Members.Append(node).Order()],
            })],
        };

    /// <summary>Without a shard's replica on a node.</summary>
    public static ClusterLayout? RemoveReplica(ClusterLayout layout, ShardId shard, NodeId node) =>
        !layout.MembersOf(shard).Contains(node) ? null : Next(layout) with
        {
            Shards = [.. layout.Shards.Select(
                placement => placement.Shard == shard ? Without(placement, node) : placement)],
        };

    /// <summary>With a shard on nodes that vote from its first slot on.</summary>
    public static ClusterLayout? CreateShard(ClusterLayout layout, ShardId shard, IEnumerable<NodeId> nodes) =>
        layout.Shards.Any(known => known.Shard == shard) ? null : Next(layout) with
        {
            Shards = [.. layout.Shards.Append(new ShardPlacement(shard, [.. nodes.Order()])).OrderBy(static s => s.Shard)],
        };

    /// <summary>Without a shard.</summary>
    public static ClusterLayout? DropShard(ClusterLayout layout, ShardId shard) =>
        layout.Shards.All(known => known.Shard != shard) ? null : Next(layout) with
        {
            Shards = [.. layout.Shards.Where(known => known.Shard != shard)],
            FormerShards = [.. layout.FormerShards.Append(shard).Order()],
        };

    private static ShardPlacement Without(ShardPlacement placement, NodeId node) =>
        placement with { Members = [.. placement.Members.Where(member => member != node)] };

    private static ClusterLayout Next(ClusterLayout layout) => layout with { Version = layout.Version + 1 };
}
