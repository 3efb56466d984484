using System.Collections.Generic;
using Google.Protobuf;
using ShardSql.Execution.Plans;
using ShardSql.Sql.Values;

namespace ShardSql.Execution;

/// <summary>What the gateway does with the rows that the fragments of a statement give: the plan of a
/// <see cref="StatementRun"/>.</summary>
public sealed record StatementRunPlan
{
    /// <summary>One source for each fragment that gives rows.</summary>
    public int Sources { get; init; }

    /// <summary>How the sources become one stream.</summary>
    public SourceMode Mode { get; init; }

    /// <summary>The order of each source, by columns of its rows (OrderedMerge).</summary>
    public IReadOnlyList<SortKey> MergeOrder { get; init; } = [];

    /// <summary>Rows that are there without a source: one empty row for SELECT without FROM, the lines of EXPLAIN.
    /// </summary>
    public IReadOnlyList<SqlValue[]> ConstantRows { get; init; } = [];

    /// <summary>A condition on the rows of sources or constants.</summary>
    public ByteString Filter { get; init; } = ByteString.Empty;

    /// <summary>Groups and aggregates: over states of the sources (GroupMerge), else over the rows themselves.</summary>
    public Aggregation? Aggregation { get; init; }

    /// <summary>The last part of the query; null: rows leave as they came.</summary>
    public OutputStage? Output { get; init; }

    /// <summary>Values of the statement's parameters.</summary>
    public SqlValue[] Parameters { get; init; } = [];
}
