using System;
using System.Collections.Generic;

using ShardSql.Execution;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Maps;
using ShardSql.Primitives;

namespace ShardSql.Planning.Moves;

/// <summary>What a segment holds at its shard: the rows of all tables of its group whose routing keys lie in it.</summary>
public static class SegmentContents
{
    /// <summary>The row keys, a range for each table, in key order. Entries of LOCAL indexes are found by their rows
    /// (<see cref="RowEntries"/>).</summary>
    public static IReadOnlyList<KeyRange> RangesOf(Catalog catalog, Segment segment)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(segment);
        var ranges = new List<KeyRange>();
        foreach (TableDescriptor table in catalog.OfGroup(segment.GroupId))
        {
            ranges.Add(RowKeyLayout.RowsOf(table.Id, table.GroupId, segment.Range));
        }

        return ranges;
    }

    /// <summary>The tables of a group with their versions: a move that began under others must begin again.</summary>
    public static IReadOnlyList<(uint Id, ulong Version)> VersionsOf(Catalog catalog, uint group)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        var versions = new List<(uint, ulong)>();
        foreach (TableDescriptor table in catalog.OfGroup(group))
        {
            versions.Add((table.Id, table.Version));
        }

        return versions;
    }

    /// <summary>The index that is being built from, or into, rows of a group; null: none is. It reads rows where they
    /// were when it began, so they must not move.</summary>
    public static IndexDescriptor? BuildingIn(Catalog catalog, uint group)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        foreach (TableDescriptor table in catalog.OfGroup(group))
        {
            TableDescriptor of = table.IndexOf == 0 ? table : catalog.Find(table.IndexOf)!;
            foreach (IndexDescriptor index in of.Indexes)
            {
                if (index.State != IndexState.Public && (table.IndexOf == 0 || index.EntriesTableId == table.Id))
                {
                    return index;
                }
            }
        }

        return null;
    }
}
