using System.Collections.Generic;
using System.Linq;

namespace ShardSql.Tests.Fuzz.Sqlite;

/// <summary>A table of portable statements: integers, texts and booleans only, the same here and in SQLite but for its
/// placement.</summary>
internal sealed record PortableTable(
    string Name, int KeyColumns, IReadOnlyList<SqlTableColumn> Columns, string Constraints, string Placement)
{
    /// <summary>All tables.</summary>
    public static IReadOnlyList<PortableTable> All { get; } =
    [
        new("h", 1,
        [
            new("id", SqlFamily.Integer, "int"), new("i", SqlFamily.Integer, "int"), new("s", SqlFamily.Text, "text"),
            new("b", SqlFamily.Boolean, "boolean"),
        ], "", "SHARD BY HASH (id)"),
        new("r", 2,
        [
            new("k", SqlFamily.Integer, "int"), new("n", SqlFamily.Text, "text"), new("i", SqlFamily.Integer, "int"),
            new("s", SqlFamily.Text, "text"),
        ], "", "SHARD BY RANGE (k) SPLIT AT VALUES (5), (10), (15)"),
        new("c", 2,
        [
            new("id", SqlFamily.Integer, "int"), new("l", SqlFamily.Integer, "int"), new("i", SqlFamily.Integer, "int"),
            new("s", SqlFamily.Text, "text"),
        ], ", CHECK (i < 19 OR i > 19)", "COLOCATED WITH h ON (id)"),
        new("z", 1,
        [
            new("id", SqlFamily.Integer, "int"), new("s", SqlFamily.Text, "text"), new("b", SqlFamily.Boolean, "boolean"),
        ], "", "REFERENCE"),
        new("u", 1,
        [
            new("id", SqlFamily.Integer, "int"), new("e", SqlFamily.Integer, "int"), new("v", SqlFamily.Integer, "int NOT NULL DEFAULT 7"),
        ], ", UNIQUE (e), CHECK (v < 15)", "SHARD BY HASH (id)"),
    ];

    /// <summary>Names of the key's columns.</summary>
    public string Key => string.Join(", ", Columns.Take(KeyColumns).Select(column => column.Name));

    /// <summary>CREATE TABLE, with the placement where it is meant for us. SQLite's keys may be NULL unless it is told.
    /// </summary>
    public string Create(bool isPlaced) =>
        $"CREATE TABLE {Name} ({string.Join(", ", Columns.Select((c, i) => $"{c.Name} {c.Type}{(i < KeyColumns ? " NOT NULL" : "")}"))}, "
        + $"PRIMARY KEY ({Key}){Constraints}){(isPlaced ? " " + Placement : "")}";
}
