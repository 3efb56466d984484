using System;
using System.Collections.Generic;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Plans;

namespace ShardSql.Planning.Ddl;

/// <summary>The steps of an index after the first, each a schema version of its table.</summary>
public static class IndexChanges
{
    /// <summary>The change to another state; null where the index is gone.</summary>
    public static DdlChange? Advance(SystemState state, uint tableId, uint number, IndexState to)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (state.Catalog.Find(tableId) is not { } table)
        {
            return null;
        }

        var indexes = new List<IndexDescriptor>(table.Indexes);
        int place = indexes.FindIndex(i => i.Number == number);
        if (place < 0)
        {
            return null;
        }

        indexes[place] = indexes[place] with { State = to };
        var edit = new CatalogEdit(state);
        edit.Put(table with { Version = table.Version + 1, Indexes = indexes });
        return edit.ToChange();
    }

    /// <summary>The change that removes an index; null where it is gone.</summary>
    public static DdlChange? Remove(SystemState state, uint tableId, uint number)
    {
        ArgumentNullException.ThrowIfNull(state);
        foreach (IndexDescriptor index in state.Catalog.Find(tableId)?.Indexes ?? [])
        {
            if (index.Number == number)
            {
                return Remove(state, new SortedDictionary<uint, SortedSet<uint>> { [tableId] = [number] });
            }
        }

        return null;
    }

    /// <summary>The change that removes indexes, by table.</summary>
    internal static DdlChange Remove(SystemState state, SortedDictionary<uint, SortedSet<uint>> dropped)
    {
        var edit = new CatalogEdit(state);
        foreach ((uint tableId, SortedSet<uint> numbers) in dropped)
        {
            TableDescriptor table = state.Catalog.Find(tableId)!;
            var left = new List<IndexDescriptor>(table.Indexes.Count);
            foreach (IndexDescriptor index in table.Indexes)
            {
                if (!numbers.Contains(index.Number))
                {
                    left.Add(index);
                }
                else
                {
                    edit.DropIndex(table, index);
                }
            }

            edit.Put(table with { Version = table.Version + 1, Indexes = left });
        }

        return edit.ToChange();
    }
}
