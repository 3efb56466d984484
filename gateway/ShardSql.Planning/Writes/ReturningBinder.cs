using System.Collections.Generic;
using Google.Protobuf;
using ShardSql.Planning.Plans;
using ShardSql.Planning.Queries;
using ShardSql.Sql;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Tree;

namespace ShardSql.Planning.Writes;

/// <summary>RETURNING of a write: expressions over the row written, and the header.</summary>
internal static class ReturningBinder
{
    /// <summary>Binds the items; gives the header.</summary>
    public static IReadOnlyList<ResultColumn> Bind(
        IReadOnlyList<SelectItem> items, QuerySource source, Binding rows, IList<ByteString> expressions)
    {
        var columns = new List<ResultColumn>(items.Count);
        foreach (OutputItem item in OutputItems.Expand(items, source))
        {
            if (Aggregates.Contains(item.Expression))
            {
                throw new SqlException(
                    SqlStates.GroupingError,
                    "aggregate functions are not allowed in RETURNING",
                    (int)item.Expression.Nodes[^1].Position);
            }

            BoundExpression bound = rows.Bind(item.Expression);
            expressions.Add(rows.ToBytes(bound));
            columns.Add(OutputItems.Describe(item, bound.Type, bound.IsNullable, source));
        }

        return columns;
    }
}
