using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

using ShardSql.Primitives;

namespace ShardSql.Tests.Fuzz.Sqlite;

/// <summary>
/// Random queries that mean the same here, in PostgreSQL and in SQLite 3.35. Left out, as SQLite has them not, or otherwise:
/// RIGHT and FULL joins, EXCEPT and INTERSECT with ALL, set operations in parentheses or of two kinds (all bind alike
/// there), names of the columns behind a derived table's, = ANY, scalar queries of many rows, avg. Every ORDER BY says where
/// NULLs go.
/// </summary>
internal sealed class PortableStatements(Prng random)
{
    private const int Depth = 2;

    private int _aliases;

    /// <summary>A query or a write.</summary>
    public TypedStatement Next() => random.Next(16) switch
    {
        < 3 => Finish(Select(From(1 + random.Next(3)), Families())),
        < 5 => Finish(Grouped(From(1 + random.Next(3)))),
        5 => Finish(SetOperation()),
        6 => Finish(CommonTable()),
        7 => Finish(Derived()),
        8 => Finish(Windowed()),
        9 => Finish(Scalars()),
        10 => Finish(Recursive()),
        _ => new PortableWrites(random).Next(),
    };

    private TypedStatement Finish(Query query)
    {
        if (random.Next(2) == 0)
        {
            return new TypedStatement(query.Text, query.Families, IsOrdered: false);
        }

        string order = string.Join(", ", Enumerable.Range(1, query.Families.Count).Select(i =>
            i.ToString(CultureInfo.InvariantCulture) + Any("", " DESC") + Any(" NULLS FIRST", " NULLS LAST")));
        string limit = Any("", $" LIMIT {random.Next(9)}", $" LIMIT {random.Next(9)} OFFSET {random.Next(5)}");
        return new TypedStatement($"{query.Text} ORDER BY {order}{limit}", query.Families, IsOrdered: true);
    }

    private SqlFamily[] Families() => [.. Enumerable.Range(0, 1 + random.Next(3)).Select(_ => PortableExpressions.Family(random))];

    private Query Select(Source source, IReadOnlyList<SqlFamily> families, bool isNamed = false)
    {
        var expressions = new PortableExpressions(random, source.Columns);
        string items = Items(families.Select(family => expressions.Of(family, Depth)), isNamed);
        string distinct = random.Next(4) == 0 ? "DISTINCT " : "";
        return new Query($"SELECT {distinct}{items} FROM {source.Text}{Where(source.Columns)}", families);
    }

    private Query Grouped(Source source, bool isNamed = false)
    {
        var expressions = new PortableExpressions(random, source.Columns);
        SqlTableColumn key = Any([.. source.Columns]);
        bool isGrouped = random.Next(4) != 0;
        List<string> items = isGrouped ? [key.Name] : [];
        List<SqlFamily> families = isGrouped ? [key.Family] : [];
        for (int i = 1 + random.Next(3); i > 0; i--)
        {
            (string item, SqlFamily family) = Any(
                ("count(*)", SqlFamily.Integer),
                ($"count({expressions.Of(SqlFamily.Text, 1)})", SqlFamily.Integer),
                ($"count(DISTINCT {expressions.Of(SqlFamily.Integer, 1)})", SqlFamily.Integer),
                ($"sum({expressions.Of(SqlFamily.Integer, 1)})", SqlFamily.Integer),
                ($"sum(DISTINCT {expressions.Of(SqlFamily.Integer, 1)})", SqlFamily.Integer),
                ($"min({expressions.Of(SqlFamily.Text, 1)})", SqlFamily.Text),
                ($"max({expressions.Of(SqlFamily.Integer, 1)})", SqlFamily.Integer));
            items.Add(item + (random.Next(4) == 0 ? $" FILTER (WHERE {expressions.Condition(1)})" : ""));
            families.Add(family);
        }

        string group = isGrouped ? $" GROUP BY {key.Name}" : "";
        string having = isGrouped && random.Next(3) == 0 ? $" HAVING count(*) > {random.Next(3)}" : "";
        return new Query($"SELECT {Items(items, isNamed)} FROM {source.Text}{Where(source.Columns)}{group}{having}", families);
    }

    private Query SetOperation()
    {
        SqlFamily[] families = Families();
        string operation = Any("UNION", "UNION ALL", "EXCEPT", "INTERSECT");
        string text = Select(From(1 + random.Next(2)), families).Text;
        for (int i = 1 + random.Next(2); i > 0; i--)
        {
            text += $" {operation} {Select(From(1 + random.Next(2)), families).Text}";
        }

        return new Query(text, families);
    }

    private Query CommonTable()
    {
        Query inner = Inner();
        string left = Alias();
        string right = Alias();
        List<SqlTableColumn> columns = [.. Outputs(left, inner.Families)];
        string from = $"w {left}";
        if (random.Next(3) != 0)
        {
            columns.AddRange(Outputs(right, inner.Families));
            from += $" {Any("JOIN", "LEFT JOIN")} w {right} ON {left}.x0 = {right}.x0";
        }

        Query outer = Select(new Source(from, columns), Families());
        return outer with { Text = $"WITH w AS ({inner.Text}) {outer.Text}" };
    }

    private Query Derived()
    {
        Query inner = Inner();
        string alias = Alias();
        Source table = Table();
        List<SqlTableColumn> columns = [.. Outputs(alias, inner.Families), .. table.Columns];
        string on = columns.Find(column => column.Family == SqlFamily.Integer) is { } number && number.Name.StartsWith(alias, StringComparison.Ordinal)
            ? $"{number.Name} = {table.Columns[0].Name}"
            : "TRUE";
        return Select(
            new Source($"({inner.Text}) {alias} {Any("JOIN", "LEFT JOIN")} {table.Text} ON {on}", columns), Families());
    }

    // Of one table: joined with itself it must not grow beyond what a statement may hold.
    private Query Inner() => random.Next(2) == 0
        ? Select(From(1), Families(), isNamed: true)
        : Grouped(From(1 + random.Next(2)), isNamed: true);

    private Query Recursive() => new(
        $"WITH RECURSIVE n AS (SELECT {random.Next(3)} AS x UNION ALL SELECT n.x + {1 + random.Next(3)} FROM n WHERE n.x < {random.Next(20)}) "
            + Any("SELECT x FROM n", "SELECT n.x FROM n JOIN h ON h.id = n.x", "SELECT h.i FROM n LEFT JOIN h ON h.id = n.x"),
        [SqlFamily.Integer]);

    private Query Windowed()
    {
        Source source = From(1 + random.Next(2));
        string[] numbers = [.. source.Columns.Where(column => column.Family == SqlFamily.Integer).Select(column => column.Name)];
        string order = string.Join(", ", source.Columns.Select(column => column.Name + " NULLS LAST"));
        string number = Any(numbers) + Any(" NULLS FIRST", " DESC NULLS LAST");
        string partition = random.Next(2) == 0 ? "" : $"PARTITION BY {Any(numbers)} ";
        string call = Any(
            $"row_number() OVER ({partition}ORDER BY {order})",
            $"rank() OVER ({partition}ORDER BY {number})",
            $"dense_rank() OVER ({partition}ORDER BY {number})",
            $"sum({Any(numbers)}) OVER ({partition}ORDER BY {order} ROWS BETWEEN 2 PRECEDING AND CURRENT ROW)",
            $"count(*) OVER ({partition})",
            $"lag({Any(numbers)}) OVER ({partition}ORDER BY {order})",
            $"lead({Any(numbers)}, 2, -1) OVER ({partition}ORDER BY {order})",
            $"first_value({Any(numbers)}) OVER ({partition}ORDER BY {order})",
            $"max({Any(numbers)}) OVER ({partition}ORDER BY {number})");
        SqlTableColumn[] shown = [.. source.Columns.Take(3)];
        string items = string.Join(", ", shown.Select(column => column.Name));
        return new Query(
            $"SELECT {items}, {call} FROM {source.Text}{Where(source.Columns)}",
            [.. shown.Select(column => column.Family), SqlFamily.Integer]);
    }

    private Query Scalars()
    {
        SqlFamily[] families = [.. Enumerable.Range(0, 1 + random.Next(2)).Select(_ => SqlFamily.Integer)];
        return new Query("SELECT " + string.Join(", ", families.Select(_ =>
        {
            Source table = Table();
            return $"(SELECT {Any("count(*)", $"max({table.Columns[0].Name})")} FROM {table.Text}{Where(table.Columns)})";
        })), families);
    }

    private string Where(List<SqlTableColumn> columns) => random.Next(4) switch
    {
        0 => "",
        1 => $" WHERE {WithQuery(columns)}",
        2 => $" WHERE {new PortableExpressions(random, columns).Condition(1)} {Any("AND", "OR")} {WithQuery(columns)}",
        _ => $" WHERE {KeyCondition(columns[0])}{new PortableExpressions(random, columns).Condition(Depth)}",
    };

    // Conditions on the key take other ways through the planner than those that only filter.
    private string KeyCondition(SqlTableColumn key) => key.Family != SqlFamily.Integer ? "" : random.Next(5) switch
    {
        0 => $"{key.Name} = {random.Next(20)} AND ",
        1 => $"{key.Name} IN ({random.Next(20)}, {random.Next(20)}, {random.Next(20)}) AND ",
        2 => $"{key.Name} BETWEEN {random.Next(10)} AND {random.Next(8, 20)} AND ",
        _ => "",
    };

    /// <summary>A condition with a query inside, which reads the row outside or does not.</summary>
    private string WithQuery(List<SqlTableColumn> outer)
    {
        Source table = Table();
        string inside = table.Columns[0].Name;
        string condition = new PortableExpressions(random, table.Columns).Condition(1);
        SqlTableColumn[] numbers = [.. outer.Where(column => column.Family == SqlFamily.Integer)];
        if (numbers.Length == 0)
        {
            return $"EXISTS (SELECT 1 FROM {table.Text} WHERE {inside} = {random.Next(20)})";
        }

        string outside = Any(numbers).Name;
        return Any(
            $"{Any("", "NOT ")}EXISTS (SELECT 1 FROM {table.Text} WHERE {inside} = {outside} AND {condition})",
            $"{Any("", "NOT ")}EXISTS (SELECT 1 FROM {table.Text} WHERE {condition} OR {inside} < {outside})",
            $"{outside} {Any("IN", "NOT IN")} (SELECT {inside} FROM {table.Text} WHERE {condition})",
            $"(SELECT count(*) FROM {table.Text} WHERE {inside} = {outside}) {Any("=", ">")} {random.Next(2)}",
            $"{outside} {Any("=", ">", "<")} (SELECT {Any("min", "max")}({inside}) FROM {table.Text} WHERE {condition})");
    }

    private Source From(int tables)
    {
        Source source = Table();
        string text = source.Text;
        List<SqlTableColumn> columns = source.Columns;
        for (int i = 1; i < tables; i++)
        {
            Source next = Table();
            string kind = tables == 2 ? Any("JOIN", "JOIN", "LEFT JOIN", "LEFT JOIN", "CROSS JOIN") : Any("JOIN", "LEFT JOIN");
            text += $" {kind} {next.Text}{(kind == "CROSS JOIN" ? "" : " ON " + On(columns, next.Columns))}";
            columns = [.. columns, .. next.Columns];
        }

        return new Source(text, columns);
    }

    private string On(List<SqlTableColumn> left, List<SqlTableColumn> right)
    {
        string[] numbers = [.. left.Where(column => column.Family == SqlFamily.Integer).Select(column => column.Name)];
        string equality = $"{(random.Next(3) == 0 ? Any(numbers) : numbers[0])} = {right[0].Name}";
        return random.Next(2) == 0
            ? equality
            : $"{equality} AND {new PortableExpressions(random, [.. left, .. right]).Condition(1)}";
    }

    private Source Table()
    {
        PortableTable table = Any([.. PortableTable.All]);
        string alias = Alias();
        return new Source(
            $"{table.Name} {alias}", [.. table.Columns.Select(column => column with { Name = $"{alias}.{column.Name}" })]);
    }

    private static string Items(IEnumerable<string> items, bool isNamed) =>
        string.Join(", ", items.Select((item, i) => isNamed ? string.Create(CultureInfo.InvariantCulture, $"{item} AS x{i}") : item));

    private static IEnumerable<SqlTableColumn> Outputs(string alias, IReadOnlyList<SqlFamily> families) =>
        families.Select((family, i) => new SqlTableColumn(string.Create(CultureInfo.InvariantCulture, $"{alias}.x{i}"), family, ""));

    private string Alias() => string.Create(CultureInfo.InvariantCulture, $"t{_aliases++}");

    private T Any<T>(params T[] choices) => choices[random.Next(choices.Length)];

    private sealed record Query(string Text, IReadOnlyList<SqlFamily> Families);

    private sealed record Source(string Text, List<SqlTableColumn> Columns);
}
