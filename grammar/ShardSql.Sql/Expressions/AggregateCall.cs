using System.Collections.Generic;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Sql.Expressions;

/// <summary>A bound aggregate: which, over what, distinct or not. It travels as an expression message.</summary>
public sealed class AggregateCall
{
    internal AggregateCall(AggregateKind kind, bool isDistinct, BoundExpression? argument, SqlType type)
    {
        Kind = kind;

        // Where it makes no difference they keep their partials.
        IsDistinct = isDistinct && !IgnoresDuplicates;
        Argument = argument;
        Type = type;
    }

    /// <summary>Which aggregate.</summary>
    public AggregateKind Kind { get; }

    /// <summary>Whether values that are there twice make no difference.</summary>
    public bool IgnoresDuplicates =>
        Kind is AggregateKind.Min or AggregateKind.Max or AggregateKind.BoolAnd or AggregateKind.BoolOr;

    /// <summary>Whether equal values count once; then it has no partials.</summary>
    public bool IsDistinct { get; }

    /// <summary>What it is over, null for COUNT(*).</summary>
    public BoundExpression? Argument { get; }

    /// <summary>The result's type.</summary>
    public SqlType Type { get; }

    /// <summary>The types of the partial's values; none for a distinct aggregate.</summary>
    public IReadOnlyList<SqlType> PartialTypes =>
        IsDistinct ? [] : Aggregates.PartialTypes(Kind, Argument?.Type ?? SqlType.Null);

    /// <summary>From its message; 08P01 when it is malformed.</summary>
    public static AggregateCall FromMessage(Expression message)
    {
        if (message is not { Nodes: [.., { Op: ExpressionOp.Aggregate } root] })
        {
            throw new SqlException(SqlStates.ProtocolViolation, "malformed aggregate");
        }

        Expression? argument = null;
        if (message.Nodes.Count > 1)
        {
            argument = new Expression();
            for (int i = 0; i < message.Nodes.Count - 1; i++)
            {
                argument.Nodes.Add(message.Nodes[i]);
            }
        }

        return Create(root, argument is null ? null : BoundExpression.FromMessage(argument));
    }

    /// <summary>As a message: the argument's nodes, then the aggregate.</summary>
    public Expression ToMessage()
    {
        Expression message = Argument?.ToMessage() ?? new Expression();
        message.Nodes.Add(new ExpressionNode
        {
            Op = ExpressionOp.Aggregate,
            Children = Argument is null ? 0u : 1u,
            Name = Aggregates.NameOf(Kind),
            Flag = IsDistinct,
        });
        return message;
    }

    /// <summary>An empty state.</summary>
    public IAggregateState CreateState() => Aggregates.CreateState(this);

    /// <summary>As SQL, for EXPLAIN.</summary>
    public override string ToString() => ExpressionPrinter.Print(ToMessage());

    internal static AggregateCall Create(ExpressionNode node, BoundExpression? argument)
    {
        AggregateKind kind = Aggregates.KindOf(node.Name, argument is not null);
        SqlType type = argument?.Type ?? SqlType.Null;
        return Aggregates.ResultType(kind, type) is { } result
            ? new AggregateCall(kind, node.Flag, argument, result)
            : throw new SqlException(
                SqlStates.UndefinedFunction, $"function {node.Name}({type}) does not exist", (int)node.Position);
    }
}
