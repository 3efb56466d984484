using System;
using System.Collections.Generic;
using ShardSql.Execution.Plans;
using ShardSql.Planning.Queries;
using ShardSql.Sql;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;
using SortKey = ShardSql.Execution.Plans.SortKey;

namespace ShardSql.Planning.Relations;

/// <summary>Binds a query: WITH, then one SELECT, VALUES, or a tree of set operations.</summary>
internal sealed class QueryRelationBinder(RelationBuild build, SubqueryFrame? outer, CommonTables? around)
{
    /// <summary>Binds it.</summary>
    public BoundRelation Bind(Select query)
    {
        CommonTables? tables = new CommonTableBinder(build, outer, around).Bind(query.With, query.Recursive);
        if (query.Terms.Count == 0 && query.Values.Count == 0)
        {
            var select = new SelectBinder(build, query, outer, tables);
            return new BoundRelation(select, select.Columns);
        }

        BoundRelation whole = query.Values.Count > 0
            ? new ValuesBinder(build, outer, tables).Bind(query)
            : Combine(query.Terms, tables);
        LimitNode? limit = new LimitBinder(build, outer, tables).Bind(query);
        return whole with { Rows = new TailRows(whole.Rows, Order(query, whole.Columns), limit) };
    }

    private BoundRelation Combine(Google.Protobuf.Collections.RepeatedField<SetNode> terms, CommonTables? tables)
    {
        RelationLimits.Check((terms.Count + 1) / 2, RelationLimits.SetTermsMax, "queries in set operations", 0);
        var stack = new List<BoundRelation>();
        foreach (SetNode term in terms)
        {
            if (term.Query is { } query)
            {
                stack.Add(new QueryRelationBinder(build, outer, tables).Bind(query));
                continue;
            }

            if (stack.Count < 2 || term.Operation is null)
            {
                throw RelationLimits.Malformed();
            }

            BoundRelation right = stack[^1];
            BoundRelation left = stack[^2];
            stack.RemoveRange(stack.Count - 2, 2);
            stack.Add(SetOperations.Combine(left, right, term.Operation));
        }

        return stack.Count == 1 ? stack[0] : throw RelationLimits.Malformed();
    }

    private static List<SortKey> Order(Select query, IReadOnlyList<RelationColumn> columns)
    {
        var order = new List<SortKey>();
        foreach (OrderItem item in query.OrderBy)
        {
            order.Add(new SortKey
            {
                Column = (uint)OrderColumn(item, columns),
                Descending = item.Descending,
                NullsFirst = WindowGroup.NullsFirst(item),
            });
        }

        return order;
    }

    private static int OrderColumn(OrderItem item, IReadOnlyList<RelationColumn> columns)
    {
        if (item.Ordinal > 0)
        {
            return SelectPosition.IndexOf(item.Ordinal, columns.Count, "ORDER BY", item.Position);
        }

        if (item.Expression.Nodes is not [{ Op: ExpressionOp.Column, Qualifier.Length: 0 } name])
        {
            throw new SqlException(
                SqlStates.FeatureNotSupported,
                "ORDER BY of UNION, EXCEPT, INTERSECT and VALUES takes names and numbers of output columns",
                (int)item.Position)
            {
                Hint = "Write SELECT * FROM (...) AS x ORDER BY ...",
            };
        }

        for (int i = 0; i < columns.Count; i++)
        {
            StringComparison comparison = columns[i].IsQuoted
                ? StringComparison.Ordinal
                : StringComparison.OrdinalIgnoreCase;
            if (string.Equals(columns[i].Name, name.Name, comparison))
            {
                return i;
            }
        }

        throw new SqlException(
            SqlStates.UndefinedColumn, $"column \"{name.Name}\" does not exist", (int)name.Position)
        {
            ColumnName = name.Name,
        };
    }
}
