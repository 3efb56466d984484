using System.Collections.Generic;
using ShardSql.Sql;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Relations;

/// <summary>
/// Expressions that change a sequence for each row: what the rows must hold for them, and what is evaluated over it. That is
/// setval of something read, or whatever reads nothing of the row.
/// </summary>
internal static class SequenceItems
{
    /// <summary>What is read for it: the value of setval, else nothing.</summary>
    public static Expression Argument(Expression expression)
    {
        if (!Reads(expression))
        {
            return BoundNodes.Cast(Binding.Literal(SqlValue.NullOf(SqlKind.Int64)), SqlType.Int64);
        }

        List<Expression> arguments = ArgumentsOf(expression);
        bool isSet = expression.Nodes[^1].Op == ExpressionOp.Function && expression.Nodes[^1].Name == "setval"
            && arguments.Count is 2 or 3;
        return isSet && !Reads(arguments[0]) && (arguments.Count < 3 || !Reads(arguments[2]))
            && !SequenceFunctions.ChangesIn(arguments[1])
            ? BoundNodes.Cast(arguments[1], SqlType.Int64)
            : throw TooMuch(expression);
    }

    /// <summary>What is evaluated, with what was read in a column of the row.</summary>
    public static Expression OverArgument(Expression expression, int column)
    {
        if (!Reads(expression))
        {
            return expression;
        }

        List<Expression> arguments = ArgumentsOf(expression);
        var over = new Expression();
        over.Nodes.AddRange(arguments[0].Nodes);
        over.Nodes.Add(BoundNodes.Column((uint)column, SqlType.Int64, isNullable: true));
        over.Nodes.AddRange(arguments.Count > 2 ? arguments[2].Nodes : []);
        over.Nodes.Add(expression.Nodes[^1]);
        return over;
    }

    /// <summary>0A000 for an expression that changes a sequence and reads columns.</summary>
    public static Expression RequireUnread(Expression expression) => Reads(expression) ? throw TooMuch(expression) : expression;

    private static bool Reads(Expression expression) => BoundNodes.Contains(expression, static n => n.Op
        is ExpressionOp.Column or ExpressionOp.Aggregate or ExpressionOp.Window or ExpressionOp.Query
        or ExpressionOp.Exists or ExpressionOp.Any or ExpressionOp.All);

    private static List<Expression> ArgumentsOf(Expression expression)
    {
        var starts = new Stack<int>();
        for (int i = 0; i < expression.Nodes.Count - 1; i++)
        {
            int start = i;
            for (uint c = 0; c < expression.Nodes[i].Children; c++)
            {
                start = starts.Pop();
            }

            starts.Push(start);
        }

        int end = expression.Nodes.Count - 1;
        var arguments = new List<Expression>();
        foreach (int start in starts)
        {
            var argument = new Expression();
            for (int i = start; i < end; i++)
            {
                argument.Nodes.Add(expression.Nodes[i]);
            }

            arguments.Insert(0, argument);
            end = start;
        }

        return arguments;
    }

    private static SqlException TooMuch(Expression expression) => new(
        SqlStates.FeatureNotSupported,
        "an expression that takes numbers of a sequence and reads columns is not supported",
        (int)expression.Nodes[^1].Position)
    {
        Hint = "Take the number alone, as an item or a value of its own.",
    };
}
