using ShardSql.Sql.Tree;

namespace ShardSql.Sql.Parsing;

/// <summary>The name of an output column without an alias, chosen as PostgreSQL does.</summary>
public static class OutputNames
{
    /// <summary>The name where nothing better is known.</summary>
    public const string Unknown = "?column?";

    /// <summary>The name of an expression.</summary>
    public static string Of(Expression expression)
    {
        for (int i = expression.Nodes.Count - 1; i >= 0; i--)
        {
            ExpressionNode node = expression.Nodes[i];
            switch (node.Op)
            {
                case ExpressionOp.Column or ExpressionOp.Function or ExpressionOp.Aggregate or ExpressionOp.Window:
                    return node.Name;
                case ExpressionOp.Coalesce:
                    return "coalesce";
                case ExpressionOp.Nullif:
                    return "nullif";
                case ExpressionOp.Case:
                    return "case";
                case ExpressionOp.Row:
                    return "row";
                case ExpressionOp.Exists:
                    return "exists";
                case ExpressionOp.Query:
                    return node.Query.Items is [{ Star: false } item, ..] ? item.Name : Unknown;
                case ExpressionOp.Cast
                    when expression.Nodes[i - 1].Op is ExpressionOp.Literal or ExpressionOp.Parameter:
                    return Values.SqlType.FromMessage(node.Type).ToString().Split('(')[0];
                case ExpressionOp.Cast:
                    continue;
                default:
                    return Unknown;
            }
        }

        return Unknown;
    }
}
