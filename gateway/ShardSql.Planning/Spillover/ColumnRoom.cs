using System;
using System.Text;
using ShardSql.Execution;
using ShardSql.Planning.Catalogs;
using ShardSql.Sql;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Spillover;

/// <summary>
/// What a spilled column can hold (sharding.md §4). A delta does not know what the others come to: so a row takes them only while
/// most of its room is free, and who adds to it then writes the row itself, which says whether that fits.
/// </summary>
internal static class ColumnRoom
{
    /// <summary>Bytes that a delta of policy append has at most.</summary>
    public const int AppendedBytesMax = 64 * 1024;

    // A row takes deltas below seven of eight parts of what its columns can hold.
    private const int Parts = 8;

    /// <summary>Whether a row is to take no deltas, because little is free in a column.</summary>
    public static bool IsLittle(TableDescriptor table, SqlValue[] row)
    {
        foreach (uint id in table.Spillover!.Columns)
        {
            int ordinal = table.OrdinalOf(id);
            if (!row[ordinal].IsNull && table.Spillover.Policy switch
            {
                SpilloverPolicy.Sum or SpilloverPolicy.BoundedSum => IsLittle(NumberOf(row[ordinal]), table.Columns[ordinal].Type),
                SpilloverPolicy.Append =>
                    Encoding.UTF8.GetByteCount(row[ordinal].AsText()) >= ConstraintErrors.RowBytesMax / Parts * (Parts - 1),
                _ => false,
            })
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Refuses what a row cannot hold (22003): what an exact row comes to has any number of digits.</summary>
    public static void Require(TableDescriptor table, SqlValue[] row)
    {
        foreach (uint id in table.Spillover is { IsInOrder: false } spillover ? spillover.Columns : [])
        {
            int ordinal = table.OrdinalOf(id);
            if (!row[ordinal].IsNull)
            {
                _ = Require(table, table.Columns[ordinal], NumberOf(row[ordinal]));
            }
        }
    }

    /// <summary>Refuses what a column cannot hold (22003).</summary>
    public static SqlValue Require(TableDescriptor table, ColumnDescriptor column, Decimal38 number) =>
        !Holds(column.Type, number)
            ? throw new SqlException(
                SqlStates.NumericOutOfRange, $"value {number} is out of range for type {column.Type} of column \"{column.Name}\"")
            {
                Table = table.Name,
                ColumnName = column.Name,
            }
            : SqlCast.To(SqlValue.FromDecimal(number), column.Type, isExplicit: true);

    /// <summary>Whether a column can hold a number.</summary>
    public static bool Holds(SqlType type, Decimal38 number) => Max(type) is not { } max || number.Abs() <= max;

    /// <summary>A value of a spilled column of numbers.</summary>
    public static Decimal38 NumberOf(SqlValue value) => SqlCast.To(value, SqlType.Decimal, isExplicit: true).AsDecimal();

    private static bool IsLittle(Decimal38 number, SqlType type) =>
        Max(type) is { } max && number.Abs() >= new Decimal38(max.Unscaled / Parts * (Parts - 1), max.Scale);

    /// <summary>What no value is further from 0 than; null: as many digits as there are.</summary>
    private static Decimal38? Max(SqlType type) => type.Kind == SqlKind.Int64 ? new Decimal38(-(Int128)long.MinValue, 0)
        : type.Precision > 0 ? new Decimal38(Decimal38.PowerOfTen(type.Precision) - 1, type.Scale)
        : null;
}
