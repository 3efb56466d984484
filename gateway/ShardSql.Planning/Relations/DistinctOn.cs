using System.Collections.Generic;
using System.Linq;
using Google.Protobuf;
using ShardSql.Execution.Plans;
using ShardSql.Sql;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Relations;

/// <summary>DISTINCT ON: of the rows that agree in some columns, the first one in the order of the query. It is the row of
/// number 1 in its partition.</summary>
internal static class DistinctOn
{
    /// <summary>As in PostgreSQL, an order begins with the columns that rows are told apart by; 42P10.</summary>
    public static void Check(IReadOnlyList<uint> columns, IReadOnlyList<SortKey> order, Select select)
    {
        var left = new SortedSet<uint>(columns);
        for (int i = 0; i < order.Count && left.Count > 0; i++)
        {
            if (!columns.Contains(order[i].Column))
            {
                throw new SqlException(
                    SqlStates.InvalidColumnReference,
                    "SELECT DISTINCT ON expressions must match initial ORDER BY expressions",
                    (int)select.DistinctOn[0].Nodes[^1].Position);
            }

            left.Remove(order[i].Column);
        }
    }

    /// <summary>The rows that stay, with one more column behind those of these types.</summary>
    public static RelationNode Of(
        RelationNode rows, IReadOnlyList<uint> columns, IReadOnlyList<SortKey> order, IReadOnlyList<SqlType> types)
    {
        ByteString Column(uint column) =>
            BoundExpression.Column((int)column, types[(int)column], isNullable: true).ToMessage().ToByteString();

        var numbered = new WindowNode
        {
            Input = rows,
            Calls =
            {
                new WindowCall
                {
                    Function = "row_number",
                    Start = FrameBoundKind.UnboundedPreceding,
                    End = FrameBoundKind.CurrentRow,
                },
            },
        };
        numbered.Partition.AddRange(columns.Distinct().Select(Column));
        numbered.Order.AddRange(order.Select(key => new WindowOrder
        {
            Value = Column(key.Column),
            Descending = key.Descending,
            NullsFirst = key.NullsFirst,
        }));
        Expression isFirst = BoundNodes.Apply(
            ExpressionOp.Equal,
            BoundNodes.Of(BoundNodes.Column((uint)types.Count, SqlType.Int64, isNullable: false)),
            Binding.Literal(SqlValue.FromInt64(1)));
        return new RelationNode
        {
            Filter = new FilterNode
            {
                Input = new RelationNode { Window = numbered },
                Condition = BoundExpression.ConditionFromMessage(isFirst, "DISTINCT ON").ToMessage().ToByteString(),
            },
        };
    }
}
