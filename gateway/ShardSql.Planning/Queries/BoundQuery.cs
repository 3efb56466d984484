using System.Collections.Generic;
using ShardSql.Execution.Plans;
using ShardSql.Planning.Plans;
using ShardSql.Sql.Expressions;

namespace ShardSql.Planning.Queries;

/// <summary>A SELECT bound: groups and aggregates, the output stage, the header. Nothing in it depends on shards.
/// </summary>
internal sealed record BoundQuery
{
    /// <summary>Groups and aggregates, bound; null: none.</summary>
    public AggregateBinding? Grouped { get; init; }

    /// <summary>The same as a part of a plan.</summary>
    public Aggregation? Aggregation { get; init; }

    /// <summary>The output stage, but for LIMIT and OFFSET, as one shard, or the gateway, runs it alone.</summary>
    public required OutputStage Output { get; init; }

    /// <summary>The header.</summary>
    public required IReadOnlyList<ResultColumn> Columns { get; init; }

    /// <summary>Ordinals of the table's columns that the order begins with, as long as it is ascending columns.</summary>
    public required IReadOnlyList<int> OrderColumns { get; init; }
}
