using System.Collections.Generic;
using ShardSql.Execution.Plans;

namespace ShardSql.Execution.Relations;

/// <summary>How many rows each operator of a run gave, for EXPLAIN ANALYZE. Operators are told apart by their nodes of the
/// plan, the same objects.</summary>
public sealed class RelationCounts
{
    private readonly Dictionary<RelationNode, long> _rows = new(ReferenceEqualityComparer.Instance);

    /// <summary>The rows that an operator gave; null: it never began.</summary>
    public long? RowsOf(RelationNode node) => _rows.TryGetValue(node, out long rows) ? rows : null;

    /// <summary>An operator begins.</summary>
    internal void Begin(RelationNode node) => _rows.TryAdd(node, 0);

    /// <summary>An operator gave a row.</summary>
    internal void Add(RelationNode node) => _rows[node]++;
}
