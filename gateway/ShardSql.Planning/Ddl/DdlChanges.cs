using System.Collections.Generic;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Maps;
using ShardSql.Planning.Plans;
using ShardSql.Primitives;

namespace ShardSql.Planning.Ddl;

/// <summary>Makes the change of the system shard that a new or dropped table is.</summary>
internal static class DdlChanges
{
    /// <summary>The change that adds a table.</summary>
    public static DdlChange Create(SystemState before, TableDescriptor table, PlacementPlan placement)
    {
        var edit = new CatalogEdit(before);
        edit.Create(table, placement);
        return edit.ToChange();
    }

    /// <summary>The change that puts a table in the place of its earlier version. Indexes that it has no more go with their
    /// entries; the hidden tables of the others call their columns as the table does.</summary>
    public static DdlChange Replace(
        SystemState before,
        TableDescriptor old,
        TableDescriptor table,
        SequenceColumns sequences,
        IReadOnlyList<DdlCheck> checks)
    {
        var edit = new CatalogEdit(before);
        edit.Put(table);
        edit.PutParents(table, old.ForeignKeys);
        foreach (IndexDescriptor index in old.Indexes)
        {
            if (table.FindIndex(index.Name) is not { } kept)
            {
                edit.DropIndex(old, index);
            }
            else if (before.Catalog.Find(index.EntriesTableId) is { } entries
                && TableEdits.Renamed(entries, table, kept) is { } renamed)
            {
                edit.Put(renamed);
            }
        }

        foreach (SequenceDescriptor sequence in SequenceDependencies.Lost(before.Catalog, table))
        {
            edit.Drop(sequence);
        }

        sequences.Put(edit, table.Id);
        return edit.ToChange() with { Checks = checks };
    }

    /// <summary>The change that drops tables, with the hidden ones that hold the entries of their indexes.</summary>
    public static DdlChange Drop(SystemState before, IReadOnlyList<TableDescriptor> tables)
    {
        var edit = new CatalogEdit(before);
        foreach (TableDescriptor table in tables)
        {
            edit.Drop(table);
            if (table.Spillover is { } spillover)
            {
                edit.Drop(before.Catalog.Find(spillover.DeltasTableId)!);
            }

            foreach (IndexDescriptor index in table.Indexes)
            {
                if (before.Catalog.Find(index.EntriesTableId) is { } entries)
                {
                    edit.Drop(entries);
                }
            }

            foreach (SequenceDescriptor sequence in SequenceDependencies.OwnedBy(before.Catalog, table))
            {
                edit.Drop(sequence);
            }
        }

        return edit.ToChange();
    }

    /// <summary>The shards that hold rows of some tables.</summary>
    public static List<ShardId> ShardsOf(ShardMap map, IReadOnlyList<TableDescriptor> tables)
    {
        var shards = new SortedSet<ShardId>();
        foreach (TableDescriptor table in tables)
        {
            if (table.Placement == PlacementKind.Reference)
            {
                shards.UnionWith(map.CopyShards);
            }

            foreach (Segment segment in map.OfGroup(table.GroupId))
            {
                shards.Add(segment.Shard);
            }
        }

        return [.. shards];
    }
}
