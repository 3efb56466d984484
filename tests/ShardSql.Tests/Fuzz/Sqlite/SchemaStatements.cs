using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

using ShardSql.Primitives;

namespace ShardSql.Tests.Fuzz.Sqlite;

/// <summary>A statement for both, and what is said for us alone: where rows and entries lie.</summary>
internal sealed record SchemaStatement(string Text, string Placement = "");

/// <summary>
/// Random statements that change a small schema and its rows, the same here and in SQLite. Now and then a name is not there,
/// or taken. Left out: updates of several rows to several values (SQLite looks at each row's uniqueness as it goes), a new name that is
/// the old one (which is taken, in PostgreSQL as here).
/// </summary>
internal sealed class SchemaStatements(Prng random, IReadOnlyList<(string Name, IReadOnlyList<string> Columns)> tables)
{
    private static readonly string[] s_tables = ["t0", "t1", "t2"];
    private static readonly string[] s_columns = ["c0", "c1", "c2", "c3"];
    private static readonly string[] s_indexes = ["i0", "i1", "i2"];
    private static readonly string[] s_savepoints = ["s0", "s1"];

    private static readonly string[] s_placements =
        ["", " SHARD BY RANGE (id) SPLIT AT VALUES (4), (8)", " REFERENCE", " SINGLE", " SHARD BY HASH (id)"];

    /// <summary>A statement inside a transaction, none that ends it.</summary>
    public SchemaStatement Inside()
    {
        string table = Table();
        string column = Column(table);
        return random.Next(20) switch
        {
            0 or 1 => new($"CREATE TABLE {Any(s_tables)} (id int PRIMARY KEY NOT NULL, c0 int, c1 int)", Any(s_placements)),
            2 => new($"DROP TABLE {table}"),
            3 => new($"ALTER TABLE {table} ADD COLUMN {Any(s_columns)} int DEFAULT {Value()}"),
            4 => new($"ALTER TABLE {table} DROP COLUMN {column}"),
            5 => new($"ALTER TABLE {table} RENAME COLUMN {column} TO {Any([.. s_columns.Where(c => c != column)])}"),
            6 => new($"ALTER TABLE {table} RENAME TO {Any([.. s_tables.Where(t => t != table)])}"),
            7 => new($"CREATE {Any("", "UNIQUE ")}INDEX {Any(s_indexes)} ON {table} ({column})"),
            8 => new($"DROP INDEX {Any(s_indexes)}"),
            9 or 10 => new($"SAVEPOINT {Any(s_savepoints)}"),
            11 => new($"ROLLBACK TO {Any(s_savepoints)}"),
            12 => new($"RELEASE {Any(s_savepoints)}"),
            13 => new($"UPDATE {table} SET {column} = {Value()} WHERE {Condition(table)}"),
            14 => new($"UPDATE {table} SET {column} = {Column(table)} WHERE id = {random.Next(12)}"),
            15 => new($"DELETE FROM {table} WHERE {Condition(table)}"),
            _ => Insert(table),
        };
    }

    private SchemaStatement Insert(string table)
    {
        string column = Column(table);
        string rows = string.Join(", ", Enumerable.Range(0, 1 + random.Next(3)).Select(_ => $"({random.Next(12)}, {Value()})"));
        return new($"INSERT INTO {table} (id, {column}) VALUES {rows}");
    }

    private string Condition(string table) => $"{Column(table)} {Any("=", "<", ">")} {random.Next(6)}";

    private string Value() => random.Next(5) == 0 ? "NULL" : random.Next(8).ToString(CultureInfo.InvariantCulture);

    private string Table() =>
        tables.Count > 0 && random.Next(12) > 0 ? tables[random.Next(tables.Count)].Name : Any(s_tables);

    private string Column(string table)
    {
        string[] known = [.. tables.Where(one => one.Name == table).SelectMany(one => one.Columns).Where(c => c != "id")];
        return known.Length > 0 && random.Next(20) > 0 ? Any(known) : Any(s_columns);
    }

    private string Any(params string[] texts) => texts[random.Next(texts.Length)];
}
