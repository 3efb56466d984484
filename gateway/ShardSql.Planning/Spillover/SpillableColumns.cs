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
    public static void Require(TableDescriptor table, int ordinal, int position)
    {
        ColumnDescriptor column = table.Columns[ordinal];
        string? why = TableEdits.IsOfKey(table, ordinal) ? "it is part of the key"
            : column.Type.Kind is not (SqlKind.Int64 or SqlKind.Decimal)
                ? $"type {column.Type} is not bigint or numeric, whose sums are exact in any order"
            : column.Nullable ? "it may be NULL"
            : column.IsAutoIncrement ? "it takes numbers of a sequence"
            : table.Indexes.FirstOrDefault(i => i.Holds(ordinal)) is { } index ? $"index \"{index.Name}\" holds it"
            : table.ForeignKeys.FirstOrDefault(k => k.Columns.Contains(column.Id)) is { } key
                ? $"foreign key \"{key.Name}\" is on it"
            : table.Checks.FirstOrDefault(c => Reads(c, column)) is { } check
                ? $"CHECK \"{check.Name}\" is about its exact value"
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

    /// <summary>Refuses what an ALTER TABLE or CREATE INDEX has made of a table that spills over.</summary>
    public static void RequireStill(TableDescriptor table, int position)
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
                Require(table, RequireThere(table, id, position), position);
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

    private static bool Reads(TableCheck check, ColumnDescriptor column) =>
        check.Condition.Nodes.Any(node => node.Op == ExpressionOp.Column && node.Name == column.Name);
}
