using System.Collections.Generic;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Plans;

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

    /// <summary>The change that drops tables, with the hidden ones that hold the entries of their indexes.</summary>
    public static DdlChange Drop(SystemState before, IReadOnlyList<TableDescriptor> tables)
    {
        var edit = new CatalogEdit(before);
        foreach (TableDescriptor table in tables)
        {
            edit.Drop(table);
            foreach (IndexDescriptor index in table.Indexes)
            {
                if (before.Catalog.Find(index.EntriesTableId) is { } entries)
                {
                    edit.Drop(entries);
                }
            }
        }

        return edit.ToChange();
    }
}
