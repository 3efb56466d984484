using System;
using ShardSql.Execution.Plans;

namespace ShardSql.Planning.Relations;

/// <summary>Rows that take no conditions: those of VALUES, of a recursion, of its last round.</summary>
internal sealed class PlainRows(Func<RelationNode> build) : RelationRows
{
    /// <inheritdoc />
    protected override RelationNode Build() => build();
}
