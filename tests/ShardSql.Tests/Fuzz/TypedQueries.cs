using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

using ShardSql.Primitives;

namespace ShardSql.Tests.Fuzz;

/// <summary>Random queries of more than one table: joins of all kinds, queries inside of expressions, set operations,
/// common and derived tables, windows. A new kind is one more method in <see cref="Next"/>.</summary>
internal sealed class TypedQueries(Prng random)
{
    private const int Depth = 2;

    private static readonly SqlFamily[] s_families =
        [SqlFamily.Integer, SqlFamily.Text, SqlFamily.Integer, SqlFamily.Boolean];

    private int _aliases;

    /// <summary>A query.</summary>
    public TypedStatement Next() => random.Next(13) switch
    {
        < 4 => Finish(Join(out IReadOnlyList<SqlFamily> joined), joined),
        < 7 => Finish(Grouped(out IReadOnlyList<SqlFamily> grouped), grouped),
        7 => Finish(SetOperation(out IReadOnlyList<SqlFamily> united), united),
        8 => Finish(CommonTable(out IReadOnlyList<SqlFamily> common), common),
        9 => Finish(Derived(out IReadOnlyList<SqlFamily> derived), derived),
        11 => Finish(DistinctOn(out IReadOnlyList<SqlFamily> first), first),
        10 => Finish(Windowed(out IReadOnlyList<SqlFamily> windowed), windowed),
        _ => Finish(Scalars(out IReadOnlyList<SqlFamily> scalars), scalars),
    };

    private TypedStatement Finish(string text, IReadOnlyList<SqlFamily> families)
    {
        if (random.Next(2) == 0)
        {
            return new TypedStatement(text, families, IsOrdered: false);
        }

        string order = string.Join(", ", Enumerable.Range(1, families.Count).Select(i =>
            i.ToString(CultureInfo.InvariantCulture) + Any("", "", " DESC", " NULLS FIRST")));
        string limit = Any("", $" LIMIT {random.Next(9)}", $" LIMIT {random.Next(9)} OFFSET {random.Next(5)}");
        return new TypedStatement($"{text} ORDER BY {order}{limit}", families, IsOrdered: true);
    }

    private string Join(out IReadOnlyList<SqlFamily> families)
    {
        (string from, List<SqlTableColumn> columns) = From(2 + random.Next(2));
        return Select(from, columns, out families);
    }

    private string Select(string from, List<SqlTableColumn> columns, out IReadOnlyList<SqlFamily> families)
    {
        families = [.. Enumerable.Range(0, 1 + random.Next(3)).Select(_ => Any(s_families))];
        return Select(from, columns, families);
    }

    private string Select(string from, List<SqlTableColumn> columns, IReadOnlyList<SqlFamily> families)
    {
        var expressions = new TypedExpressions(random, columns);
        string items = string.Join(", ", families.Select(family => expressions.Of(family, 1)));
        string distinct = random.Next(4) == 0 ? "DISTINCT " : "";
        return $"SELECT {distinct}{items} FROM {from}{Where(columns, expressions)}";
    }

    private string Grouped(out IReadOnlyList<SqlFamily> families)
    {
        (string from, List<SqlTableColumn> columns) = From(1 + random.Next(3));
        var expressions = new TypedExpressions(random, columns);
        SqlTableColumn key = Any([.. columns]);
        List<string> items = random.Next(4) == 0 ? [] : [key.Name];
        List<SqlFamily> types = items.Count == 0 ? [] : [key.Family];
        string groups = items.Count == 0 ? "" : $" GROUP BY {key.Name}";
        for (int i = 1 + random.Next(3); i > 0; i--)
        {
            string text = expressions.Of(SqlFamily.Text, 1);
            (string item, SqlFamily type) = Any(
                ($"string_agg({text}, '-' ORDER BY {text}{Any("", " DESC", " NULLS FIRST")})", SqlFamily.Text),
                ($"string_agg(DISTINCT lower({text}), '-' ORDER BY lower({text}))", SqlFamily.Text),
                ($"{Any("bool_and", "bool_or", "every")}({expressions.Of(SqlFamily.Boolean, 1)})", SqlFamily.Boolean),
                ("count(*)", SqlFamily.Integer),
                ($"count({expressions.Of(SqlFamily.Text, 1)})", SqlFamily.Integer),
                ($"sum({expressions.Of(SqlFamily.Integer, 1)})", SqlFamily.Integer),
                ($"avg({expressions.Of(SqlFamily.Integer, 1)})", SqlFamily.Decimal),
                ($"min({expressions.Of(SqlFamily.Text, 1)})", SqlFamily.Text),
                ($"max({expressions.Of(SqlFamily.Integer, 1)})", SqlFamily.Integer),
                ($"count(DISTINCT {expressions.Of(SqlFamily.Integer, 1)})", SqlFamily.Integer));
            items.Add(item);
            types.Add(type);
        }

        families = types;
        string having = groups.Length > 0 && random.Next(3) == 0 ? $" HAVING count(*) > {random.Next(3)}" : "";
        return $"SELECT {string.Join(", ", items)} FROM {from}{Where(columns, expressions)}{groups}{having}";
    }

    private string SetOperation(out IReadOnlyList<SqlFamily> families)
    {
        (string from, List<SqlTableColumn> columns) = From(1 + random.Next(2));
        string text = Select(from, columns, out families);
        for (int i = 1 + random.Next(2); i > 0; i--)
        {
            (from, columns) = From(1 + random.Next(2));
            string all = random.Next(2) == 0 ? " ALL" : "";
            text = $"({text}) {Any("UNION", "EXCEPT", "INTERSECT")}{all} ({Select(from, columns, families)})";
        }

        return text;
    }

    private string CommonTable(out IReadOnlyList<SqlFamily> families)
    {
        string inner = random.Next(2) == 0
            ? Join(out IReadOnlyList<SqlFamily> given)
            : Grouped(out given);
        string[] names = [.. given.Select((_, i) => string.Create(CultureInfo.InvariantCulture, $"x{i}"))];
        string left = Alias();
        string right = Alias();
        List<SqlTableColumn> columns =
            [.. given.SelectMany((family, i) => (SqlTableColumn[])[new($"{left}.x{i}", family, ""), new($"{right}.x{i}", family, "")])];
        string from = random.Next(3) == 0 ? $"w {left}" : $"w {left} {Any("JOIN", "LEFT JOIN")} w {right} ON {left}.x0 = {right}.x0";
        if (!from.Contains(" ON ", StringComparison.Ordinal))
        {
            columns.RemoveAll(column => column.Name.StartsWith(right + ".", StringComparison.Ordinal));
        }

        columns.RemoveAll(column => column.Family == SqlFamily.Decimal);
        return $"WITH w ({string.Join(", ", names)}) AS ({inner}) {Select(from, columns, out families)}";
    }

    private string Derived(out IReadOnlyList<SqlFamily> families)
    {
        string inner = Grouped(out IReadOnlyList<SqlFamily> given);
        string derived = Alias();
        string[] names = [.. given.Select((_, i) => string.Create(CultureInfo.InvariantCulture, $"x{i}"))];
        (string table, List<SqlTableColumn> columns) = Table();
        columns.AddRange(given.Select((family, i) => new SqlTableColumn($"{derived}.x{i}", family, ""))
            .Where(column => column.Family != SqlFamily.Decimal));
        string on = columns.Find(c => c.Family == SqlFamily.Integer && c.Name.StartsWith(derived, StringComparison.Ordinal)) is { } number
            ? $"{number.Name} = {columns[0].Name}"
            : "TRUE";
        string from = $"({inner}) {derived} ({string.Join(", ", names)}) {Any("JOIN", "LEFT JOIN")} {table} ON {on}";
        return Select(from, columns, out families);
    }

    private string DistinctOn(out IReadOnlyList<SqlFamily> families)
    {
        (string from, List<SqlTableColumn> columns) = From(1 + random.Next(2));
        List<SqlTableColumn> items = [.. columns.Take(3)];
        families = [.. items.Select(column => column.Family)];
        string on = string.Join(", ", items.Take(1 + random.Next(2)).Select(column => column.Name));
        string order = string.Join(", ", items.Select(column => column.Name + Any("", " DESC", " NULLS FIRST")));
        string names = string.Join(", ", items.Select((_, i) => string.Create(CultureInfo.InvariantCulture, $"d{i}")));
        var expressions = new TypedExpressions(random, columns);
        return $"SELECT * FROM (SELECT DISTINCT ON ({on}) {string.Join(", ", items.Select(column => column.Name))} "
            + $"FROM {from}{Where(columns, expressions)} ORDER BY {order}) q ({names})";
    }

    private string Windowed(out IReadOnlyList<SqlFamily> families)
    {
        (string from, List<SqlTableColumn> columns) = From(1 + random.Next(2));
        string[] numbers = [.. columns.Where(column => column.Family == SqlFamily.Integer).Select(column => column.Name)];
        string order = string.Join(", ", columns.Select(column => column.Name));
        string partition = random.Next(2) == 0 ? "" : $"PARTITION BY {Any(numbers)} ";
        string call = Any(
            $"row_number() OVER ({partition}ORDER BY {order})",
            $"rank() OVER ({partition}ORDER BY {Any(numbers)})",
            $"dense_rank() OVER ({partition}ORDER BY {Any(numbers)})",
            $"sum({Any(numbers)}) OVER ({partition}ORDER BY {order} ROWS BETWEEN 2 PRECEDING AND CURRENT ROW)",
            $"count(*) OVER ({partition})",
            $"CAST({Any("bool_and", "bool_or")}({Any(numbers)} > 1) OVER ({partition}ORDER BY {Any(numbers)}) AS int)",
            $"length(string_agg(CAST({Any(numbers)} AS text), '') OVER ({partition}ORDER BY {order}))",
            $"lag({Any(numbers)}) OVER ({partition}ORDER BY {order})",
            $"max({Any(numbers)}) OVER ({partition}ORDER BY {Any(numbers)})");
        families = [.. columns.Take(3).Select(column => column.Family), SqlFamily.Integer];
        var expressions = new TypedExpressions(random, columns);
        string items = string.Join(", ", columns.Take(3).Select(column => column.Name));
        return $"SELECT {items}, {call} FROM {from}{Where(columns, expressions)}";
    }

    private string Scalars(out IReadOnlyList<SqlFamily> families)
    {
        families = [.. Enumerable.Range(0, 1 + random.Next(2)).Select(_ => SqlFamily.Integer)];
        return "SELECT " + string.Join(", ", families.Select(_ =>
        {
            (string table, List<SqlTableColumn> columns) = Table();
            return $"(SELECT {Any("count(*)", $"max({columns[0].Name})")} FROM {table}"
                + $"{Where(columns, new TypedExpressions(random, columns))})";
        }));
    }

    private string Where(List<SqlTableColumn> columns, TypedExpressions expressions) => random.Next(4) switch
    {
        0 => "",
        1 => $" WHERE {WithQuery(columns)}",
        2 => $" WHERE {expressions.Condition(1)} {Any("AND", "OR")} {WithQuery(columns)}",
        _ => $" WHERE {expressions.Condition(Depth)}",
    };

    /// <summary>A condition with a query inside, which reads the row outside or does not.</summary>
    private string WithQuery(List<SqlTableColumn> outer)
    {
        (string table, List<SqlTableColumn> columns) = Table();
        string inside = columns[0].Name;
        SqlTableColumn[] numbers = [.. outer.Where(column => column.Family == SqlFamily.Integer)];
        if (numbers.Length == 0)
        {
            return $"EXISTS (SELECT 1 FROM {table} WHERE {inside} = {random.Next(20)})";
        }

        string outside = Any(numbers).Name;
        string condition = new TypedExpressions(random, columns).Condition(1);
        return Any(
            $"{Any("", "NOT ")}EXISTS (SELECT 1 FROM {table} WHERE {inside} = {outside} AND {condition})",
            $"{Any("", "NOT ")}EXISTS (SELECT 1 FROM {table} WHERE {condition} OR {inside} < {outside})",
            $"{outside} {Any("IN", "NOT IN")} (SELECT {inside} FROM {table} WHERE {condition})",
            $"(SELECT count(*) FROM {table} WHERE {inside} = {outside}) {Any("=", ">")} {random.Next(2)}",
            $"{outside} {Any("=", ">", "<")} (SELECT {Any("min", "max")}({inside}) FROM {table} WHERE {condition})",
            $"{outside} {Any("= ANY", "> ALL", "<> ALL")} (SELECT {inside} FROM {table} WHERE {condition})");
    }

    private (string From, List<SqlTableColumn> Columns) From(int tables)
    {
        (string from, List<SqlTableColumn> columns) = Table();
        for (int i = 1; i < tables; i++)
        {
            (string next, List<SqlTableColumn> more) = Table();
            string kind = Any("JOIN", "JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "CROSS JOIN");
            string on = kind == "CROSS JOIN" ? "" : " ON " + On(columns, more, kind);
            columns.AddRange(more);
            from = $"{from} {kind} {next}{on}";
        }

        return (from, columns);
    }

    // PostgreSQL joins FULL by equalities alone.
    private string On(List<SqlTableColumn> left, List<SqlTableColumn> right, string kind)
    {
        string[] ofLeft = [.. left.Where(column => column.Family == SqlFamily.Integer).Select(column => column.Name)];
        string first = random.Next(3) == 0 ? Any(ofLeft) : ofLeft[0];
        string equality = $"{first} = {right[0].Name}";
        if (kind == "FULL JOIN" || random.Next(2) == 0)
        {
            return equality;
        }

        string more = new TypedExpressions(random, [.. left, .. right]).Condition(1);
        return random.Next(6) == 0 ? more : $"{equality} AND {more}";
    }

    private (string From, List<SqlTableColumn> Columns) Table()
    {
        SqlTable table = Any([.. SqlTable.All]);
        string alias = Alias();
        return ($"{table.Name} {alias}",
            [.. table.Columns.Select(column => column with { Name = $"{alias}.{column.Name}" })]);
    }

    private string Alias() => string.Create(CultureInfo.InvariantCulture, $"t{_aliases++}");

    private T Any<T>(params T[] choices) => choices[random.Next(choices.Length)];
}
