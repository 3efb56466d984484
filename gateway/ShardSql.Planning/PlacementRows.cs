using System.Collections.Generic;
using System.Linq;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Definitions;
using ShardSql.Planning.Maps;
using ShardSql.Primitives;
using ShardSql.Sql.Values;

namespace ShardSql.Planning;

/// <summary>Rows of <see cref="VirtualTables.Placement"/>.</summary>
public static class PlacementRows
{
    /// <summary>A row for each table, in the order of names.</summary>
    public static IReadOnlyList<SqlValue[]> Of(SystemState state)
    {
        System.ArgumentNullException.ThrowIfNull(state);
        var firsts = new Dictionary<uint, TableDescriptor>();
        foreach (TableDescriptor table in state.Catalog.All)
        {
            if (table.View is null)
            {
                firsts.TryAdd(table.GroupId, table);
            }
        }

        return [.. state.Catalog.Tables.Where(t => t.View is null).Select(t => Row(state, t, firsts[t.GroupId]))];
    }

    private static SqlValue[] Row(SystemState state, TableDescriptor table, TableDescriptor first)
    {
        bool isReference = table.Placement == PlacementKind.Reference;
        bool isColocated = !isReference && first.Id != table.Id;
        IReadOnlyList<Segment> segments = isReference ? [] : state.Map.OfGroup(table.GroupId);
        IEnumerable<ShardId> shards = isReference
            ? state.Map.DataShards
            : new SortedSet<ShardId>(segments.Select(segment => segment.Shard));
        return new VirtualRow(VirtualTables.Placement)
            .Set(
                ("table_name", table.Name),
                ("placement", isColocated ? "COLOCATED" : VirtualRows.PlacementName(table.Placement)),
                ("columns", VirtualRows.Names(table, table.ShardKey)),
                ("colocated_with", isColocated ? first.Name : null),
                ("shards", string.Join(", ", shards)),
                ("clause", PlacementScript.Of(table, state)))
            .Set("colocation_group", (int)table.GroupId)
            .Set("segments", isReference ? state.Map.DataShards.Count : segments.Count)
            .ToArray();
    }
}
