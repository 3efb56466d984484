using System.Collections.Generic;
using System.Globalization;
using System.Linq;

using ShardSql.Primitives;

namespace ShardSql.Tests.Fuzz.Sqlite;

/// <summary>
/// Random expressions that mean the same here, in PostgreSQL and in SQLite. Left out, as SQLite means something else:
/// decimals, dates and floating point (it has none, or rounds differently), casts between booleans and numbers, greatest
/// and least (NULL wins there), upper and lower beyond ASCII, substr from places before the first, comparisons between
/// types, IS UNKNOWN. Numbers stay small, divisors are literals.
/// </summary>
internal sealed class PortableExpressions(Prng random, IReadOnlyList<SqlTableColumn> columns)
{
    private static readonly string[] s_comparisons = ["=", "<>", "<", "<=", ">", ">="];

    private static readonly string[] s_texts = ["", "a", "b", "ab", "Abc", "x y", "a%b", "zz", "B", "10"];

    private static readonly SqlFamily[] s_families = [SqlFamily.Integer, SqlFamily.Text, SqlFamily.Boolean];

    /// <summary>A type.</summary>
    public static SqlFamily Family(Prng random) => s_families[random.Next(s_families.Length)];

    /// <summary>An expression of a type.</summary>
    public string Of(SqlFamily family, int depth)
    {
        if (depth <= 0 || random.Next(5) == 0)
        {
            return Leaf(family);
        }

        int deeper = depth - 1;
        return random.Next(7) == 0
            ? Any(
                $"CASE WHEN {Condition(deeper)} THEN {Of(family, deeper)} ELSE {Of(family, deeper)} END",
                $"CASE WHEN {Condition(deeper)} THEN {Of(family, deeper)} END",
                $"coalesce({Of(family, deeper)}, {Of(family, deeper)})",
                $"nullif({Of(family, deeper)}, {Of(family, deeper)})")
            : family switch
            {
                SqlFamily.Integer => Integer(deeper),
                SqlFamily.Text => Text(deeper),
                _ => Condition(depth),
            };
    }

    /// <summary>A condition.</summary>
    public string Condition(int depth)
    {
        SqlFamily family = Family(random);
        int deeper = depth - 1;
        if (depth <= 0)
        {
            return $"({Leaf(family)} {Any(s_comparisons)} {Leaf(family)})";
        }

        SqlFamily other = Family(random);
        return random.Next(12) switch
        {
            0 or 1 => $"({Condition(deeper)} {Any("AND", "OR")} {Condition(deeper)})",
            2 => $"(NOT {Condition(deeper)})",
            3 => $"({Of(family, deeper)} IS {Any("NULL", "NOT NULL")})",
            4 => $"({Of(family, deeper)} IS {Any("DISTINCT", "NOT DISTINCT")} FROM {Of(family, deeper)})",
            5 => $"({Of(family, deeper)} {Any("BETWEEN", "NOT BETWEEN")} {Of(family, deeper)} AND {Of(family, deeper)})",
            6 => $"({Of(family, deeper)} {Any("IN", "NOT IN")} ({Leaves(family)}))",
            7 => $"({Of(SqlFamily.Text, deeper)} {Any("LIKE", "NOT LIKE")} '{Any("%", "a%", "%b", "_", "a_%", "%a%")}')",
            8 => $"(({Leaf(family)}, {Leaf(other)}) {Any(s_comparisons)} ({Leaf(family)}, {Leaf(other)}))",
            9 => $"({Condition(deeper)} IS {Any("TRUE", "NOT TRUE", "FALSE", "NOT FALSE")})",
            _ => $"({Of(family, deeper)} {Any(s_comparisons)} {Of(family, deeper)})",
        };
    }

    /// <summary>A literal of a type, now and then NULL.</summary>
    public string Literal(SqlFamily family) => random.Next(12) == 0
        ? $"CAST(NULL AS {(family == SqlFamily.Text ? "text" : family == SqlFamily.Integer ? "int" : "boolean")})"
        : family switch
        {
            SqlFamily.Integer => random.Next(20).ToString(CultureInfo.InvariantCulture),
            SqlFamily.Text => $"'{Any(s_texts)}'",
            _ => Any("TRUE", "FALSE"),
        };

    /// <summary>A column or a literal.</summary>
    public string Leaf(SqlFamily family)
    {
        SqlTableColumn[] fitting = [.. columns.Where(column => column.Family == family)];
        return fitting.Length > 0 && random.Next(3) != 0 ? fitting[random.Next(fitting.Length)].Name : Literal(family);
    }

    private string Leaves(SqlFamily family) =>
        string.Join(", ", Enumerable.Range(0, 1 + random.Next(4)).Select(_ => Leaf(family)));

    private string Integer(int depth) => Any(
        $"({Of(SqlFamily.Integer, depth)} + {Of(SqlFamily.Integer, depth)})",
        $"({Of(SqlFamily.Integer, depth)} - {Of(SqlFamily.Integer, depth)})",
        $"({Leaf(SqlFamily.Integer)} * {Leaf(SqlFamily.Integer)})",
        $"({Of(SqlFamily.Integer, depth)} % {1 + random.Next(7)})",
        $"({Of(SqlFamily.Integer, depth)} / {1 + random.Next(7)})",
        $"(- {Of(SqlFamily.Integer, depth)})",
        $"abs({Of(SqlFamily.Integer, depth)})",
        $"length({Of(SqlFamily.Text, depth)})",
        $"CASE {Of(SqlFamily.Integer, depth)} WHEN {Literal(SqlFamily.Integer)} THEN {Leaf(SqlFamily.Integer)} WHEN 3 THEN 4 END");

    private string Text(int depth) => Any(
        $"({Of(SqlFamily.Text, depth)} || {Of(SqlFamily.Text, depth)})",
        $"upper({Of(SqlFamily.Text, depth)})",
        $"lower({Of(SqlFamily.Text, depth)})",
        $"substr({Of(SqlFamily.Text, depth)}, {1 + random.Next(3)}, {random.Next(4)})",
        $"replace({Of(SqlFamily.Text, depth)}, 'a', 'x')",
        $"trim({Of(SqlFamily.Text, depth)})",
        $"rtrim({Of(SqlFamily.Text, depth)}, 'ab')",
        $"CAST({Of(SqlFamily.Integer, depth)} AS text)");

    private string Any(params string[] texts) => texts[random.Next(texts.Length)];
}
