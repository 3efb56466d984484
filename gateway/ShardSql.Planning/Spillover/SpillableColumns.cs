using System;
using System.Linq;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Ddl;
using ShardSql.Sql;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Spillover;

/// <summary>What can spill over, and what a table that does cannot have. All is refused with the reason (0A000).</summary>
internal static class SpillableColumns
{
    /// <summary>Refuses a table whose rows have no key of their own to spill under, or go away without a statement on it.
    /// </summary>
    public static void RequireTable(TableDescriptor table, int position)
    {
        string? why = table.Placement == PlacementKind.Reference ? "it is a reference table, of which each shard has a copy"
            : table.PrimaryKey.Any(o => table.Columns[o].Hidden) ? "it has no primary key"
            : table.KeyColumns.Any(o => !table.PrimaryKey.Contains(o)) ? "its shard key is not part of its primary key"
            : table.ForeignKeys.Any(Cascades) ? "a foreign key deletes or updates its rows with others (ON ... CASCADE)"
            : null;
        if (why is not null)
        {
            throw new SqlException(
                SqlStates.FeatureNotSupported, $"table \"{table.Name}\" cannot spill over: {why}", position)
            {
                Table = table.Name,
            };
        }
    }

    /// <summary>Refuses a column.</summary>
    public static void Require(TableDescriptor table, int ordinal, SpilloverPolicy policy, int position)
    {
        ColumnDescriptor column = table.Columns[ordinal];
        string? why = TableEdits.IsOfKey(table, ordinal) ? "it is part of the key"
            : policy is SpilloverPolicy.Sum or SpilloverPolicy.BoundedSum && column.Type.Kind is not (SqlKind.Int64 or SqlKind.Decimal)
                ? $"type {column.Type} is not bigint or numeric, whose sums are exact in any order"
            : policy == SpilloverPolicy.Append && (column.Type.Kind != SqlKind.Text || column.Type.Length > 0)
                ? $"policy append is for text without a length limit, not {column.Type}: of a part nobody knows how long the whole is"
            : column.Nullable && policy is not (SpilloverPolicy.LastWrite or SpilloverPolicy.Timestamp) ? "it may be NULL"
            : column.IsAutoIncrement ? "it takes numbers of a sequence"
            : table.Indexes.FirstOrDefault(i => i.Holds(ordinal)) is { } index ? $"index \"{index.Name}\" holds it"
            : table.ForeignKeys.FirstOrDefault(k => k.Columns.Contains(column.Id)) is { } key
                ? $"foreign key \"{key.Name}\" is on it"
            : policy == SpilloverPolicy.BoundedSum
                ? column.Type.Kind == SqlKind.Decimal && column.Type.Precision is 0 or > ColumnBound.PrecisionMax
                    ? $"policy bounded_sum counts in a smallest unit: numeric(p,s) with p up to {ColumnBound.PrecisionMax}, or bigint"
                    : null
            : table.Checks.FirstOrDefault(c => ColumnBound.Reads(c.Condition, column)) is { } check
                ? policy != SpilloverPolicy.Sum ? $"CHECK \"{check.Name}\" is about it" : $"CHECK \"{check.Name}\" is about its exact value; policy bounded_sum keeps CHECK ({column.Name} >= constant)"
            : null;
        if (why is not null)
        {
            throw new SqlException(
                SqlStates.FeatureNotSupported, $"column \"{column.Name}\" cannot spill over: {why}", position)
            {
                Table = table.Name,
                ColumnName = column.Name,
            };
        }
    }

    /// <summary>Refuses a column by which policy timestamp cannot decide.</summary>
    public static void RequireComparable(TableDescriptor table, ColumnDescriptor column, int position)
    {
        string? why = column.Nullable ? "may be NULL"
            : column.Type.Kind is not (SqlKind.Timestamp or SqlKind.Timestamptz or SqlKind.Date or SqlKind.Int32 or SqlKind.Int64 or SqlKind.Decimal)
                ? $"is of type {column.Type}, not a timestamp, date, integer or numeric"
            : null;
        if (why is not null)
        {
            throw new SqlException(
                SqlStates.FeatureNotSupported, $"policy timestamp cannot decide by column \"{column.Name}\": it {why}", position)
            {
                Table = table.Name,
                ColumnName = column.Name,
            };
        }
    }

    /// <summary>What bounded_sum keeps a column from falling below, in its smallest unit; 0A000 where no CHECK says it.</summary>
    public static Int128 RequireBound(TableDescriptor table, int ordinal, Binding constants, int position) =>
        ColumnBound.Of(table, ordinal, constants) ?? throw new SqlException(
            SqlStates.FeatureNotSupported,
            $"policy bounded_sum needs CHECK ({table.Columns[ordinal].Name} >= constant), and no other CHECK of the column",
            position)
        {
            Table = table.Name,
            ColumnName = table.Columns[ordinal].Name,
        };

    /// <summary>Refuses what an ALTER TABLE or CREATE INDEX has made of a table that spills over.</summary>
    public static void RequireStill(TableDescriptor table, Binding constants, int position)
    {
        if (table.Spillover is null)
        {
            return;
        }

        try
        {
            RequireTable(table, position);
            foreach (uint id in table.Spillover.Columns)
            {
                int ordinal = RequireThere(table, id, position);
                Require(table, ordinal, table.Spillover.Policy, position);
                if (id == table.Spillover.By)
                {
                    RequireComparable(table, table.Columns[ordinal], position);
                }

                if (table.Spillover.Policy == SpilloverPolicy.BoundedSum
                    && RequireBound(table, ordinal, constants, position) != table.Spillover.Bound)
                {
                    throw new SqlException(
                        SqlStates.FeatureNotSupported, "the bound of a column that spills over cannot change", position);
                }
            }
        }
        catch (SqlException refused)
        {
            throw new SqlException(refused.SqlState, refused.Message, position)
            {
                Hint = "ALTER TABLE ... DISABLE SPILLOVER first.",
                Table = table.Name,
                ColumnName = refused.ColumnName,
            };
        }
    }

    /// <summary>Refuses to write a table that spills over anew.</summary>
    public static void RequireNone(TableDescriptor table, int position)
    {
        if (table.Spillover is not null)
        {
            throw new SqlException(
                SqlStates.FeatureNotSupported, $"table \"{table.Name}\" spills over and cannot be written anew", position)
            {
                Hint = "ALTER TABLE ... DISABLE SPILLOVER first.",
                Table = table.Name,
            };
        }
    }

    /// <summary>Refuses ON CONFLICT DO UPDATE that is about more of a row than it holds itself.</summary>
    public static void RequireUnread(Insert insert, TableDescriptor table)
    {
        if (table.Spillover is not null && insert.OnConflict?.Assignments.Count > 0
            && (NamedColumns.Of(insert.OnConflict).MeanSpilled(table)
                || insert.Returning.Any(item => NamedColumns.Of(item).MeanSpilled(table))))
        {
            throw new SqlException(
                SqlStates.FeatureNotSupported,
                $"ON CONFLICT DO UPDATE that names a column of table \"{table.Name}\" that spills over is not supported",
                (int)insert.OnConflict.Position)
            {
                Hint = "UPDATE the row, and INSERT it where no row was updated, in one transaction.",
                Table = table.Name,
            };
        }
    }

    private static int RequireThere(TableDescriptor table, uint id, int position)
    {
        int ordinal = table.OrdinalOf(id);
        return ordinal >= 0 ? ordinal : throw new SqlException(
            SqlStates.FeatureNotSupported, $"a column of table \"{table.Name}\" that spills over cannot be dropped", position);
    }

    private static bool Cascades(ForeignKey key) =>
        key.OnDelete == ReferentialAction.Cascade || key.OnUpdate == ReferentialAction.Cascade;
}
