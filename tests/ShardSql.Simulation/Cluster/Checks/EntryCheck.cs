using System.Collections.Generic;
using System.Linq;

using ShardSql.Execution;
using ShardSql.Planning;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Writes;
using ShardSql.Primitives;
using ShardSql.Simulation.Cluster.Sql;
using ShardSql.Sql.Values;

namespace ShardSql.Simulation.Cluster.Checks;

/// <summary>At the end: each index has an entry of each row and no other, nothing is left half built, and no hidden table
/// or segment without what it is of.</summary>
internal static class EntryCheck
{
    public static void Run(SimulatedCluster world, SystemState state)
    {
        foreach (TableDescriptor table in state.Catalog.Tables)
        {
            world.Check(
                table.IndexOf == 0
                    || state.Catalog.Find(table.IndexOf)?.Indexes.Any(index => index.EntriesTableId == table.Id) == true,
                $"hidden table {table.Name} is of no index");
            foreach (IndexDescriptor index in table.Indexes)
            {
                world.Check(index.State == IndexState.Public, $"index {index.Name} of {table.Name} is left {index.State}");
                string difference = SqlDatabase.Difference(
                    In(world, index.IsGlobal ? index.EntriesTableId : table.Id, index.IsGlobal ? 0 : index.Number),
                    Expected(world, state, table, index));
                world.Check(
                    difference.Length == 0, $"entries of {index.Name} are not those of the rows of {table.Name}: {difference}");
                world.Reach("index compared with its table");
            }
        }

        foreach (Planning.Maps.Segment segment in state.Map.Segments)
        {
            world.Check(state.Catalog.OfGroup(segment.GroupId).Any(), $"segment {segment.Id} is of no table");
        }
    }

    private static IEnumerable<KeyValuePair<byte[], byte[]>> In(SimulatedCluster world, uint table, uint index)
    {
        var range = KeyRange.Prefix(RowKeyLayout.RowPrefix(table, (ushort)index));
        return world.Serial.AllSql.Where(row => range.Contains(row.Key));
    }

    private static IEnumerable<KeyValuePair<byte[], byte[]>> Expected(
        SimulatedCluster world, SystemState state, TableDescriptor table, IndexDescriptor index)
    {
        var backfill = new IndexBackfill(state, table, index);
        var decoder = new RowDecoder(TableShapes.Of(table));
        foreach ((byte[] _, byte[] value) in In(world, table.Id, RowKeyLayout.PrimaryIndex))
        {
            var row = new SqlValue[table.Columns.Count];
            decoder.Decode(value, row);
            BackfillEntry entry = backfill.EntryOf([.. index.Stored.Select(ordinal => row[ordinal])], default);
            yield return KeyValuePair.Create(entry.Key, entry.Value);
        }
    }
}
