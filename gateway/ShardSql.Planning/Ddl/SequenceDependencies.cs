using System.Collections.Generic;
using System.Linq;
using ShardSql.Planning.Catalogs;
using ShardSql.Sql;

namespace ShardSql.Planning.Ddl;

/// <summary>Which columns own and use sequences: 2BP01 for a change that would take one away that is used.</summary>
internal static class SequenceDependencies
{
    /// <summary>The sequences that columns of a table own.</summary>
    public static IEnumerable<SequenceDescriptor> OwnedBy(Catalog catalog, TableDescriptor table) =>
        catalog.Sequences.Where(s => s.OwnerTableId == table.Id);

    /// <summary>The sequences that a table's columns owned which it has no more.</summary>
    public static IEnumerable<SequenceDescriptor> Lost(Catalog catalog, TableDescriptor table) =>
        OwnedBy(catalog, table).Where(s => table.OrdinalOf(s.OwnerColumnId) < 0);

    /// <summary>DROP SEQUENCE: no column may own an identity by it or take its numbers.</summary>
    public static void CheckDrop(Catalog catalog, SequenceDescriptor sequence, int position)
    {
        foreach ((TableDescriptor table, ColumnDescriptor column) in SequenceNames.UsersOf(catalog, sequence))
        {
            if (column.Identity != IdentityKind.None)
            {
                throw new SqlException(
                    SqlStates.DependentObjectsStillExist,
                    $"cannot drop sequence {sequence.Name} because column {column.Name} of table {table.Name} requires it",
                    position)
                {
                    Hint = $"You can drop column {column.Name} of table {table.Name} instead.",
                    Table = table.Name,
                    ColumnName = column.Name,
                };
            }

            throw Needed($"sequence {sequence.Name}", sequence, table, column, position);
        }
    }

    /// <summary>Tables go together with the sequences that they own.</summary>
    public static void CheckDrop(Catalog catalog, IReadOnlyList<TableDescriptor> dropped, int position)
    {
        foreach (TableDescriptor table in dropped)
        {
            foreach (SequenceDescriptor sequence in OwnedBy(catalog, table))
            {
                foreach ((TableDescriptor user, ColumnDescriptor column) in SequenceNames.UsersOf(catalog, sequence))
                {
                    if (dropped.All(t => t.Id != user.Id))
                    {
                        throw Needed($"table {table.Name}", sequence, user, column, position);
                    }
                }
            }
        }
    }

    /// <summary>A column goes from a table with the sequence that it owns.</summary>
    public static void CheckColumn(Catalog catalog, TableDescriptor table, ColumnDescriptor dropped, int position)
    {
        foreach (SequenceDescriptor sequence in OwnedBy(catalog, table).Where(s => s.OwnerColumnId == dropped.Id))
        {
            foreach ((TableDescriptor user, ColumnDescriptor column) in SequenceNames.UsersOf(catalog, sequence))
            {
                if (user.Id != table.Id || column.Id != dropped.Id)
                {
                    throw Needed($"column {dropped.Name} of table {table.Name}", sequence, user, column, position);
                }
            }
        }
    }

    private static SqlException Needed(
        string dropped, SequenceDescriptor sequence, TableDescriptor table, ColumnDescriptor column, int position) => new(
        SqlStates.DependentObjectsStillExist,
        $"cannot drop {dropped} because other objects depend on it",
        position)
    {
        Detail = $"default value for column {column.Name} of table {table.Name} depends on sequence {sequence.Name}",
        Hint = $"ALTER TABLE {table.Name} ALTER COLUMN {column.Name} DROP DEFAULT first.",
        Table = table.Name,
        ColumnName = column.Name,
    };
}
