using System;
using System.Collections.Generic;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Sql.Expressions;

/// <summary>nextval, currval, lastval, setval: their numbers come from the gateway, by the name of the sequence.</summary>
public static class SequenceFunctions
{
    private static readonly SortedDictionary<string, (int Min, SqlType[] Arguments)> s_functions =
        new(StringComparer.Ordinal)
        {
            ["nextval"] = (1, [SqlType.Text]),
            ["currval"] = (1, [SqlType.Text]),
            ["lastval"] = (0, []),
            ["setval"] = (2, [SqlType.Text, SqlType.Int64, SqlType.Boolean]),
        };

    internal static IEnumerable<string> Names => s_functions.Keys;

    /// <summary>Whether a node is a call of one of them.</summary>
    public static bool IsCall(ExpressionNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        return node.Op == ExpressionOp.Function && s_functions.ContainsKey(node.Name);
    }

    /// <summary>Whether a node is a call that changes a sequence: each row needs its own.</summary>
    public static bool IsChange(ExpressionNode node) => IsCall(node) && node.Name is "nextval" or "setval";

    /// <summary>Whether an expression changes a sequence.</summary>
    public static bool ChangesIn(Expression? expression)
    {
        foreach (ExpressionNode node in expression?.Nodes ?? [])
        {
            if (IsChange(node))
            {
                return true;
            }
        }

        return false;
    }

    internal static SequenceCallNode? Bind(string name, Node[] arguments, int position)
    {
        if (!s_functions.TryGetValue(name, out (int Min, SqlType[] Arguments) function))
        {
            return null;
        }

        bool fits = arguments.Length >= function.Min && arguments.Length <= function.Arguments.Length;
        for (int i = 0; i < arguments.Length && fits; i++)
        {
            SqlType type = function.Arguments[i];
            fits = arguments[i] is not RowNode && (arguments[i].IsUntyped
                || SqlCast.IsAllowed(arguments[i].Type.Kind, type.Kind, CastContext.Implicit));
            arguments[i] = fits ? Coercion.To(arguments[i], type, CastContext.Implicit) : arguments[i];
        }

        return fits
            ? new SequenceCallNode(name, arguments, position)
            : throw Functions.Unknown(name, arguments, position);
    }
}

/// <summary>A call of a function of sequences; NULL where an argument is.</summary>
internal sealed class SequenceCallNode(string name, Node[] arguments, int position)
    : Node(SqlType.Int64, position, arguments)
{
    public override bool IsVolatile => true;

    public override bool IsNullable => Children.Length > 0;

    public override SqlValue Evaluate(in Frame frame)
    {
        var values = new SqlValue[Children.Length];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = Children[i].Evaluate(frame);
            if (values[i].IsNull)
            {
                return SqlValue.NullOf(SqlKind.Int64);
            }
        }

        EvaluationContext context = frame.Context
            ?? throw new InvalidOperationException($"{name} is evaluated at the gateway only");
        return SqlValue.FromInt64(name switch
        {
            "nextval" => context.NextNumber(values[0].AsText(), Position),
            "currval" => context.CurrentNumber(values[0].AsText(), Position),
            "lastval" => context.LastNumber(),
            _ => context.SetNumber(
                values[0].AsText(), values[1].AsInt64(), values.Length < 3 || values[2].IsTrue, Position),
        });
    }

    protected override ExpressionNode ToMessage()
    {
        ExpressionNode message = Message(ExpressionOp.Function, Children.Length);
        message.Name = name;
        return message;
    }
}
