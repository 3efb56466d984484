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
        CatalogHeader old = before.Catalog.Header;
        bool newGroup = table.GroupId == old.NextGroupId;
        bool mapChanges = placement.Segments.Count > 0;
        var header = new CatalogHeader(
            old.Version + 1,
            old.MapVersion + (mapChanges ? 1UL : 0),
            old.NextTableId + 1,
            old.NextGroupId + (newGroup ? 1u : 0),
            old.NextSegmentId + (uint)placement.Segments.Count);
        var writes = new SortedDictionary<byte[], byte[]?>(ByteKeyComparer.Instance)
        {
            [SystemKeys.Header] = header.Encode(),
            [SystemKeys.Table(table.Id)] = TableDescriptorCodec.Encode(table),
        };
        foreach (Segment segment in placement.Segments)
        {
            writes[SystemKeys.Segment(segment.Id)] = segment.Encode();
        }

        ShardMap map = mapChanges ? before.Map.With(placement.Segments) : before.Map;
        return new DdlChange
        {
            Added = [table],
            AddedSegments = placement.Segments,
            Shards = ShardsOf(map, [table]),
            ExpectedHeader = old,
            SystemWrites = ToList(writes),
            After = new SystemState(before.Catalog.With(header, table), map),
        };
    }

    /// <summary>The change that puts a table in the place of its earlier version.</summary>
    public static DdlChange Replace(SystemState before, TableDescriptor table, IReadOnlyList<DdlCheck> checks)
    {
        CatalogHeader header = before.Catalog.Header with { Version = before.Catalog.Header.Version + 1 };
        var writes = new SortedDictionary<byte[], byte[]?>(ByteKeyComparer.Instance)
        {
            [SystemKeys.Header] = header.Encode(),
            [SystemKeys.Table(table.Id)] = TableDescriptorCodec.Encode(table),
        };
        return new DdlChange
        {
            Added = [table],
            Checks = checks,
            Shards = ShardsOf(before.Map, [table]),
            ExpectedHeader = before.Catalog.Header,
            SystemWrites = ToList(writes),
            After = new SystemState(before.Catalog.With(header, table), before.Map),
        };
    }

    /// <summary>The change that drops tables.</summary>
    public static DdlChange Drop(SystemState before, IReadOnlyList<TableDescriptor> tables)
    {
        CatalogHeader old = before.Catalog.Header;
        var writes = new SortedDictionary<byte[], byte[]?>(ByteKeyComparer.Instance);
        var removed = new List<Segment>();
        Catalog catalog = before.Catalog;
        ShardMap map = before.Map;
        foreach (TableDescriptor table in tables)
        {
            writes[SystemKeys.Table(table.Id)] = null;
            if (!catalog.IsGroupShared(table.GroupId, table.Id))
            {
                removed.AddRange(map.OfGroup(table.GroupId));
                map = map.With([], table.GroupId);
            }

            catalog = catalog.Without(catalog.Header, table.Id);
        }

        foreach (Segment segment in removed)
        {
            writes[SystemKeys.Segment(segment.Id)] = null;
        }

        ulong mapVersion = old.MapVersion + (removed.Count > 0 ? 1UL : 0);
        CatalogHeader header = old with { Version = old.Version + 1, MapVersion = mapVersion };
        writes[SystemKeys.Header] = header.Encode();
        return new DdlChange
        {
            Dropped = tables,
            RemovedSegments = removed,
            Shards = ShardsOf(before.Map, tables),
            ExpectedHeader = old,
            SystemWrites = ToList(writes),
            After = new SystemState(
                new Catalog(header, catalog.Tables), new ShardMap(mapVersion, map.DataShards, map.Segments)),
        };
    }

    /// <summary>The shards that hold rows of some tables.</summary>
    public static List<ShardId> ShardsOf(ShardMap map, IReadOnlyList<TableDescriptor> tables)
    {
        var shards = new SortedSet<ShardId>();
        foreach (TableDescriptor table in tables)
        {
            if (table.Placement == PlacementKind.Reference)
            {
                shards.UnionWith(map.DataShards);
            }

            foreach (Segment segment in map.OfGroup(table.GroupId))
            {
                shards.Add(segment.Shard);
            }
        }

        return [.. shards];
    }

    private static List<(byte[] Key, byte[]? Value)> ToList(SortedDictionary<byte[], byte[]?> writes)
    {
        var list = new List<(byte[], byte[]?)>(writes.Count);
        foreach ((byte[] key, byte[]? value) in writes)
        {
            list.Add((key, value));
        }

        return list;
    }
}
