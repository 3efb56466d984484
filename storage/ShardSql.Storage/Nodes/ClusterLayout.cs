using System;
using System.Collections.Generic;

using ShardSql.Primitives;

namespace ShardSql.Storage.Nodes;

/// <summary>A storage node and where it listens for peers and gateways.</summary>
public sealed record NodeAddress(NodeId Id, string Address);

/// <summary>A shard and the nodes that hold its replicas.</summary>
public sealed record ShardPlacement(ShardId Shard, IReadOnlyList<NodeId> Members);

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
