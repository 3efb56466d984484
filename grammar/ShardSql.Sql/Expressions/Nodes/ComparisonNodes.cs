using System;
using System.Collections.Generic;
using System.Linq;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Sql.Expressions;

/// <summary>=, &lt;&gt;, &lt;, &lt;=, &gt;, &gt;= of two values of one type.</summary>
internal sealed class ComparisonNode(ExpressionOp op, Node left, Node right, int position)
    : Node(SqlType.Boolean, position, [left, right])
{
    public ExpressionOp Op => op;

    public override SqlValue Evaluate(in Frame frame)
    {
        SqlValue left = Children[0].Evaluate(frame);
        SqlValue right = Children[1].Evaluate(frame);
        return left.IsNull || right.IsNull
            ? SqlValue.NullOf(SqlKind.Boolean)
            : SqlValue.FromBoolean(Holds(op, SqlValue.Compare(left, right)));
    }

    public static bool Holds(ExpressionOp op, int order) => op switch
    {
        ExpressionOp.Equal => order == 0,
        ExpressionOp.NotEqual => order != 0,
        ExpressionOp.Less => order < 0,
        ExpressionOp.LessOrEqual => order <= 0,
        ExpressionOp.Greater => order > 0,
        _ => order >= 0,
    };

    protected override ExpressionNode ToMessage() => Message(op, 2);
}

/// <summary>IS [NOT] DISTINCT FROM: equality in which NULL equals NULL.</summary>
internal sealed class DistinctNode(bool negated, Node left, Node right, int position)
    : Node(SqlType.Boolean, position, [left, right])
{
    public override bool IsNullable => false;

    public override SqlValue Evaluate(in Frame frame)
    {
        SqlValue left = Children[0].Evaluate(frame);
        SqlValue right = Children[1].Evaluate(frame);
        bool distinct = left.IsNull != right.IsNull || (!left.IsNull && SqlValue.Compare(left, right) != 0);
        return SqlValue.FromBoolean(distinct != negated);
    }

    protected override ExpressionNode ToMessage() =>
        Message(negated ? ExpressionOp.IsNotDistinctFrom : ExpressionOp.IsDistinctFrom, 2);
}

/// <summary>BETWEEN: low ≤ value and value ≤ high.</summary>
internal sealed class BetweenNode(bool negated, Node[] children, int position)
    : Node(SqlType.Boolean, position, children)
{
    public override SqlValue Evaluate(in Frame frame)
    {
        SqlValue value = Children[0].Evaluate(frame);
        SqlValue low = Children[1].Evaluate(frame);
        SqlValue high = Children[2].Evaluate(frame);
        bool? above = value.IsNull || low.IsNull ? null : SqlValue.Compare(low, value) <= 0;
        bool? below = value.IsNull || high.IsNull ? null : SqlValue.Compare(value, high) <= 0;
        bool? inside = above & below;
        return inside is null ? SqlValue.NullOf(SqlKind.Boolean) : SqlValue.FromBoolean(inside.Value != negated);
    }

    protected override ExpressionNode ToMessage() =>
        Message(negated ? ExpressionOp.NotBetween : ExpressionOp.Between, 3);
}

/// <summary>IN over a list. Long lists of constants are looked up in a set, and so are lists that are one parameter.
/// </summary>
internal sealed class InNode : Node
{
    private const int SmallList = 8;

    private readonly bool _negated;
    private readonly HashSet<SqlValue>? _constants;
    private readonly bool _hasNull;
    private readonly ListLookUp?[] _lists;

    public InNode(bool negated, Node[] children, int position)
        : base(SqlType.Boolean, position, children)
    {
        _negated = negated;
        _lists = [.. children.Select(c => ParameterListNode.Of(c) is null ? null : new ListLookUp(c))];
        if (children.Length > SmallList && children.Skip(1).All(c => c is ConstantNode))
        {
            IEnumerable<SqlValue> values = children.Skip(1).Select(c => ((ConstantNode)c).Value);
            _constants = [.. values.Where(v => !v.IsNull)];
            _hasNull = values.Any(v => v.IsNull);
        }
    }

    public override SqlValue Evaluate(in Frame frame)
    {
        SqlValue value = Children[0].Evaluate(frame);
        if (value.IsNull)
        {
            return SqlValue.NullOf(SqlKind.Boolean);
        }

        bool unknown = _hasNull;
        if (_constants is not null)
        {
            return _constants.Contains(value) ? SqlValue.FromBoolean(!_negated) : Missed(unknown);
        }

        for (int i = 1; i < Children.Length; i++)
        {
            if (_lists[i] is { } list)
            {
                bool? has = list.Has(value, frame);
                if (has is true)
                {
                    return SqlValue.FromBoolean(!_negated);
                }

                unknown |= has is null;
                continue;
            }

            SqlValue item = Children[i].Evaluate(frame);
            if (item.IsNull)
            {
                unknown = true;
            }
            else if (SqlValue.Compare(value, item) == 0)
            {
                return SqlValue.FromBoolean(!_negated);
            }
        }

        return Missed(unknown);
    }

    protected override ExpressionNode ToMessage() =>
        Message(_negated ? ExpressionOp.NotIn : ExpressionOp.In, Children.Length);

    private SqlValue Missed(bool unknown) =>
        unknown ? SqlValue.NullOf(SqlKind.Boolean) : SqlValue.FromBoolean(_negated);
}

/// <summary>LIKE and ILIKE. A constant pattern is compiled once.</summary>
internal sealed class LikeNode : Node
{
    private readonly ExpressionOp _op;
    private readonly LikePattern? _compiled;

    public LikeNode(ExpressionOp op, Node[] children, int position)
        : base(SqlType.Boolean, position, children)
    {
        _op = op;
        bool isConstant = children[1..].All(c => c is ConstantNode { Value.IsNull: false });
        if (isConstant)
        {
            _compiled = Compile(
                ((ConstantNode)children[1]).Value,
                children.Length > 2 ? ((ConstantNode)children[2]).Value : SqlValue.Null);
        }
    }

    private bool IsNegated => _op is ExpressionOp.NotLike or ExpressionOp.NotIlike;

    public override SqlValue Evaluate(in Frame frame)
    {
        SqlValue value = Children[0].Evaluate(frame);
        LikePattern? pattern = _compiled;
        if (pattern is null)
        {
            SqlValue text = Children[1].Evaluate(frame);
            SqlValue escape = Children.Length > 2 ? Children[2].Evaluate(frame) : SqlValue.Null;
            if (text.IsNull || (Children.Length > 2 && escape.IsNull))
            {
                return SqlValue.NullOf(SqlKind.Boolean);
            }

            pattern = Compile(text, escape);
        }

        return value.IsNull
            ? SqlValue.NullOf(SqlKind.Boolean)
            : SqlValue.FromBoolean(pattern.Matches(value.AsText()) != IsNegated);
    }

    protected override ExpressionNode ToMessage() => Message(_op, Children.Length);

    private LikePattern Compile(SqlValue pattern, SqlValue escape) => LikePattern.Compile(
        pattern.AsText(), escape.IsNull ? null : escape.AsText(), _op is ExpressionOp.Ilike or ExpressionOp.NotIlike);
}

/// <summary>A row, only as an operand of a comparison of rows.</summary>
internal sealed class RowNode(Node[] children, int position) : Node(SqlType.Null, position, children)
{
    public override bool IsUntyped => false;

    public override SqlValue Evaluate(in Frame frame) =>
        throw new InvalidOperationException("a row is compared, not evaluated");

    protected override ExpressionNode ToMessage() => Message(ExpressionOp.Row, Children.Length);
}

/// <summary>Comparison of two rows of one length, as SQL defines it: the first pair that differs decides.</summary>
internal sealed class RowComparisonNode(ExpressionOp op, RowNode left, RowNode right, int position)
    : Node(SqlType.Boolean, position, [left, right])
{
    public override SqlValue Evaluate(in Frame frame)
    {
        bool isEquality = op is ExpressionOp.Equal or ExpressionOp.NotEqual;
        bool unknown = false;
        for (int i = 0; i < Children[0].Children.Length; i++)
        {
            SqlValue a = Children[0].Children[i].Evaluate(frame);
            SqlValue b = Children[1].Children[i].Evaluate(frame);
            if (a.IsNull || b.IsNull)
            {
                unknown = true;
                if (!isEquality)
                {
                    break;
                }
            }
            else if (SqlValue.Compare(a, b) is var order && order != 0)
            {
                return SqlValue.FromBoolean(ComparisonNode.Holds(op, order));
            }
        }

        return unknown ? SqlValue.NullOf(SqlKind.Boolean) : SqlValue.FromBoolean(ComparisonNode.Holds(op, 0));
    }

    protected override ExpressionNode ToMessage() => Message(op, 2);
}
