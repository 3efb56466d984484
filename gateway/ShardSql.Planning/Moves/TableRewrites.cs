using System;
using System.Linq;

using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Ddl;
using ShardSql.Planning.Definitions;
using ShardSql.Planning.Plans;
using ShardSql.Sql;

namespace ShardSql.Planning.Moves;

/// <summary>
/// The first and the last step of a table that gets another placement while it is read and written. Its rows under their new
/// keys are at first the entries of a GLOBAL unique index over the new key that holds all columns, so that whatever writes the
/// table writes them, too, and rows from before are filled in as those of any index. In the end that index's hidden table is
/// the table, and the old one is dropped.
/// </summary>
public static class TableRewrites
{
    /// <summary>Adds the hidden table, of which writes remove rows and to which they add none yet.</summary>
    internal static (DdlChange Change, IndexTarget Target) Begin(
        SystemState state, TableDescriptor table, PlacementPlan wanted)
    {
        int[] key = [.. wanted.ShardKey, .. table.PrimaryKey.Where(o => !wanted.ShardKey.Contains(o))];
        int[] stored = [.. key, .. Enumerable.Range(0, table.Columns.Count).Where(o => !key.Contains(o))];
        var index = new IndexDescriptor
        {
            Number = table.NextIndexNumber,
            Name = NameIn(state.Catalog, table),
            IsUnique = true,
            IsConstraint = true,
            State = IndexState.DeleteOnly,
            Columns = key,
            Stored = stored,
            EntriesTableId = state.Catalog.Header.NextTableId,
        };
        TableDescriptor entries = EntriesOf(table, index, wanted);
        var edit = new CatalogEdit(state);
        edit.Create(entries, wanted);
        edit.Put(table with
        {
            Version = table.Version + 1,
            Indexes = [.. table.Indexes, index],
            NextIndexNumber = index.Number + 1,
        });
        DdlChange change = edit.ToChange();
        var clauses = new TableRewrite(PlacementScript.Of(table, state), PlacementScript.Of(entries, change.After));
        return (change, new IndexTarget(table.Id, table.Name, index.Number, index.Name) { Rewrite = clauses });
    }

    /// <summary>The change after which the table is what was written anew; null where the table, or the index, is gone.
    /// </summary>
    /// <param name="state">Catalog and map.</param>
    /// <param name="tableId">The table.</param>
    /// <param name="number">The index whose entries its rows are under their new keys.</param>
    /// <exception cref="SqlException">The table has been changed in a way that the new rows do not know of (55006).</exception>
    public static DdlChange? Finish(SystemState state, uint tableId, uint number)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (state.Catalog.Find(tableId) is not { } table
            || table.Indexes.FirstOrDefault(i => i.Number == number) is not { } index
            || state.Catalog.Find(index.EntriesTableId) is not { } entries)
        {
            return null;
        }

        RequireUnchanged(table, index);
        uint[] ids = new uint[table.Columns.Count];
        for (int i = 0; i < index.Stored.Count; i++)
        {
            ids[index.Stored[i]] = entries.Columns[i].Id;
        }

        uint NewId(uint id) => ids[table.OrdinalOf(id)];
        TableDescriptor placed = table with
        {
            Id = entries.Id,
            Version = entries.Version + 1,
            GroupId = entries.GroupId,
            Placement = entries.Placement,
            Columns = [.. table.Columns.Select((column, i) => column with { Id = ids[i], MissingValue = default })],
            ShardKey = [.. entries.ShardKey.Select(o => index.Stored[o])],
            KeyColumns = [.. entries.KeyColumns.Select(o => index.Stored[o])],
            Indexes = [],
            ForeignKeys =
            [
                .. table.ForeignKeys.Select(key => Referring(key, table.Id, entries.Id, NewId) with
                {
                    Columns = [.. key.Columns.Select(NewId)],
                }),
            ],
            NextColumnId = TableEdits.NextColumnId(entries),
        };
        var edit = new CatalogEdit(state);
        edit.Drop(table);
        edit.Put(placed);
        PutReferences(edit, state.Catalog, table, placed, NewId);
        edit.PutParents(placed, []);
        return edit.ToChange();
    }

    /// <summary>What refers to the table refers to the new one: its children, and the sequences that its columns own.</summary>
    private static void PutReferences(
        CatalogEdit edit, Catalog catalog, TableDescriptor table, TableDescriptor placed, Func<uint, uint> newId)
    {
        foreach (TableDescriptor child in catalog.ReferencesTo(table).Select(static r => r.Child).DistinctBy(static t => t.Id))
        {
            if (child.Id != table.Id)
            {
                edit.Put(child with
                {
                    Version = child.Version + 1,
                    ForeignKeys = [.. child.ForeignKeys.Select(key => Referring(key, table.Id, placed.Id, newId))],
                });
            }
        }

        foreach (SequenceDescriptor sequence in SequenceDependencies.OwnedBy(catalog, table))
        {
            edit.Put(sequence with { OwnerTableId = placed.Id, OwnerColumnId = newId(sequence.OwnerColumnId) });
        }
    }

    private static ForeignKey Referring(ForeignKey key, uint before, uint after, Func<uint, uint> newId) =>
        key.ParentId != before ? key : key with
        {
            ParentId = after,
            ParentColumns = [.. key.ParentColumns.Select(newId)],
        };

    private static TableDescriptor EntriesOf(TableDescriptor table, IndexDescriptor index, PlacementPlan wanted)
    {
        int[] key = [.. Enumerable.Range(0, index.Columns.Count)];
        return new TableDescriptor
        {
            Id = index.EntriesTableId,
            Name = index.Name,
            GroupId = wanted.GroupId,
            Placement = wanted.Kind,
            Columns = IndexDefinition.ColumnsOf(table, index),
            PrimaryKey = key,
            ShardKey = key[..wanted.ShardKey.Count],
            KeyColumns = key,
            KeyName = table.KeyName,
            IndexOf = table.Id,
        };
    }

    /// <summary>As the primary key is called, which is what two rows with one key violate.</summary>
    private static string NameIn(Catalog catalog, TableDescriptor table)
    {
        string name = table.KeyName;
        for (int i = 1; catalog.IsTaken(name); i++)
        {
            name = IndexDefinition.Limited(table.KeyName, $"_{i}");
        }

        return name;
    }

    private static void RequireUnchanged(TableDescriptor table, IndexDescriptor index)
    {
        string? what = table.Indexes.Count > 1 ? "an index was added"
            : table.Columns.Count > index.Stored.Count ? "a column was added"
            : index.Columns.Any(o => table.Columns[o].Nullable) ? "a column of the new key may be NULL"
            : null;
        if (what is not null)
        {
            throw new SqlException(
                SqlStates.ObjectInUse, $"table \"{table.Name}\" was changed while it was rewritten: {what}")
            {
                Hint = "RETRY JOB begins again with the table as it is.",
                Table = table.Name,
            };
        }
    }
}
