using System;
using System.Linq;

using ShardSql.Primitives;
using ShardSql.Protocol;
using ShardSql.Sql;
using ShardSql.Storage.Nodes;

namespace ShardSql.Gateway.Layouts;

/// <summary>What statements on the layout may name.</summary>
internal static class LayoutNames
{
    /// <summary>Replicas of a shard at most: as many as may vote (Membership.VotersMax).</summary>
    public const int ReplicasMax = 9;

    /// <summary>The highest number of a node or a shard.</summary>
    public const uint NumberMax = 65_535;

    private const string InProcess = "inproc";

    /// <summary>42710 for a shard that is there, 55000 for a number that has been used, or that is below one that has: copies of
    /// reference tables are counted on the shard with the lowest number, which must have them all.</summary>
    public static void RequireNew(ClusterLayout layout, ShardId shard)
    {
        uint next = layout.Shards.Select(static s => s.Shard.Value)
            .Concat(layout.FormerShards.Select(static s => s.Value)).Max() + 1;
        if (layout.Shards.Any(known => known.Shard == shard))
        {
            throw new SqlException(SqlStates.DuplicateObject, $"shard {shard} is there already")
            {
                Hint = $"CREATE SHARD IF NOT EXISTS leaves it as it is; the next shard is s{next}.",
            };
        }

        if (shard.Value > NumberMax)
        {
            throw TooHigh($"shard {shard}");
        }

        if (shard.Value < next)
        {
            throw new SqlException(
                SqlStates.ObjectNotInPrerequisiteState, $"the number of shard {shard} cannot be used: numbers of shards rise")
            {
                Hint = $"The next shard is s{next}.",
            };
        }
    }

    /// <summary>What is wrong with the number or the address of a new node; null: nothing, or it is there already like this.
    /// </summary>
    public static SqlException? Refusal(ClusterLayout layout, NodeId node, string address)
    {
        if (layout.Nodes.FirstOrDefault(known => known.Id == node) is { } same)
        {
            return same.Address == address ? null : new SqlException(
                SqlStates.DuplicateObject, $"node {node} is there already, at {same.Address}")
            {
                Hint = $"Its address does not change. The next node is {Next(layout)}.",
            };
        }

        if (layout.Nodes.FirstOrDefault(known => known.Address == address && address != InProcess) is { } other)
        {
            return new SqlException(SqlStates.DuplicateObject, $"node {other.Id} has the address {address}")
            {
                Hint = "SHOW NODES lists the nodes.",
            };
        }

        return node.Value > NumberMax
            ? TooHigh($"node {node}")
            : node.Value == 0 || layout.FormerNodes.Contains(node)
            ? new SqlException(
                SqlStates.ObjectNotInPrerequisiteState, $"the number of node {node} cannot be used: it is that of a node which was removed")
            {
                Hint = $"Numbers are not used again. The next node is {Next(layout)}.",
            }
            : AddressRefusal(layout, address);
    }

    /// <summary>The error of a node that does not exist.</summary>
    public static SqlException NoNode(NodeId node) => new(SqlStates.UndefinedObject, $"node {node} does not exist")
    {
        Hint = "SHOW NODES lists the nodes.",
    };

    /// <summary>The error of a shard that does not exist.</summary>
    public static SqlException NoShard(ShardId shard) => new(SqlStates.UndefinedObject, $"shard {shard} does not exist")
    {
        Hint = "SHOW SHARDS lists the shards.",
    };

    private static SqlException TooHigh(string what) =>
        new(SqlStates.ProgramLimitExceeded, $"the number of {what} is too high: it is {NumberMax} at most")
        {
            Hint = "Take the next one.",
        };

    private static SqlException? AddressRefusal(ClusterLayout layout, string address)
    {
        bool isInProcess = layout.Nodes[0].Address == InProcess;
        if (isInProcess || address == InProcess)
        {
            return isInProcess && address == InProcess ? null : new SqlException(
                SqlStates.InvalidParameterValue, $"\"{address}\" is no address for a node of this cluster")
            {
                Hint = isInProcess ? "Its nodes run in one process: write AT 'inproc'." : "Write AT 'host:port'.",
            };
        }

        try
        {
            return GrpcAddress.Parse(address) is { InProcessName: null, Port: not 0 } or { UnixPath: not null }
                ? null
                : Bad(address);
        }
        catch (FormatException)
        {
            return Bad(address);
        }
    }

    private static SqlException Bad(string address) =>
        new(SqlStates.InvalidParameterValue, $"\"{address}\" is no address of a node")
        {
            Hint = "Write where it listens for the others: AT 'host:port'.",
        };

    private static NodeId Next(ClusterLayout layout) => new(
        layout.Nodes.Select(static n => n.Id.Value).Concat(layout.FormerNodes.Select(static n => n.Value)).Max() + 1);
}
