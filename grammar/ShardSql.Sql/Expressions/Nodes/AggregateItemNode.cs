using System;
using System.Linq;
using ShardSql.Primitives;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Sql.Expressions;

/// <summary>What one row gives to string_agg, as one value: text, separator, and the key by which its ORDER BY puts it among
/// the others, whose bytes compare as the values do. NULL where the text is.</summary>
internal sealed class AggregateItemNode : Node
{
    private readonly string _order;

    private AggregateItemNode(Node[] children, string order, int position)
        : base(SqlType.Bytes, position, children) => _order = order;

    public override bool IsNullable => true;

    /// <summary>Binds one; 42883 for what is no text.</summary>
    public static AggregateItemNode Bind(Node[] children, string order, int position)
    {
        bool fits = true;
        for (int i = 0; i < children.Length; i++)
        {
            bool isText = i < 2;
            fits &= children[i] is not RowNode && (isText
                ? children[i].IsUntyped || children[i].Type.Kind == SqlKind.Text
                : children[i].Type.Kind != SqlKind.Json);
        }

        if (!fits)
        {
            string types = string.Join(", ", children.Take(2).Select(c => c.Type.ToString()));
            throw new SqlException(
                SqlStates.UndefinedFunction, $"function {Aggregates.StringAgg}({types}) does not exist", position)
            {
                Hint = "It takes texts; a CAST may help.",
            };
        }

        return new AggregateItemNode(
            [.. children.Select((c, i) => i < 2 ? Coercion.To(c, SqlType.Text, CastContext.Implicit) : Coercion.Settle(c))],
            order,
            position);
    }

    public override SqlValue Evaluate(in Frame frame)
    {
        SqlValue text = Children[0].Evaluate(frame);
        if (text.IsNull)
        {
            return SqlValue.NullOf(SqlKind.Bytes);
        }

        SqlValue separator = Children[1].Evaluate(frame);
        var key = new ByteWriter();
        for (int i = 2; i < Children.Length; i++)
        {
            AppendKey(key, Children[i].Evaluate(frame), _order[2 * (i - 2)] == 'd', _order[(2 * (i - 2)) + 1] == 'f');
        }

        return new AggregateItem(key.ToArray(), separator.IsNull ? string.Empty : separator.AsText(), text.AsText())
            .ToValue();
    }

    protected override ExpressionNode ToMessage()
    {
        ExpressionNode message = Message(ExpressionOp.AggregateItem, Children.Length);
        message.Name = _order;
        return message;
    }

    private static void AppendKey(ByteWriter key, SqlValue value, bool isDescending, bool nullsFirst)
    {
        // Between NULLs first (0) and NULLs last (2) lie the values.
        key.WriteByte(!value.IsNull ? (byte)1 : nullsFirst ? (byte)0 : (byte)2);
        if (value.IsNull)
        {
            return;
        }

        var part = new ByteWriter();
        KeyCodec.Append(part, value);
        foreach (byte one in part.WrittenSpan)
        {
            key.WriteByte(isDescending ? (byte)~one : one);
        }
    }
}
