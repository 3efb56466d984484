using System.Collections.Generic;
using ShardSql.Planning.Access;
using ShardSql.Planning.Queries;
using ShardSql.Sql;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Relations;

/// <summary>Binds GROUP BY: expressions, ordinals, aliases, and the columns that a primary key among them tells.</summary>
internal sealed class GroupKeys(Select select, FromNames names, ExpressionRewriter rows)
{
    /// <summary>Whether a query is grouped by what it computes.</summary>
    public static bool HoldsAggregate(Expression? expression)
    {
        if (expression is null)
        {
            return false;
        }

        foreach (ExpressionNode node in expression.Nodes)
        {
            if (node.Op == ExpressionOp.Aggregate || (node.Op == ExpressionOp.Window && IsInWindow(node)))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Adds the keys.</summary>
    public void AddTo(GroupRewriter groups)
    {
        foreach (Expression group in select.GroupBy)
        {
            Expression resolved = Resolve(group);
            if (Aggregates.Contains(resolved))
            {
                throw new SqlException(
                    SqlStates.GroupingError,
                    "aggregate functions are not allowed in GROUP BY",
                    (int)group.Nodes[0].Position);
            }

            groups.AddKey(rows.Rewrite(resolved));
        }

        AddDependent(groups);
    }

    private static bool IsInWindow(ExpressionNode node)
    {
        foreach (Expression key in node.Window.PartitionBy)
        {
            if (HoldsAggregate(key))
            {
                return true;
            }
        }

        foreach (OrderItem item in node.Window.OrderBy)
        {
            if (HoldsAggregate(item.Expression))
            {
                return true;
            }
        }

        return false;
    }

    private Expression Resolve(Expression group)
    {
        if (group.Nodes is not [{ } node])
        {
            return group;
        }

        if (node.Op == ExpressionOp.Literal)
        {
            SqlValue literal = ValueCodec.FromBytes(node.Literal.Span);
            if (!literal.IsNull && new SqlType(literal.Kind).IsInteger)
            {
                return ItemAt(literal.AsInt64(), node.Position);
            }
        }

        // PostgreSQL: a column of the tables goes before an alias here.
        return node.Op == ExpressionOp.Column && node.Qualifier.Length == 0 && names.Find(node) is null
            && Named(node) is { } item ? item : group;
    }

    private Expression ItemAt(long ordinal, uint position)
    {
        List<OutputItem> items = SelectOutput.Expand(select.Items, names);
        return items[SelectPosition.IndexOf(ordinal, items.Count, "GROUP BY", position)].Expression;
    }

    private Expression? Named(ExpressionNode reference)
    {
        foreach (SelectItem item in select.Items)
        {
            if (!item.Star && new OutputItem(item.Expression, item.Name, item.AliasQuoted).IsNamed(reference.Name))
            {
                return item.Expression;
            }
        }

        return null;
    }

    /// <summary>Rows with the same primary key are the same row: all its columns may be read.</summary>
    private void AddDependent(GroupRewriter groups)
    {
        foreach (FromLeaf leaf in names.Leaves)
        {
            bool isKeyed = leaf.Table is { } table && !table.Columns[table.PrimaryKey[0]].Hidden
                && System.Linq.Enumerable.All(table.PrimaryKey, k => groups.IsKey(leaf.First + (uint)k));
            for (int i = 0; isKeyed && i < leaf.Columns.Count; i++)
            {
                if (!leaf.Columns[i].IsHidden)
                {
                    groups.AddKey(BoundNodes.Of(leaf.Use(i)));
                }
            }
        }
    }
}
