using System.Collections.Generic;

using ShardSql.Primitives;
using ShardSql.Sql.Tree;

namespace ShardSql.Gateway.Layouts;

/// <summary>What a statement on replicas and shards asks for, its expressions evaluated.</summary>
/// <param name="Kind">What it does.</param>
/// <param name="Tag">The kind of its job.</param>
/// <param name="Shard">The shard; 0 for DRAIN NODE, too.</param>
/// <param name="Nodes">The nodes that it names.</param>
internal sealed record LayoutWish(LayoutActionKind Kind, string Tag, ShardId Shard, IReadOnlyList<NodeId> Nodes)
{
    /// <summary>The one node.</summary>
    public NodeId Node => Nodes[0];

    /// <summary>What the job is about, for people; jobs of one kind and target do the same.</summary>
    public string Target => Kind switch
    {
        LayoutActionKind.DrainNode => $"node {Node}",
        LayoutActionKind.CreateShard => $"shard {Shard} on {string.Join(", ", Nodes)}",
        LayoutActionKind.DropShard => $"shard {Shard}",
        _ => $"replica of shard {Shard} on {Node}",
    };
}
