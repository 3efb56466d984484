using System;
using System.Collections.Generic;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Sql.Expressions;

/// <summary>The aggregate functions: names, types, states.</summary>
public static class Aggregates
{
    /// <summary>The one whose argument is an item: text, separator, order.</summary>
    internal const string StringAgg = "string_agg";

    /// <summary>Whether a function is an aggregate; the name in lower case.</summary>
    public static bool IsAggregate(string name) =>
        name is "count" or "sum" or "avg" or "min" or "max" or "bool_and" or "bool_or" or "every" or StringAgg;

    /// <summary>Whether an expression contains an aggregate.</summary>
    public static bool Contains(Expression? expression)
    {
        foreach (ExpressionNode node in expression?.Nodes ?? [])
        {
            if (node.Op == ExpressionOp.Aggregate)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The aggregate of a name.</summary>
    internal static AggregateKind KindOf(string name, bool hasArgument) => name switch
    {
        "count" => hasArgument ? AggregateKind.Count : AggregateKind.CountRows,
        "sum" => AggregateKind.Sum,
        "avg" => AggregateKind.Avg,
        "min" => AggregateKind.Min,
        "max" => AggregateKind.Max,
        "bool_and" or "every" => AggregateKind.BoolAnd,
        "bool_or" => AggregateKind.BoolOr,
        StringAgg => AggregateKind.StringAgg,
        _ => throw new SqlException(SqlStates.UndefinedFunction, $"aggregate {name} does not exist"),
    };

    /// <summary>The name of an aggregate.</summary>
    internal static string NameOf(AggregateKind kind) => kind switch
    {
        AggregateKind.Sum => "sum",
        AggregateKind.Avg => "avg",
        AggregateKind.Min => "min",
        AggregateKind.Max => "max",
        AggregateKind.BoolAnd => "bool_and",
        AggregateKind.BoolOr => "bool_or",
        AggregateKind.StringAgg => StringAgg,
        _ => "count",
    };

    /// <summary>The result's type, as PostgreSQL's; null where the argument does not fit.</summary>
    internal static SqlType? ResultType(AggregateKind kind, SqlType argument) => kind switch
    {
        AggregateKind.CountRows or AggregateKind.Count => SqlType.Int64,
        AggregateKind.Min or AggregateKind.Max => argument.Kind == SqlKind.Json ? null : argument,
        AggregateKind.BoolAnd or AggregateKind.BoolOr => argument.Kind is SqlKind.Boolean or SqlKind.Null
            ? SqlType.Boolean
            : null,
        AggregateKind.StringAgg => argument.Kind == SqlKind.Bytes ? SqlType.Text : null,
        AggregateKind.Sum => argument.Kind switch
        {
            SqlKind.Int16 or SqlKind.Int32 => SqlType.Int64,
            SqlKind.Int64 or SqlKind.Decimal => SqlType.Decimal,
            SqlKind.Real => SqlType.Real,
            SqlKind.Double => SqlType.Double,
            _ => null,
        },
        _ => argument.Kind switch
        {
            SqlKind.Int16 or SqlKind.Int32 or SqlKind.Int64 or SqlKind.Decimal => SqlType.Decimal,
            SqlKind.Real or SqlKind.Double => SqlType.Double,
            _ => null,
        },
    };

    /// <summary>The types of the partial's values.</summary>
    internal static IReadOnlyList<SqlType> PartialTypes(AggregateKind kind, SqlType argument) => kind switch
    {
        AggregateKind.CountRows or AggregateKind.Count => [SqlType.Int64],
        AggregateKind.Min or AggregateKind.Max => [argument],
        AggregateKind.BoolAnd or AggregateKind.BoolOr => [SqlType.Boolean],
        AggregateKind.StringAgg => [SqlType.Bytes],
        AggregateKind.Sum => [SumType(argument)],
        _ => [SumType(argument), SqlType.Int64],
    };

    internal static IAggregateState CreateState(AggregateCall call)
    {
        SqlKind argument = call.Argument?.Type.Kind ?? SqlKind.Null;
        IAggregateState state = call.Kind switch
        {
            AggregateKind.CountRows => new CountState(countsNulls: true),
            AggregateKind.Count => new CountState(countsNulls: false),
            AggregateKind.Min => new ExtremeState(-1, argument),
            AggregateKind.Max => new ExtremeState(1, argument),
            AggregateKind.BoolAnd => new ExtremeState(-1, SqlKind.Boolean),
            AggregateKind.BoolOr => new ExtremeState(1, SqlKind.Boolean),
            AggregateKind.StringAgg => new StringAggState(),
            _ when argument is SqlKind.Real or SqlKind.Double =>
                new DoubleSumState(call.Kind == AggregateKind.Avg, call.Type.Kind),
            _ => new ExactSumState(call.Kind == AggregateKind.Avg, call.Type.Kind),
        };
        return call.IsDistinct ? new DistinctState(state) : state;
    }

    private static SqlType SumType(SqlType argument) =>
        argument.Kind is SqlKind.Real or SqlKind.Double ? SqlType.Double : SqlType.Decimal;
}
