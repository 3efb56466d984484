using System;
using System.Collections.Generic;
using Google.Protobuf;
using ShardSql.Sql;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Relations;

/// <summary>Makes and looks into expressions whose names have become places.</summary>
internal static class BoundNodes
{
    /// <summary>A column of the row.</summary>
    public static ExpressionNode Column(uint ordinal, SqlType type, bool isNullable, uint position = 0) => new()
    {
        Op = ExpressionOp.BoundColumn,
        Ordinal = ordinal,
        Type = type.ToMessage(),
        Flag = isNullable,
        Position = position,
    };

    /// <summary>A parameter or a slot.</summary>
    public static ExpressionNode Parameter(uint ordinal, SqlType type, uint position = 0) => new()
    {
        Op = ExpressionOp.BoundParameter,
        Ordinal = ordinal,
        Type = type.ToMessage(),
        Position = position,
    };

    /// <summary>An expression of some nodes in post-order.</summary>
    public static Expression Of(params IEnumerable<ExpressionNode> nodes)
    {
        var expression = new Expression();
        expression.Nodes.AddRange(nodes);
        return expression;
    }

    /// <summary>An operator over expressions.</summary>
    public static Expression Apply(ExpressionOp op, params IReadOnlyList<Expression> operands)
    {
        var whole = new Expression();
        foreach (Expression operand in operands)
        {
            whole.Nodes.AddRange(operand.Nodes);
        }

        whole.Nodes.Add(new ExpressionNode { Op = op, Children = (uint)operands.Count });
        return whole;
    }

    /// <summary>All of the conditions; null where there are none.</summary>
    public static Expression? And(IReadOnlyList<Expression> conditions) => conditions.Count switch
    {
        0 => null,
        1 => conditions[0],
        _ => Apply(ExpressionOp.And, conditions),
    };

    /// <summary>The expression as another type.</summary>
    public static Expression Cast(Expression expression, SqlType type)
    {
        Expression cast = expression.Clone();
        cast.Nodes.Add(new ExpressionNode { Op = ExpressionOp.Cast, Children = 1, Type = type.ToMessage() });
        return cast;
    }

    /// <summary>What tells expressions apart, wherever they were written.</summary>
    public static string Shape(Expression expression)
    {
        Expression plain = expression.Clone();
        foreach (ExpressionNode node in plain.Nodes)
        {
            node.Position = 0;
        }

        return plain.ToByteString().ToBase64();
    }

    /// <summary>Checks an expression that holds no names any more.</summary>
    public static BoundExpression Bind(Expression expression) => BoundExpression.FromMessage(expression);

    /// <summary>Whether any node is of a kind.</summary>
    public static bool Contains(Expression? expression, Func<ExpressionNode, bool> isSought)
    {
        foreach (ExpressionNode node in expression?.Nodes ?? [])
        {
            if (isSought(node))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether an expression holds what only relational operators can compute.</summary>
    public static bool NeedsRelations(Expression? expression) => Contains(expression, static n => n.Op
        is ExpressionOp.Query or ExpressionOp.Exists or ExpressionOp.Any or ExpressionOp.All or ExpressionOp.Window);

    /// <summary>The expression with a value in the place of each column; null where one has none.</summary>
    public static Expression? Replace(Expression expression, Func<uint, Expression?> valueOf)
    {
        var replaced = new Expression();
        foreach (ExpressionNode node in expression.Nodes)
        {
            if (node.Op != ExpressionOp.BoundColumn)
            {
                replaced.Nodes.Add(node);
            }
            else if (valueOf(node.Ordinal) is { } value)
            {
                replaced.Nodes.AddRange(value.Nodes);
            }
            else
            {
                return null;
            }
        }

        return replaced;
    }

    /// <summary>The column that an expression is, −1 where it is none.</summary>
    public static int ColumnOf(Expression expression) =>
        expression.Nodes is [{ Op: ExpressionOp.BoundColumn } only] ? (int)only.Ordinal : -1;

    /// <summary>Whether a written expression is a NULL or a text that has no type of its own.</summary>
    public static bool IsUntyped(Expression expression) => expression.Nodes is [{ Op: ExpressionOp.Literal, Type: null } only]
        && ValueCodec.FromBytes(only.Literal.Span) is { } value && (value.IsNull || value.Kind == SqlKind.Text);

    /// <summary>42601 for the wrong number of something.</summary>
    public static SqlException Mismatch(string message, uint position) =>
        new(SqlStates.SyntaxError, message, (int)position);
}
