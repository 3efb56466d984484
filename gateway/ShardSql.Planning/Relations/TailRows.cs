using System.Collections.Generic;
using ShardSql.Execution.Plans;
using ShardSql.Sql.Tree;

namespace ShardSql.Planning.Relations;

/// <summary>Rows in an order, or the first of them.</summary>
internal sealed class TailRows(RelationRows rows, IReadOnlyList<SortKey> order, LimitNode? limit) : RelationRows
{
    /// <inheritdoc />
    public override bool Takes(Expression condition) => limit is null && rows.Takes(condition);

    /// <inheritdoc />
    protected override RelationNode Build() => QueryTail.Finish(rows.Node, false, order, limit);

    /// <inheritdoc />
    protected override void Put(Expression condition) => rows.Add(condition);
}
