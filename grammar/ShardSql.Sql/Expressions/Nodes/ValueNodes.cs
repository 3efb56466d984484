using System.Text;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Sql.Expressions;

/// <summary>A conversion. The flag of the message says that it is an assignment, which is stricter.</summary>
internal sealed class CastNode(Node child, SqlType type, bool isAssignment, int position)
    : Node(type, position, [child])
{
    public override SqlValue Evaluate(in Frame frame) =>
        Convert(Children[0].Evaluate(frame));

    /// <summary>A value of the child's type, converted.</summary>
    public SqlValue Convert(SqlValue value) => SqlCast.To(value, Type, isExplicit: !isAssignment);

    protected override ExpressionNode ToMessage()
    {
        ExpressionNode message = Message(ExpressionOp.Cast, 1);
        message.Type = Type.ToMessage();
        message.Flag = isAssignment;
        return message;
    }
}

/// <summary>+, −, *, /, % over operands of one number type, from the left.</summary>
internal sealed class ArithmeticNode(ExpressionOp op, Node[] children, SqlType type, int position)
    : Node(type, position, children)
{
    public override SqlValue Evaluate(in Frame frame)
    {
        SqlValue total = Children[0].Evaluate(frame);
        bool isNull = total.IsNull;
        for (int i = 1; i < Children.Length; i++)
        {
            SqlValue next = Children[i].Evaluate(frame);
            isNull |= next.IsNull;
            if (!isNull)
            {
                total = Arithmetic.Apply(op, total, next);
            }
        }

        return isNull ? SqlValue.NullOf(Type.Kind) : total;
    }

    protected override ExpressionNode ToMessage() => Message(op, Children.Length);
}

/// <summary>date + n, date − n, date − date: whole days.</summary>
internal sealed class DateArithmeticNode(ExpressionOp op, Node left, Node right, SqlType type, int position)
    : Node(type, position, [left, right])
{
    public override SqlValue Evaluate(in Frame frame)
    {
        SqlValue left = Children[0].Evaluate(frame);
        SqlValue right = Children[1].Evaluate(frame);
        if (left.IsNull || right.IsNull)
        {
            return SqlValue.NullOf(Type.Kind);
        }

        if (right.Kind == SqlKind.Date && left.Kind == SqlKind.Date)
        {
            return SqlValue.FromInt32(left.AsDate() - right.AsDate());
        }

        (SqlValue date, SqlValue days) = left.Kind == SqlKind.Date ? (left, right) : (right, left);
        long sum = op == ExpressionOp.Add ? date.AsDate() + days.AsInt64() : date.AsDate() - days.AsInt64();
        return sum is >= TemporalText.MinDays and <= TemporalText.MaxDays
            ? SqlValue.FromDate((int)sum)
            : throw TemporalText.OutOfRange(SqlType.Date);
    }

    protected override ExpressionNode ToMessage() => Message(op, 2);
}

/// <summary>Unary minus.</summary>
internal sealed class NegateNode(Node child, int position) : Node(child.Type, position, [child])
{
    public override SqlValue Evaluate(in Frame frame)
    {
        SqlValue value = Children[0].Evaluate(frame);
        return value.IsNull ? value : Arithmetic.Negate(value);
    }

    protected override ExpressionNode ToMessage() => Message(ExpressionOp.Negate, 1);
}

/// <summary>|| of texts, or of byte strings.</summary>
internal sealed class ConcatNode(Node[] children, SqlType type, int position) : Node(type, position, children)
{
    public override SqlValue Evaluate(in Frame frame) =>
        Type.Kind == SqlKind.Bytes ? ConcatBytes(frame) : ConcatText(frame);

    protected override ExpressionNode ToMessage() => Message(ExpressionOp.Concat, Children.Length);

    private SqlValue ConcatText(in Frame frame)
    {
        var text = new StringBuilder();
        foreach (Node child in Children)
        {
            SqlValue value = child.Evaluate(frame);
            if (value.IsNull)
            {
                return SqlValue.NullOf(SqlKind.Text);
            }

            text.Append(value.AsText());
            Functions.CheckJoinedLength(text.Length);
        }

        return SqlValue.FromText(text.ToString());
    }

    private SqlValue ConcatBytes(in Frame frame)
    {
        byte[] bytes = [];
        foreach (Node child in Children)
        {
            SqlValue value = child.Evaluate(frame);
            if (value.IsNull)
            {
                return SqlValue.NullOf(SqlKind.Bytes);
            }

            bytes = [.. bytes, .. value.AsBytes()];
            Functions.CheckJoinedLength(bytes.Length);
        }

        return SqlValue.FromBytes(bytes);
    }
}
