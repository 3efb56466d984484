using System.Collections.Generic;
using System.Globalization;
using System.Linq;

using ShardSql.Primitives;

namespace ShardSql.Tests.Fuzz.Sqlite;

/// <summary>
/// Random writes that mean the same here, in PostgreSQL and in SQLite. Left out: an upsert that meets a row twice (SQLite
/// goes on), updates of many keys (SQLite and PostgreSQL look at each row's key by itself), SET by a query of the written
/// table (SQLite sees rows that are written already).
/// </summary>
internal sealed class PortableWrites
{
    private readonly Prng _random;
    private readonly PortableTable _table;
    private readonly PortableExpressions _expressions;

    public PortableWrites(Prng random)
    {
        _random = random;
        _table = PortableTable.All[random.Next(PortableTable.All.Count)];
        _expressions = new PortableExpressions(random, _table.Columns);
    }

    private IEnumerable<SqlTableColumn> Others => _table.Columns.Skip(_table.KeyColumns);

    /// <summary>A write.</summary>
    public TypedStatement Next() => _random.Next(12) switch
    {
        < 4 => Returning($"INSERT INTO {_table.Name} VALUES {Rows(_random.Next(2) == 0 ? 1 : 1 + _random.Next(4))}"),
        4 => Returning($"INSERT INTO {_table.Name} VALUES {Rows(1 + _random.Next(3))} ON CONFLICT DO NOTHING"),
        5 or 6 => Returning($"INSERT INTO {_table.Name} VALUES {Rows(1)} ON CONFLICT ({_table.Key}) DO UPDATE SET {Upserted()}"),
        7 => InsertSelect(),
        8 or 9 => Returning($"UPDATE {_table.Name} SET {Sets()} WHERE {_expressions.Condition(2)}"),
        10 => Any(UpdateFrom(), MoveOfKey()),
        _ => Returning($"DELETE FROM {_table.Name} WHERE {Deleted()}"),
    };

    private string Rows(int count)
    {
        // Texts that a table of unique keys takes once in a statement.
        var keys = new SortedSet<string>();
        while (keys.Count < count)
        {
            keys.Add(string.Join(", ", _table.Columns.Take(_table.KeyColumns).Select((column, i) =>
                column.Family == SqlFamily.Integer ? Number(i == 0 ? 20 : 4) : $"'{(char)('a' + _random.Next(4))}'")));
        }

        return string.Join(", ", keys.Select(
            key => $"({key}, {string.Join(", ", Others.Select(column => _expressions.Literal(column.Family)))})"));
    }

    private string Upserted()
    {
        SqlTableColumn column = Any([.. Others]);
        string value = Any(
            $"excluded.{column.Name}",
            $"CASE WHEN {_table.Name}.{column.Name} IS NULL THEN excluded.{column.Name} ELSE {_table.Name}.{column.Name} END",
            $"coalesce(excluded.{column.Name}, {_table.Name}.{column.Name})");
        return $"{column.Name} = {value}" + (_random.Next(3) == 0 ? $" WHERE {_table.Name}.{column.Name} IS NOT NULL" : "");
    }

    private TypedStatement InsertSelect()
    {
        string key = _table.KeyColumns == 1 ? "id" : _table.Name == "r" ? "id, 'q'" : $"id, {Number(5)}";
        // Of rows that are in each other's way, whichever is read first wins, and nobody says which that is.
        string others = string.Join(", ", Others.Select(column => column.Name == "e" ? "id + 20" : _expressions.Literal(column.Family)));
        return Returning(
            $"INSERT INTO {_table.Name} SELECT {key}, {others} FROM {Any("h", "z")} WHERE id {Any("<", ">")} {Number(20)} ON CONFLICT DO NOTHING");
    }

    private TypedStatement UpdateFrom()
    {
        // Not the unique column: unique values that move past each other are refused by who looks at each row by itself.
        SqlTableColumn column = Any([.. Others.Where(column => column.Name != "e")]);
        string value = column.Family switch
        {
            SqlFamily.Integer => "z.id",
            SqlFamily.Text => "z.s",
            _ => "z.b",
        };
        return _table.Name == "z"
            ? MoveOfKey()
            : Returning($"UPDATE {_table.Name} SET {column.Name} = {value} FROM z WHERE z.id = {_table.Name}.{_table.Columns[0].Name}", _table.Name);
    }

    private TypedStatement MoveOfKey()
    {
        string where = string.Join(" AND ", _table.Columns.Take(_table.KeyColumns).Select(
            column => $"{column.Name} = {(column.Family == SqlFamily.Integer ? Number(20) : "'a'")}"));
        return Returning($"UPDATE {_table.Name} SET {_table.Columns[0].Name} = {Number(20)} WHERE {where}");
    }

    // What is written comes back in later statements, and must not grow there.
    private string Sets() => string.Join(", ", Others.Where((_, i) => i == 0 || _random.Next(3) == 0).Select(column => column.Family switch
    {
        SqlFamily.Integer when column.Name == "e" => $"e = {_expressions.Literal(SqlFamily.Integer)}",
        SqlFamily.Integer => $"{column.Name} = ({_expressions.Of(SqlFamily.Integer, 1)}) % 20",
        SqlFamily.Text => $"{column.Name} = substr({_expressions.Of(SqlFamily.Text, 1)}, 1, 6)",
        _ => $"{column.Name} = {_expressions.Of(SqlFamily.Boolean, 1)}",
    }));

    // Never nearly everything: later statements want rows.
    private string Deleted() => Any(
        $"{_table.Columns[0].Name} IN ({Number(20)}, {Number(20)}) AND {_expressions.Condition(1)}",
        $"{_table.Columns[0].Name} = {Number(20)}",
        $"{_table.Columns[0].Name} = {Number(20)} AND EXISTS (SELECT 1 FROM z x WHERE x.id > {Number(20)})");

    private TypedStatement Returning(string text, string? qualifier = null) => _random.Next(3) == 0
        ? new TypedStatement(text, [], IsOrdered: false)
        : new TypedStatement(
            $"{text} RETURNING {string.Join(", ", _table.Columns.Select(c => qualifier is null ? c.Name : $"{qualifier}.{c.Name}"))}",
            [.. _table.Columns.Select(c => c.Family)],
            IsOrdered: false);

    private string Number(int below) => _random.Next(below).ToString(CultureInfo.InvariantCulture);

    private T Any<T>(params T[] choices) => choices[_random.Next(choices.Length)];
}
