using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using ShardSql.Sql.Parsing;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Sql.Expressions;

/// <summary>
/// Expressions to SQL that parses to the same expression; operands that are not simple stand in parentheses. Bound
/// columns print as $n and bound parameters as @n, both from 1, for people only.
/// </summary>
public static class ExpressionPrinter
{
    /// <summary>The SQL of an expression.</summary>
    public static string Print(Expression expression)
    {
        ArgumentNullException.ThrowIfNull(expression);
        var stack = new List<(string Text, bool IsSimple)>();
        foreach (ExpressionNode node in expression.Nodes)
        {
            int first = stack.Count - (int)node.Children;
            if (first < 0)
            {
                throw new SqlException(SqlStates.ProtocolViolation, "malformed expression");
            }

            List<(string Text, bool IsSimple)> children = stack.GetRange(first, (int)node.Children);
            stack.RemoveRange(first, children.Count);
            stack.Add(Print(node, children));
        }

        return stack.Count == 1
            ? stack[0].Text
            : throw new SqlException(SqlStates.ProtocolViolation, "malformed expression");
    }

    /// <summary>A name as SQL, quoted where it must be.</summary>
    public static string Quote(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        bool plain = name.Length > 0 && (char.IsAsciiLetterLower(name[0]) || name[0] == '_')
            && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_')
            && !Keywords.IsReserved(name);
        return plain ? name : "\"" + name.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";
    }

    /// <summary>A value as a SQL literal.</summary>
    public static string Quote(SqlValue value)
    {
        if (value.IsNull)
        {
            return value.Kind == SqlKind.Null ? "NULL" : $"CAST(NULL AS {new SqlType(value.Kind)})";
        }

        string text = value.ToText();
        string quoted = "'" + text.Replace("'", "''", StringComparison.Ordinal) + "'";
        return value.Kind switch
        {
            SqlKind.Boolean => text.ToUpperInvariant(),
            SqlKind.Int32 => text,
            SqlKind.Int64 when value.AsInt64() is > int.MaxValue or < int.MinValue => text,
            SqlKind.Decimal when text.Contains('.', StringComparison.Ordinal) => text,
            SqlKind.Text => quoted,
            SqlKind.Bytes => "X'" + text[2..] + "'",
            _ => $"{new SqlType(value.Kind)} {quoted}",
        };
    }

    private static (string Text, bool IsSimple) Print(ExpressionNode node, List<(string Text, bool IsSimple)> children)
    {
        string Operand(int i) => children[i].IsSimple ? children[i].Text : $"({children[i].Text})";
        string Operands(string separator) => string.Join(separator, children.Select((_, i) => Operand(i)));
        string All() => string.Join(", ", children.Select(c => c.Text));
        string invariant = (node.Ordinal + 1).ToString(CultureInfo.InvariantCulture);
        return node.Op switch
        {
            ExpressionOp.Literal => Literal(ValueCodec.FromBytes(node.Literal.Span)),
            ExpressionOp.Column => (string.Join('.', new[] { node.Schema, node.Qualifier, node.Name }
                .Where(n => n.Length > 0).Select(Quote)), true),
            ExpressionOp.Parameter => ("@" + node.Name, true),
            ExpressionOp.BoundColumn => ("$" + invariant, true),
            ExpressionOp.BoundParameter => ("@" + invariant, true),
            ExpressionOp.Default => ("DEFAULT", true),
            ExpressionOp.Not => ("NOT " + Operand(0), false),
            ExpressionOp.Negate => ("- " + Operand(0), false),
            ExpressionOp.Cast => ($"CAST({children[0].Text} AS {SqlType.FromMessage(node.Type)})", true),
            ExpressionOp.Between => ($"{Operand(0)} BETWEEN {Operand(1)} AND {Operand(2)}", false),
            ExpressionOp.NotBetween => ($"{Operand(0)} NOT BETWEEN {Operand(1)} AND {Operand(2)}", false),
            ExpressionOp.In or ExpressionOp.NotIn =>
                ($"{Operand(0)} {Words(node.Op)} ({string.Join(", ", children.Skip(1).Select(c => c.Text))})", false),
            ExpressionOp.Case => (Case(node, children), true),
            ExpressionOp.Coalesce => ($"coalesce({All()})", true),
            ExpressionOp.Nullif => ($"nullif({All()})", true),
            ExpressionOp.Function => ($"{Quote(node.Name)}({All()})", true),
            ExpressionOp.Aggregate when children.Count == 0 => ($"{Quote(node.Name)}(*)", true),
            ExpressionOp.Aggregate => ($"{Quote(node.Name)}({(node.Flag ? "DISTINCT " : string.Empty)}{All()})", true),
            ExpressionOp.AggregateItem => (Item(node, children), true),
            ExpressionOp.Row => ($"ROW({All()})", true),
            ExpressionOp.Like or ExpressionOp.NotLike or ExpressionOp.Ilike or ExpressionOp.NotIlike
                when children.Count == 3 => ($"{Operand(0)} {Words(node.Op)} {Operand(1)} ESCAPE {Operand(2)}", false),
            _ when children.Count == 1 => ($"{Operand(0)} {Words(node.Op)}", false),
            _ => (Operands($" {Words(node.Op)} "), false),
        };
    }

    private static (string Text, bool IsSimple) Literal(SqlValue value)
    {
        string text = Quote(value);
        return (text, text[0] != '-');
    }

    private static string Case(ExpressionNode node, List<(string Text, bool IsSimple)> children)
    {
        var text = new System.Text.StringBuilder("CASE");
        int at = 0;
        if (node.Flag)
        {
            text.Append(' ').Append(children[at++].Text);
        }

        for (; at + 1 < children.Count; at += 2)
        {
            text.Append(" WHEN ").Append(children[at].Text).Append(" THEN ").Append(children[at + 1].Text);
        }

        if (at < children.Count)
        {
            text.Append(" ELSE ").Append(children[at].Text);
        }

        return text.Append(" END").ToString();
    }

    private static string Item(ExpressionNode node, List<(string Text, bool IsSimple)> children)
    {
        var text = new System.Text.StringBuilder();
        text.Append(children[0].Text).Append(", ").Append(children[1].Text);
        for (int i = 2; i < children.Count; i++)
        {
            bool isDescending = node.Name[2 * (i - 2)] == 'd';
            bool nullsFirst = node.Name[(2 * (i - 2)) + 1] == 'f';
            text.Append(i == 2 ? " ORDER BY " : ", ").Append(children[i].Text)
                .Append(isDescending ? " DESC" : string.Empty)
                .Append(nullsFirst == isDescending ? string.Empty : nullsFirst ? " NULLS FIRST" : " NULLS LAST");
        }

        return text.ToString();
    }

    private static string Words(ExpressionOp op) => op switch
    {
        ExpressionOp.And => "AND",
        ExpressionOp.Or => "OR",
        ExpressionOp.Add => "+",
        ExpressionOp.Subtract => "-",
        ExpressionOp.Multiply => "*",
        ExpressionOp.Divide => "/",
        ExpressionOp.Modulo => "%",
        ExpressionOp.Concat => "||",
        ExpressionOp.IsNull => "IS NULL",
        ExpressionOp.IsNotNull => "IS NOT NULL",
        ExpressionOp.IsTrue => "IS TRUE",
        ExpressionOp.IsNotTrue => "IS NOT TRUE",
        ExpressionOp.IsFalse => "IS FALSE",
        ExpressionOp.IsNotFalse => "IS NOT FALSE",
        ExpressionOp.Equal => "=",
        ExpressionOp.NotEqual => "<>",
        ExpressionOp.Less => "<",
        ExpressionOp.LessOrEqual => "<=",
        ExpressionOp.Greater => ">",
        ExpressionOp.GreaterOrEqual => ">=",
        ExpressionOp.IsDistinctFrom => "IS DISTINCT FROM",
        ExpressionOp.IsNotDistinctFrom => "IS NOT DISTINCT FROM",
        ExpressionOp.Like => "LIKE",
        ExpressionOp.NotLike => "NOT LIKE",
        ExpressionOp.Ilike => "ILIKE",
        ExpressionOp.NotIlike => "NOT ILIKE",
        ExpressionOp.In => "IN",
        ExpressionOp.NotIn => "NOT IN",
        _ => throw new SqlException(SqlStates.ProtocolViolation, "malformed expression"),
    };
}
