using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

using ShardSql.Primitives;

namespace ShardSql.Tests.Fuzz;

/// <summary>A statement, the types of the columns of its result, and whether its rows have an order.</summary>
internal sealed record TypedStatement(string Text, IReadOnlyList<SqlFamily> Columns, bool IsOrdered);

/// <summary>Random statements over <see cref="SqlTable.All"/> whose meaning does not depend on who runs them. A new kind
/// of statement is one more method in <see cref="Next"/>.</summary>
internal sealed class TypedStatements
{
    private const int Depth = 3;

    private readonly Prng _random;
    private readonly SqlTable _table;
    private readonly TypedExpressions _expressions;

    public TypedStatements(Prng random)
    {
        _random = random;
        _table = SqlTable.All[random.Next(SqlTable.All.Count)];
        _expressions = new TypedExpressions(random, _table.Columns);
    }

    /// <summary>The table of the statement.</summary>
    public SqlTable Table => _table;

    /// <summary>A condition over the table's columns.</summary>
    public string Condition() => _expressions.Condition(Depth);

    /// <summary>A statement.</summary>
    public TypedStatement Next() => _random.Next(32) switch
    {
        >= 20 => new TypedQueries(_random).Next(),
        < 7 => Query(),
        < 9 => Distinct(),
        < 12 => Grouped(),
        12 => Totals(),
        13 => Constants(),
        < 17 => Insert(),
        < 19 => Update(),
        _ => Delete(),
    };

    private TypedStatement Query()
    {
        (List<string> items, List<SqlFamily> families) = Items(1 + _random.Next(4));
        items.AddRange(_table.Columns.Take(_table.KeyColumns).Select(c => c.Name));
        families.AddRange(_table.Columns.Take(_table.KeyColumns).Select(c => c.Family));
        string text = $"SELECT {string.Join(", ", items)} FROM {_table.Name}{Where()}";
        return _random.Next(2) == 0
            ? new TypedStatement(text, families, IsOrdered: false)
            : new TypedStatement(text + Order(items.Count) + Limit(), families, IsOrdered: true);
    }

    private TypedStatement Distinct()
    {
        (List<string> items, List<SqlFamily> families) = Items(1 + _random.Next(2));
        string text = $"SELECT DISTINCT {string.Join(", ", items)} FROM {_table.Name}{Where()}";
        return new TypedStatement(text + Order(items.Count) + Limit(), families, IsOrdered: true);
    }

    private TypedStatement Grouped()
    {
        (List<string> groups, List<SqlFamily> families) = Items(1 + _random.Next(2));
        (List<string> totals, List<SqlFamily> types) = Aggregates(1 + _random.Next(3));
        string having = _random.Next(3) == 0 ? $" HAVING count(*) > {_random.Next(3)}" : string.Empty;
        string ordinals = string.Join(", ", Enumerable.Range(1, groups.Count));
        string text = $"SELECT {string.Join(", ", groups.Concat(totals))} FROM {_table.Name}{Where()} GROUP BY {ordinals}{having}";
        return new TypedStatement(
            text + Order(groups.Count + totals.Count) + Limit(), [.. families, .. types], IsOrdered: true);
    }

    private TypedStatement Totals()
    {
        (List<string> totals, List<SqlFamily> types) = Aggregates(1 + _random.Next(4));
        return new TypedStatement($"SELECT {string.Join(", ", totals)} FROM {_table.Name}{Where()}", types, IsOrdered: true);
    }

    private TypedStatement Constants()
    {
        var constants = new TypedExpressions(_random, []);
        SqlFamily family = Family();
        return new TypedStatement($"SELECT {constants.Of(family, Depth)}", [family], IsOrdered: true);
    }

    private TypedStatement Insert()
    {
        var rows = new List<string>();
        for (int i = 1 + _random.Next(5); i > 0; i--)
        {
            rows.Add($"({string.Join(", ", _table.Columns.Select((column, place) => Value(column, place < _table.KeyColumns)))})");
        }

        return Returning($"INSERT INTO {_table.Name} VALUES {string.Join(", ", rows)}");
    }

    private TypedStatement Update()
    {
        SqlTableColumn[] changed = [.. _table.Columns.Skip(_table.KeyColumns).Where(c => c.Type != "varchar(20)" && _random.Next(3) == 0)];
        if (changed.Length == 0)
        {
            changed = [_table.Columns[_table.KeyColumns]];
        }

        // One level deep only: what is written comes back in later statements, and grows there.
        IEnumerable<string> sets = changed.Select(c => c.Family switch
        {
            SqlFamily.Integer => $"{c.Name} = ({_expressions.Of(c.Family, 1)}) % 20",
            SqlFamily.Decimal => $"{c.Name} = {_expressions.Literal(c.Family)}",
            SqlFamily.Text => $"{c.Name} = left({_expressions.Of(c.Family, 1)}, 6)",
            SqlFamily.Double => $"{c.Name} = {_expressions.Literal(c.Family)}",
            _ => $"{c.Name} = {_expressions.Of(c.Family, 1)}",
        });
        return Returning($"UPDATE {_table.Name} SET {string.Join(", ", sets)}{Where()}");
    }

    // Never nearly everything: later statements want rows.
    private TypedStatement Delete() => Returning(
        $"DELETE FROM {_table.Name} WHERE {_table.Columns[0].Name} IN ({_random.Next(20)}, {_random.Next(20)}) AND {_expressions.Condition(1)}");

    private TypedStatement Returning(string text) => new(
        $"{text} RETURNING {string.Join(", ", _table.Columns.Select(c => c.Name))}",
        [.. _table.Columns.Select(c => c.Family)],
        IsOrdered: false);

    private string Value(SqlTableColumn column, bool isKey) => isKey && column.Family == SqlFamily.Integer
        ? _random.Next(20).ToString(CultureInfo.InvariantCulture)
        : isKey ? $"'{(char)('a' + _random.Next(6))}'" : _expressions.Literal(column.Family);

    private (List<string> Items, List<SqlFamily> Families) Items(int count)
    {
        var items = new List<string>();
        var families = new List<SqlFamily>();
        for (int i = 0; i < count; i++)
        {
            SqlFamily family = Family();
            items.Add(_expressions.Of(family, Depth));
            families.Add(family);
        }

        return (items, families);
    }

    private (List<string> Items, List<SqlFamily> Families) Aggregates(int count)
    {
        var items = new List<string>();
        var families = new List<SqlFamily>();
        for (int i = 0; i < count; i++)
        {
            SqlFamily family = Family();
            (string item, SqlFamily type) = _random.Next(9) switch
            {
                0 => ("count(*)", SqlFamily.Integer),
                1 => ($"count({_expressions.Of(family, 1)})", SqlFamily.Integer),
                2 => ($"count(DISTINCT {_expressions.Of(family, 1)})", SqlFamily.Integer),
                3 => ($"sum({_expressions.Of(SqlFamily.Integer, 1)})", SqlFamily.Integer),
                4 => ($"sum({_expressions.Of(SqlFamily.Decimal, 1)})", SqlFamily.Decimal),
                6 => ($"bool_and({_expressions.Of(SqlFamily.Boolean, 1)})", SqlFamily.Boolean),
                7 => ($"bool_or(DISTINCT {_expressions.Of(SqlFamily.Boolean, 1)})", SqlFamily.Boolean),
                5 => ($"avg({_expressions.Of(SqlFamily.Integer, 1)})", SqlFamily.Decimal),
                _ => (Extreme(ref family), family),
            };
            items.Add(item);
            families.Add(type);
        }

        return (items, families);
    }

    private string Extreme(ref SqlFamily family)
    {
        // PostgreSQL has no min of booleans.
        family = family == SqlFamily.Boolean ? SqlFamily.Text : family;
        return $"{(_random.Next(2) == 0 ? "min" : "max")}({_expressions.Of(family, 1)})";
    }

    private SqlFamily Family() => (SqlFamily)_random.Next((int)SqlFamily.Timestamp + 1);

    private string Where() => _random.Next(5) == 0 ? string.Empty : $" WHERE {KeyCondition()}{_expressions.Condition(Depth)}";

    // Conditions on the key take other ways through the planner than those that only filter.
    private string KeyCondition()
    {
        string key = _table.Columns[0].Name;
        return _random.Next(5) switch
        {
            0 => $"{key} = {_random.Next(20)} AND ",
            1 => $"{key} IN ({_random.Next(20)}, {_random.Next(20)}, {_random.Next(20)}) AND ",
            2 => $"{key} BETWEEN {_random.Next(10)} AND {_random.Next(8, 20)} AND ",
            _ => string.Empty,
        };
    }

    private string Order(int columns) => " ORDER BY " + string.Join(", ", Enumerable.Range(1, columns).Select(ordinal =>
        ordinal.ToString(CultureInfo.InvariantCulture) + (_random.Next(4) switch
        {
            0 => " DESC",
            1 => " NULLS FIRST",
            2 => " DESC NULLS LAST",
            _ => string.Empty,
        })));

    private string Limit() => _random.Next(3) switch
    {
        0 => $" LIMIT {_random.Next(8)}",
        1 => $" LIMIT {_random.Next(8)} OFFSET {_random.Next(6)}",
        _ => string.Empty,
    };
}
