using System;
using System.Collections.Generic;
using System.Linq;

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

/// <summary>Who is in the cluster and which nodes may hold each shard. Immutable; each change makes the next version. Who
/// votes says the shard's log, not this.</summary>
public sealed record ClusterLayout(Guid ClusterId, IReadOnlyList<NodeAddress> Nodes, IReadOnlyList<ShardPlacement> Shards)
{
    /// <summary>Changes since the cluster was made.</summary>
    public ulong Version { get; init; }

    /// <summary>Nodes that were removed. Numbers are not used again: others know the folder that a number came
    /// with.</summary>
    public IReadOnlyList<NodeId> FormerNodes { get; init; } = [];

    /// <summary>Shards that were dropped. Numbers are not used again: a node that was away may still hold one's log.</summary>
    public IReadOnlyList<ShardId> FormerShards { get; init; } = [];

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

        return new ClusterLayout(
            new Guid(description.ClusterId.Span),
            [.. description.Nodes.Select(static node => new NodeAddress(new NodeId(node.NodeId), node.Address))],
            [.. description.Shards.Select(PlacementOf)])
        {
            Version = description.Version,
            FormerNodes = NodesOf(description.FormerNodes),
            FormerShards = [.. description.FormerShards.Select(static shard => new ShardId(shard))],
        };
    }

    /// <summary>The layout as a description.</summary>
    public ClusterDescription ToDescription()
    {
        var description = new ClusterDescription
        {
            ClusterId = ByteString.CopyFrom(ClusterId.ToByteArray()),
            Version = Version,
        };
        description.Nodes.AddRange(
            Nodes.Select(static node => new NodeDescription { NodeId = node.Id.Value, Address = node.Address }));
        description.Shards.AddRange(Shards.Select(DescriptionOf));
        description.FormerNodes.AddRange(FormerNodes.Select(static node => node.Value));
        description.FormerShards.AddRange(FormerShards.Select(static shard => shard.Value));
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

    private static List<NodeId> NodesOf(IEnumerable<uint> ids) => [.. ids.Select(static id => new NodeId(id))];

    private static ShardPlacement PlacementOf(ShardDescription shard)
    {
        List<NodeId> members = NodesOf(shard.Members);
        return new ShardPlacement(new ShardId(shard.ShardId), members)
        {
            Founders = shard.Founders.Count == 0 ? members : NodesOf(shard.Founders),
        };
    }

    private static ShardDescription DescriptionOf(ShardPlacement placement)
    {
        var shard = new ShardDescription { ShardId = placement.Shard.Value };
        shard.Members.AddRange(placement.Members.Select(static node => node.Value));
        if (!placement.Founders.SequenceEqual(placement.Members))
        {
            shard.Founders.AddRange(placement.Founders.Select(static node => node.Value));
        }

        return shard;
    }
}
