using System;
using System.Collections.Generic;
using System.Linq;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Maps;
using ShardSql.Planning.Plans;
using ShardSql.Primitives;

namespace ShardSql.Planning.Ddl;

/// <summary>What several changes of the schema come to: of what they made and dropped again nothing is left.</summary>
public static class SchemaDifference
{
    /// <summary>The change from one state to another, which later changes of tables, indexes and sequences made of it. Its
    /// rows of the system shard are those of the changes.</summary>
    public static DdlChange Between(SystemState before, SystemState after)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        TableDescriptor[] added =
            [.. after.Catalog.All.Where(table => before.Catalog.Find(table.Id)?.Version != table.Version)];
        TableDescriptor[] dropped = [.. before.Catalog.All.Where(table => after.Catalog.Find(table.Id) is null)];
        var shards = new SortedSet<ShardId>(DdlChanges.ShardsOf(after.Map, added));
        shards.UnionWith(DdlChanges.ShardsOf(before.Map, dropped));
        return new DdlChange
        {
            Before = before,
            After = after,
            Added = added,
            Dropped = dropped,
            DroppedIndexes = [.. DroppedIndexes(before.Catalog, after.Catalog)],
            AddedSegments = Missing(after.Map, before.Map),
            RemovedSegments = Missing(before.Map, after.Map),
            Shards = [.. shards],
            SystemWrites = [],
        };
    }

    private static IEnumerable<(TableDescriptor Table, IndexDescriptor Index)> DroppedIndexes(Catalog before, Catalog after)
    {
        foreach (TableDescriptor table in before.All)
        {
            if (after.Find(table.Id) is not { } kept || kept.Version == table.Version)
            {
                continue;
            }

            foreach (IndexDescriptor index in table.Indexes)
            {
                if (!index.IsGlobal && kept.Indexes.All(one => one.Number != index.Number))
                {
                    yield return (table, index);
                }
            }
        }
    }

    private static Segment[] Missing(ShardMap of, ShardMap from)
    {
        if (of.Version == from.Version)
        {
            return [];
        }

        var known = new SortedSet<SegmentId>(from.Segments.Select(static segment => segment.Id));
        return [.. of.Segments.Where(segment => !known.Contains(segment.Id))];
    }
}
