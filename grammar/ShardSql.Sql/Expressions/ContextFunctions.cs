using System;
using System.Collections.Generic;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Sql.Expressions;

/// <summary>Functions whose value the gateway gives: the transaction's time, random uuids.</summary>
internal static class ContextFunctions
{
    private static readonly SortedDictionary<string, (SqlType Type, bool IsStable)> s_functions =
        new(StringComparer.Ordinal)
        {
            ["now"] = (SqlType.TimestampTz, true),
            ["current_timestamp"] = (SqlType.TimestampTz, true),
            ["transaction_timestamp"] = (SqlType.TimestampTz, true),
            ["localtimestamp"] = (SqlType.Timestamp, true),
            ["current_date"] = (SqlType.Date, true),
            ["current_time"] = (SqlType.Time, true),
            ["localtime"] = (SqlType.Time, true),
            ["gen_random_uuid"] = (SqlType.Uuid, false),
        };

    public static IEnumerable<string> Names => s_functions.Keys;

    public static bool TryGetType(string name, out SqlType type)
    {
        bool known = s_functions.TryGetValue(name, out (SqlType Type, bool IsStable) function);
        type = function.Type;
        return known;
    }

    /// <summary>Whether all calls within a transaction give the same.</summary>
    public static bool IsStable(string name) => s_functions[name].IsStable;

    public static SqlValue Evaluate(string name, EvaluationContext? context)
    {
        if (context is null)
        {
            throw new InvalidOperationException($"{name} is evaluated at the gateway only");
        }

        if (name == "gen_random_uuid")
        {
            return SqlValue.FromUuid(context.NextUuid());
        }

        SqlValue now = SqlValue.FromTimestampTz(context.NowMicroseconds);
        return SqlCast.To(now, s_functions[name].Type, isExplicit: true);
    }
}

/// <summary>A call of a context function.</summary>
internal sealed class ContextCallNode(string name, SqlType type, int position) : Node(type, position, [])
{
    public override bool IsVolatile => true;

    public override bool IsNullable => false;

    public bool IsStable => ContextFunctions.IsStable(name);

    public override SqlValue Evaluate(in Frame frame) => ContextFunctions.Evaluate(name, frame.Context);

    protected override ExpressionNode ToMessage()
    {
        ExpressionNode message = Message(ExpressionOp.Function, 0);
        message.Name = name;
        return message;
    }
}
