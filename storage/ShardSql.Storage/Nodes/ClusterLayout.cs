using System;
using System.Collections.Generic;

using Google.Protobuf;

using ShardSql.Primitives;
using ShardSql.Protocol.Messages;

namespace ShardSql.Storage.Nodes;

/// <summary>A storage node and where it listens for peers and gateways.</summary>
public sealed record NodeAddress(NodeId Id, string Address);

/// <summary>A shard and the nodes that hold its replicas.</summary>
public sealed record ShardPlacement(ShardId Shard, IReadOnlyList<NodeId> Members)
{
    /// <summary>Of them those that vote from the first slot on; what the log says changes that.</summary>
    public IReadOnlyList<NodeId> Founders { get; init; } = Members;
}

/// <summary>Who is in the cluster and where each shard lives. Immutable.</summary>
public sealed record ClusterLayout(Guid ClusterId, IReadOnlyList<NodeAddress> Nodes, IReadOnlyList<ShardPlacement> Shards)
{
    /// <summary>The nodes of a shard.</summary>
    public IReadOnlyList<NodeId> MembersOf(ShardId shard)
    {
        foreach (ShardPlacement placement in Shards)
        {
            if (placement.Shard == shard)
            {
                return placement.Members;
            }
        }

        return [];
    }

    /// <summary>The shards that a node has a replica of.</summary>
    public IReadOnlyList<ShardPlacement> ShardsOf(NodeId node)
    {
        var held = new List<ShardPlacement>();
        foreach (ShardPlacement placement in Shards)
        {
            foreach (NodeId member in placement.Members)
            {
                if (member == node)
                {
                    held.Add(placement);
                }
            }
        }

        return held;
    }

    /// <summary>The layout that a description carries.</summary>
    /// <exception cref="FormatException">The description is none.</exception>
    public static ClusterLayout FromDescription(ClusterDescription description)
    {
        if (description.ClusterId.Length != 16 || description.Nodes.Count == 0 || description.Shards.Count == 0)
        {
            throw new FormatException("the description of the cluster names no cluster, nodes or shards");
        }

        var nodes = new List<NodeAddress>();
        foreach (NodeDescription node in description.Nodes)
        {
            nodes.Add(new NodeAddress(new NodeId(node.NodeId), node.Address));
        }

        var shards = new List<ShardPlacement>();
        foreach (ShardDescription shard in description.Shards)
        {
            var members = new List<NodeId>();
            foreach (uint member in shard.Members)
            {
                members.Add(new NodeId(member));
            }

            shards.Add(new ShardPlacement(new ShardId(shard.ShardId), members));
        }

        return new ClusterLayout(new Guid(description.ClusterId.Span), nodes, shards);
    }

    /// <summary>The layout as a description.</summary>
    public ClusterDescription ToDescription()
    {
        var description = new ClusterDescription { ClusterId = ByteString.CopyFrom(ClusterId.ToByteArray()) };
        foreach (NodeAddress node in Nodes)
        {
            description.Nodes.Add(new NodeDescription { NodeId = node.Id.Value, Address = node.Address });
        }

        foreach (ShardPlacement placement in Shards)
        {
            var shard = new ShardDescription { ShardId = placement.Shard.Value };
            foreach (NodeId member in placement.Members)
            {
                shard.Members.Add(member.Value);
            }

            description.Shards.Add(shard);
        }

        return description;
    }

    /// <summary>
    /// A layout of the system shard and so many data shards over nodes in groups: with more than one group the shards go
    /// round the groups, so that nine nodes in groups of three hold three disjoint Paxos groups (seed 002).
    /// </summary>
    public static ClusterLayout Create(
        Guid clusterId, IReadOnlyList<NodeAddress> nodes, int dataShards, int replicas)
    {
        Invariant.Check(replicas >= 1 && replicas <= nodes.Count, "A shard has at most one replica on a node.");
        int groups = nodes.Count / replicas;
        var shards = new List<ShardPlacement>();
        for (uint shard = 0; shard <= dataShards; shard++)
        {
            // The system shard lives in the first group; data shards are dealt out from there on.
            int group = shard == 0 ? 0 : (int)((shard - 1) % (uint)groups);
            var members = new List<NodeId>();
            for (int i = 0; i < replicas; i++)
            {
                members.Add(nodes[(group * replicas) + i].Id);
            }

            members.Sort();
            shards.Add(new ShardPlacement(new ShardId(shard), members));
        }

        return new ClusterLayout(clusterId, nodes, shards);
    }
}
