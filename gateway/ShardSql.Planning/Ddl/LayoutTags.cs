using System;
using ShardSql.Sql.Tree;

namespace ShardSql.Planning.Ddl;

/// <summary>What statements on nodes, replicas and shards are called; the kinds of their jobs.</summary>
public static class LayoutTags
{
    /// <summary>DRAIN NODE.</summary>
    public const string DrainNode = "DRAIN NODE";

    /// <summary>CREATE SHARD.</summary>
    public const string CreateShard = "CREATE SHARD";

    /// <summary>Of a statement that begins a job.</summary>
    public static string Of(LayoutAction action)
    {
        ArgumentNullException.ThrowIfNull(action);
        return action.Kind switch
        {
            LayoutActionKind.DrainNode => DrainNode,
            LayoutActionKind.CreateShard => CreateShard,
            LayoutActionKind.DropShard => "DROP SHARD",
            LayoutActionKind.AddReplica => "ADD REPLICA",
            _ => "REMOVE REPLICA",
        };
    }

    /// <summary>Of a statement that is done at once.</summary>
    public static string Of(NodeAction action)
    {
        ArgumentNullException.ThrowIfNull(action);
        return action.Address is null ? "REMOVE NODE" : "ADD NODE";
    }
}
