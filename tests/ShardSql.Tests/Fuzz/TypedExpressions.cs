using System.Collections.Generic;
using System.Globalization;
using System.Linq;

using ShardSql.Primitives;

namespace ShardSql.Tests.Fuzz;

/// <summary>Random expressions of a wanted type that both databases understand and that do not fail: numbers stay small,
/// divisors are literals.</summary>
internal sealed class TypedExpressions(Prng random, IReadOnlyList<SqlTableColumn> columns)
{
    private static readonly string[] s_comparisons = ["=", "<>", "<", "<=", ">", ">="];

    private static readonly string[] s_texts = ["", "a", "b", "ab", "Abc", "x y", "a%b", "zz", "é", "10"];

    /// <summary>An expression of a type.</summary>
    public string Of(SqlFamily family, int depth)
    {
        if (depth <= 0 || random.Next(5) == 0)
        {
            return Leaf(family);
        }

        if (random.Next(8) == 0)
        {
            return Any(
                $"greatest({Of(family, depth - 1)}, {Of(family, depth - 1)})",
                $"least({Of(family, depth - 1)}, {Of(family, depth - 1)}, {Leaf(family)})",
                $"CASE WHEN {Condition(depth - 1)} THEN {Of(family, depth - 1)} ELSE {Of(family, depth - 1)} END",
                $"CASE WHEN {Condition(depth - 1)} THEN {Of(family, depth - 1)} END",
                $"coalesce({Of(family, depth - 1)}, {Of(family, depth - 1)})",
                $"nullif({Of(family, depth - 1)}, {Of(family, depth - 1)})");
        }

        return family switch
        {
            SqlFamily.Integer => Integer(depth - 1),
            SqlFamily.Decimal => Decimal(depth - 1),
            SqlFamily.Double => Any(
                $"({Of(family, depth - 1)} + {Of(family, depth - 1)})", $"({Of(family, depth - 1)} * 0.5)",
                $"(- {Of(family, depth - 1)})", $"abs({Of(family, depth - 1)})", $"CAST({Of(SqlFamily.Integer, depth - 1)} AS double precision)"),
            SqlFamily.Text => Text(depth - 1),
            SqlFamily.Boolean => Condition(depth),
            SqlFamily.Date => Any(Leaf(family), $"CAST({Of(SqlFamily.Timestamp, depth - 1)} AS date)"),
            _ => Any(
                Leaf(family),
                $"date_trunc('{Any("year", "month", "day", "hour")}', {Of(SqlFamily.Timestamp, depth - 1)})",
                $"CAST({Of(SqlFamily.Date, depth - 1)} AS timestamp)"),
        };
    }

    /// <summary>A condition.</summary>
    public string Condition(int depth)
    {
        SqlFamily family = (SqlFamily)random.Next((int)SqlFamily.Timestamp + 1);
        int deeper = depth - 1;
        if (depth <= 0)
        {
            return $"{Leaf(family)} {Any(s_comparisons)} {Leaf(family)}";
        }

        switch (random.Next(12))
        {
            case 0 or 1:
                return $"({Condition(deeper)} {Any("AND", "OR")} {Condition(deeper)})";
            case 2:
                return $"(NOT {Condition(deeper)})";
            case 3:
                return $"({Of(family, deeper)} IS {Any("NULL", "NOT NULL")})";
            case 4:
                return $"({Of(family, deeper)} IS {Any("DISTINCT", "NOT DISTINCT")} FROM {Of(family, deeper)})";
            case 5:
                return $"({Of(family, deeper)} {Any("BETWEEN", "NOT BETWEEN")} {Of(family, deeper)} AND {Of(family, deeper)})";
            case 6:
                string items = string.Join(", ", Enumerable.Range(0, 1 + random.Next(4)).Select(_ => Leaf(family)));
                return $"({Of(family, deeper)} {Any("IN", "NOT IN")} ({items}))";
            case 7:
                return $"({Of(SqlFamily.Text, deeper)} {Any("LIKE", "NOT LIKE")} '{Any("%", "a%", "%b", "_", "a_%", "%a%")}')";
            case 8 when random.Next(2) == 0:
                SqlFamily other = (SqlFamily)random.Next((int)SqlFamily.Timestamp + 1);
                return $"(({Leaf(family)}, {Leaf(other)}) {Any(s_comparisons)} ({Leaf(family)}, {Leaf(other)}))";
            case 8:
                return $"({Condition(deeper)} IS {Any("TRUE", "NOT TRUE", "FALSE", "NOT FALSE", "UNKNOWN", "NOT UNKNOWN")})";
            default:
                return $"({Of(family, deeper)} {Any(s_comparisons)} {Of(family, deeper)})";
        }
    }

    /// <summary>A literal of a type, now and then NULL.</summary>
    public string Literal(SqlFamily family)
    {
        if (random.Next(12) == 0)
        {
            return $"CAST(NULL AS {TypeOf(family)})";
        }

        return family switch
        {
            SqlFamily.Integer => random.Next(20).ToString(CultureInfo.InvariantCulture),
            SqlFamily.Decimal => string.Create(CultureInfo.InvariantCulture, $"{random.Next(30)}.{random.Next(4) * 25:00}"),
            SqlFamily.Double => string.Create(CultureInfo.InvariantCulture, $"CAST({random.Next(30)}.{random.Next(2) * 5} AS double precision)"),
            SqlFamily.Text => $"'{Any(s_texts)}'",
            SqlFamily.Boolean => Any("TRUE", "FALSE"),
            SqlFamily.Date => string.Create(CultureInfo.InvariantCulture, $"DATE '2024-0{1 + random.Next(3)}-1{random.Next(10)}'"),
            _ => string.Create(CultureInfo.InvariantCulture, $"TIMESTAMP '2024-02-1{random.Next(10)} 1{random.Next(3)}:00:00'"),
        };
    }

    private static string TypeOf(SqlFamily family) => family switch
    {
        SqlFamily.Integer => "int",
        SqlFamily.Decimal => "decimal(12,3)",
        SqlFamily.Double => "double precision",
        SqlFamily.Text => "text",
        SqlFamily.Boolean => "boolean",
        SqlFamily.Date => "date",
        _ => "timestamp",
    };

    private string Leaf(SqlFamily family)
    {
        SqlTableColumn[] fitting = [.. columns.Where(column => column.Family == family)];
        return fitting.Length > 0 && random.Next(3) != 0 ? fitting[random.Next(fitting.Length)].Name : Literal(family);
    }

    private string Integer(int depth) => Any(
        $"({Of(SqlFamily.Integer, depth)} + {Of(SqlFamily.Integer, depth)})",
        $"({Of(SqlFamily.Integer, depth)} - {Of(SqlFamily.Integer, depth)})",
        $"({Leaf(SqlFamily.Integer)} * {Leaf(SqlFamily.Integer)})",
        $"({Of(SqlFamily.Integer, depth)} % {1 + random.Next(7)})",
        $"({Of(SqlFamily.Integer, depth)} / {1 + random.Next(7)})",
        $"(- {Of(SqlFamily.Integer, depth)})",
        $"abs({Of(SqlFamily.Integer, depth)})",
        $"length({Of(SqlFamily.Text, depth)})",
        $"octet_length({Of(SqlFamily.Text, depth)})",
        $"position({Leaf(SqlFamily.Text)} IN {Of(SqlFamily.Text, depth)})",
        $"strpos({Of(SqlFamily.Text, depth)}, {Leaf(SqlFamily.Text)})",
        $"mod({Of(SqlFamily.Integer, depth)}, {1 + random.Next(7)})",
        $"CAST({Of(SqlFamily.Double, depth)} AS int)",
        $"CAST({Of(SqlFamily.Boolean, depth)} AS int)",
        $"CAST(extract({Any("year", "month", "day", "hour", "dow")} FROM {Leaf(SqlFamily.Timestamp)}) AS int)",
        $"CASE {Of(SqlFamily.Integer, depth)} WHEN {Literal(SqlFamily.Integer)} THEN {Leaf(SqlFamily.Integer)} WHEN 3 THEN 4 END",
        $"CAST({Of(SqlFamily.Decimal, depth)} AS int)");

    private string Decimal(int depth) => Any(
        $"({Of(SqlFamily.Decimal, depth)} + {Of(SqlFamily.Integer, depth)})",
        $"({Of(SqlFamily.Decimal, depth)} - {Of(SqlFamily.Decimal, depth)})",
        $"({Leaf(SqlFamily.Decimal)} * {Leaf(SqlFamily.Decimal)})",
        $"round({Of(SqlFamily.Decimal, depth)}, {random.Next(3)})",
        $"({Of(SqlFamily.Decimal, depth)} / {1 + random.Next(9)})",
        $"floor({Of(SqlFamily.Decimal, depth)})",
        $"ceil({Of(SqlFamily.Decimal, depth)})",
        $"trunc({Of(SqlFamily.Decimal, depth)}, 1)",
        $"sign({Of(SqlFamily.Decimal, depth)})",
        $"abs({Of(SqlFamily.Decimal, depth)})",
        $"({Of(SqlFamily.Decimal, depth)} % {1 + random.Next(9)}.5)",
        $"CAST({Of(SqlFamily.Integer, depth)} AS decimal(12,3))");

    private string Text(int depth) => Any(
        $"({Of(SqlFamily.Text, depth)} || {Of(SqlFamily.Text, depth)})",
        $"upper({Leaf(SqlFamily.Text)})",
        $"lower({Leaf(SqlFamily.Text)})",
        $"substr({Of(SqlFamily.Text, depth)}, {1 + random.Next(3)}, {random.Next(4)})",
        $"replace({Of(SqlFamily.Text, depth)}, 'a', 'x')",
        $"trim({Of(SqlFamily.Text, depth)})",
        $"rtrim({Of(SqlFamily.Text, depth)}, 'ab')",
        $"right({Of(SqlFamily.Text, depth)}, {random.Next(4)})",
        $"concat({Of(SqlFamily.Text, depth)}, {Leaf(SqlFamily.Integer)}, {Leaf(SqlFamily.Text)})",
        $"lpad({Of(SqlFamily.Text, depth)}, {random.Next(6)}, 'xy')",
        $"rpad({Of(SqlFamily.Text, depth)}, {random.Next(6)})",
        $"reverse({Of(SqlFamily.Text, depth)})",
        $"repeat({Leaf(SqlFamily.Text)}, {random.Next(3)})",
        $"substring({Of(SqlFamily.Text, depth)} FROM {random.Next(4)} FOR {random.Next(4)})",
        $"CAST({Leaf(SqlFamily.Date)} AS text)",
        $"CAST({Leaf(SqlFamily.Timestamp)} AS text)",
        $"CAST({Leaf(SqlFamily.Boolean)} AS text)",
        $"CAST({Of(SqlFamily.Decimal, depth)} AS text)",
        $"CAST({Of(SqlFamily.Text, depth)} AS varchar(3))",
        $"left({Of(SqlFamily.Text, depth)}, {random.Next(4)})",
        $"CAST({Of(SqlFamily.Integer, depth)} AS text)");

    private string Any(params string[] texts) => texts[random.Next(texts.Length)];
}
