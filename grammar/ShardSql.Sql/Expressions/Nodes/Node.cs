using System;
using System.Collections.Generic;
using System.Linq;
using Google.Protobuf;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Sql.Expressions;

/// <summary>A node of a bound expression: immutable, typed, its children already of the types that it needs.</summary>
internal abstract class Node(SqlType type, int position, Node[] children)
{
    public SqlType Type { get; } = type;

    public int Position { get; } = position;

    public Node[] Children { get; } = children;

    /// <summary>A text literal or NULL whose type its surroundings decide.</summary>
    public virtual bool IsUntyped => Type.Kind == SqlKind.Null;

    public virtual bool IsNullable => Children.Any(c => c.IsNullable);

    /// <summary>Whether it depends on more than row and parameters.</summary>
    public virtual bool IsVolatile => Children.Any(c => c.IsVolatile);

    public abstract SqlValue Evaluate(in Frame frame);

    /// <summary>The node itself as a message, its children having been written.</summary>
    protected abstract ExpressionNode ToMessage();

    public void Append(IList<ExpressionNode> nodes)
    {
        foreach (Node child in Children)
        {
            child.Append(nodes);
        }

        ExpressionNode message = ToMessage();
        message.Position = (uint)Position;
        nodes.Add(message);
    }

    protected static ExpressionNode Message(ExpressionOp op, int children) =>
        new() { Op = op, Children = (uint)children };
}

/// <summary>What evaluation reads: one row, the parameters, and what the gateway gives.</summary>
internal readonly ref struct Frame(
    ReadOnlySpan<SqlValue> row, ReadOnlySpan<SqlValue> parameters, EvaluationContext? context)
{
    public readonly ReadOnlySpan<SqlValue> Row = row;
    public readonly ReadOnlySpan<SqlValue> Parameters = parameters;
    public readonly EvaluationContext? Context = context;
}

/// <summary>A value that is known.</summary>
internal sealed class ConstantNode(SqlValue value, SqlType type, int position, bool isUntyped = false)
    : Node(type, position, [])
{
    public SqlValue Value { get; } = value;

    public override bool IsUntyped => isUntyped || base.IsUntyped;

    public override bool IsNullable => Value.IsNull;

    public override SqlValue Evaluate(in Frame frame) => Value;

    protected override ExpressionNode ToMessage() => new()
    {
        Op = ExpressionOp.Literal,
        Literal = UnsafeByteOperations.UnsafeWrap(ValueCodec.ToBytes(Value)),
        Type = IsUntyped ? null : Type.ToMessage(),
    };
}

/// <summary>A column of the row.</summary>
internal sealed class ColumnNode(ColumnBinding column, int position) : Node(column.Type, position, [])
{
    public int Ordinal => column.Ordinal;

    public override bool IsNullable => column.IsNullable;

    public override SqlValue Evaluate(in Frame frame) => frame.Row[column.Ordinal];

    protected override ExpressionNode ToMessage() => new()
    {
        Op = ExpressionOp.BoundColumn,
        Ordinal = (uint)column.Ordinal,
        Type = Type.ToMessage(),
        Flag = column.IsNullable,
    };
}

/// <summary>A parameter; one without a type is NULL of the type that its surroundings decide.</summary>
internal sealed class ParameterNode(int ordinal, SqlType type, int position) : Node(type, position, [])
{
    public int Ordinal => ordinal;

    public override bool IsNullable => true;

    public override SqlValue Evaluate(in Frame frame) => frame.Parameters[ordinal];

    protected override ExpressionNode ToMessage() => new()
    {
        Op = ExpressionOp.BoundParameter,
        Ordinal = (uint)ordinal,
        Type = Type.ToMessage(),
    };
}
