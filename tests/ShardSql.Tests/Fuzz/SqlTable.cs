using System.Collections.Generic;
using System.Linq;

namespace ShardSql.Tests.Fuzz;

/// <summary>Types that the generator of statements knows.</summary>
internal enum SqlFamily
{
    Integer,
    Decimal,
    Double,
    Text,
    Boolean,
    Date,
    Timestamp,
}

/// <summary>A column of a generated statement's table.</summary>
internal sealed record SqlTableColumn(string Name, SqlFamily Family, string Type);

/// <summary>A table that generated statements use, the same here and in PostgreSQL but for its placement.</summary>
internal sealed record SqlTable(string Name, int KeyColumns, IReadOnlyList<SqlTableColumn> Columns, string Placement)
{
    /// <summary>All tables.</summary>
    public static IReadOnlyList<SqlTable> All { get; } =
    [
        new("h", 1,
        [
            new("id", SqlFamily.Integer, "int"), new("i", SqlFamily.Integer, "int"), new("d", SqlFamily.Decimal, "decimal(12,3)"),
            new("f", SqlFamily.Double, "double precision"), new("s", SqlFamily.Text, "text"), new("b", SqlFamily.Boolean, "boolean"),
            new("t", SqlFamily.Date, "date"), new("m", SqlFamily.Timestamp, "timestamp"),
        ], "SHARD BY HASH (id)"),
        new("r", 2,
        [
            new("k", SqlFamily.Integer, "int"), new("n", SqlFamily.Text, "text"), new("i", SqlFamily.Integer, "int"),
            new("d", SqlFamily.Decimal, "decimal(12,3)"), new("s", SqlFamily.Text, "varchar(20)"),
        ], "SHARD BY RANGE (k) SPLIT AT VALUES (5), (10), (15)"),
        new("c", 2,
        [
            new("id", SqlFamily.Integer, "int"), new("l", SqlFamily.Integer, "int"), new("i", SqlFamily.Integer, "int"),
            new("s", SqlFamily.Text, "text"),
        ], "COLOCATED WITH h ON (id)"),
        new("z", 1,
        [
            new("id", SqlFamily.Integer, "int"), new("s", SqlFamily.Text, "text"), new("b", SqlFamily.Boolean, "boolean"),
        ], "REFERENCE"),
    ];

    /// <summary>CREATE TABLE, with the placement where it is meant for us.</summary>
    public string Create(bool isPlaced) => $"CREATE TABLE {Name} ({string.Join(", ", Columns.Select(c => $"{c.Name} {c.Type}"))}, "
        + $"PRIMARY KEY ({string.Join(", ", Columns.Take(KeyColumns).Select(c => c.Name))})){(isPlaced ? " " + Placement : string.Empty)}";
}
