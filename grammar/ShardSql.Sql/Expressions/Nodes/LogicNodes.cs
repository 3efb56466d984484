using System.Linq;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Sql.Expressions;

/// <summary>AND and OR of two or more, in three-valued logic; they stop at the first child that decides.</summary>
internal sealed class JunctionNode(bool isAnd, Node[] children, int position)
    : Node(SqlType.Boolean, position, children)
{
    public override SqlValue Evaluate(in Frame frame)
    {
        bool unknown = false;
        foreach (Node child in Children)
        {
            SqlValue value = child.Evaluate(frame);
            if (value.IsNull)
            {
                unknown = true;
            }
            else if (value.AsBoolean() != isAnd)
            {
                return value;
            }
        }

        return unknown ? SqlValue.NullOf(SqlKind.Boolean) : SqlValue.FromBoolean(isAnd);
    }

    protected override ExpressionNode ToMessage() =>
        Message(isAnd ? ExpressionOp.And : ExpressionOp.Or, Children.Length);
}

/// <summary>NOT.</summary>
internal sealed class NotNode(Node child, int position) : Node(SqlType.Boolean, position, [child])
{
    public override SqlValue Evaluate(in Frame frame)
    {
        SqlValue value = Children[0].Evaluate(frame);
        return value.IsNull ? value : SqlValue.FromBoolean(!value.AsBoolean());
    }

    protected override ExpressionNode ToMessage() => Message(ExpressionOp.Not, 1);
}

/// <summary>IS [NOT] NULL, TRUE, FALSE: never NULL.</summary>
internal sealed class IsNode(ExpressionOp op, Node child, int position) : Node(SqlType.Boolean, position, [child])
{
    public override bool IsNullable => false;

    public override SqlValue Evaluate(in Frame frame)
    {
        SqlValue value = Children[0].Evaluate(frame);
        return SqlValue.FromBoolean(op switch
        {
            ExpressionOp.IsNull => value.IsNull,
            ExpressionOp.IsNotNull => !value.IsNull,
            ExpressionOp.IsTrue => value.IsTrue,
            ExpressionOp.IsNotTrue => !value.IsTrue,
            ExpressionOp.IsFalse => value.IsFalse,
            _ => !value.IsFalse,
        });
    }

    protected override ExpressionNode ToMessage() => Message(op, 1);
}

/// <summary>CASE. With an operand, each WHEN is compared with it; the branches have one type.</summary>
internal sealed class CaseNode(bool hasOperand, Node[] children, SqlType type, int position)
    : Node(type, position, children)
{
    public override bool IsNullable => !HasElse || Results().Any(c => c.IsNullable);

    private bool HasElse => (Children.Length - First) % 2 == 1;

    private int First => hasOperand ? 1 : 0;

    public override SqlValue Evaluate(in Frame frame)
    {
        SqlValue operand = hasOperand ? Children[0].Evaluate(frame) : SqlValue.True;
        int at = First;
        for (; at + 1 < Children.Length; at += 2)
        {
            SqlValue when = Children[at].Evaluate(frame);
            bool taken = hasOperand
                ? !when.IsNull && !operand.IsNull && SqlValue.Compare(when, operand) == 0
                : when.IsTrue;
            if (taken)
            {
                return Children[at + 1].Evaluate(frame);
            }
        }

        return at < Children.Length ? Children[at].Evaluate(frame) : SqlValue.NullOf(Type.Kind);
    }

    protected override ExpressionNode ToMessage()
    {
        ExpressionNode message = Message(ExpressionOp.Case, Children.Length);
        message.Flag = hasOperand;
        return message;
    }

    private System.Collections.Generic.IEnumerable<Node> Results()
    {
        int at = First;
        for (; at + 1 < Children.Length; at += 2)
        {
            yield return Children[at + 1];
        }

        if (at < Children.Length)
        {
            yield return Children[at];
        }
    }
}

/// <summary>COALESCE: the first that is not NULL.</summary>
internal sealed class CoalesceNode(Node[] children, SqlType type, int position) : Node(type, position, children)
{
    public override bool IsNullable => Children.All(c => c.IsNullable);

    public override SqlValue Evaluate(in Frame frame)
    {
        foreach (Node child in Children)
        {
            SqlValue value = child.Evaluate(frame);
            if (!value.IsNull)
            {
                return value;
            }
        }

        return SqlValue.NullOf(Type.Kind);
    }

    protected override ExpressionNode ToMessage() => Message(ExpressionOp.Coalesce, Children.Length);
}

/// <summary>NULLIF: the first, or NULL when it equals the second.</summary>
internal sealed class NullifNode(Node left, Node right, int position) : Node(left.Type, position, [left, right])
{
    public override bool IsNullable => true;

    public override SqlValue Evaluate(in Frame frame)
    {
        SqlValue left = Children[0].Evaluate(frame);
        SqlValue right = Children[1].Evaluate(frame);
        return !left.IsNull && !right.IsNull && SqlValue.Compare(left, right) == 0 ? SqlValue.NullOf(Type.Kind) : left;
    }

    protected override ExpressionNode ToMessage() => Message(ExpressionOp.Nullif, 2);
}
