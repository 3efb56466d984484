using System.Collections.Generic;
using ShardSql.Sql.Tree;

namespace ShardSql.Planning.Relations;

/// <summary>Which tables a query names, however deep.</summary>
internal static class References
{
    /// <summary>Whether a query names a table without a schema.</summary>
    public static bool Contain(Select query, string name)
    {
        if (query.From is { } only && Is(only.Table, name))
        {
            return true;
        }

        foreach (FromNode node in query.Sources)
        {
            if ((node.Table is { } table && Is(table.Table, name))
                || (node.Query is { } derived && Contain(derived, name))
                || Contain(node.Join?.On, name))
            {
                return true;
            }
        }

        foreach (SetNode term in query.Terms)
        {
            if (term.Query is { } part && Contain(part, name))
            {
                return true;
            }
        }

        foreach (CommonTable common in query.With)
        {
            if (Contain(common.Query, name))
            {
                return true;
            }
        }

        return ContainInExpressions(query, name);
    }

    private static bool ContainInExpressions(Select query, string name)
    {
        var expressions = new List<Expression?> { query.Where, query.Having };
        expressions.AddRange(query.GroupBy);
        expressions.AddRange(query.DistinctOn);
        foreach (SelectItem item in query.Items)
        {
            expressions.Add(item.Expression);
        }

        foreach (OrderItem item in query.OrderBy)
        {
            expressions.Add(item.Expression);
        }

        return expressions.Exists(e => Contain(e, name));
    }

    private static bool Contain(Expression? expression, string name)
    {
        foreach (ExpressionNode node in expression?.Nodes ?? [])
        {
            if (node.Query is { } query && Contain(query, name))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Is(TableName table, string name) => table.Schema.Length == 0 && table.Name == name;
}
