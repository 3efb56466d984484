using System.Collections.Generic;
using System.Threading;

using ShardSql.Primitives;
using ShardSql.Simulation.Cluster.Nodes;
using ShardSql.Storage.Nodes;
using ShardSql.Storage.Stores;
using ShardSql.Transactions;

namespace ShardSql.Simulation.Cluster.Checks;

/// <summary>All rows of a replica: what its base store holds under what its machine knows better.</summary>
internal static class ReplicaRows
{
    public static SortedDictionary<byte[], byte[]> Of(SimulatedNode node, ShardReplica replica)
    {
        var rows = new SortedDictionary<byte[], byte[]>(ByteKeyComparer.Instance);
        byte[]? meta = SimulatedStore.Completed(
            node.Store.GetAsync(StoreKeys.Meta(replica.Shard), CancellationToken.None));
        if (meta is not null && StoreMeta.FromBytes(meta).Former is null)
        {
            KeyRange stored = StoreKeys.Rows(replica.Shard, StoreMeta.FromBytes(meta).Generation);
            foreach (StoreRow row in SimulatedStore.Completed(
                node.Store.ScanAsync(stored, int.MaxValue, CancellationToken.None)))
            {
                Set(rows, StoreKeys.RowKeyOf(row.Key), BaseRow.FromBytes(row.Value).Value);
            }
        }

        foreach ((byte[] key, SettledRow settled) in replica.Machine.Versions.SettledRange(KeyRange.All))
        {
            Set(rows, key, settled.Value);
        }

        foreach ((byte[] key, KeyState state) in replica.Machine.Versions.Range(KeyRange.All))
        {
            if (!state.Newest.InBase)
            {
                Set(rows, key, state.Newest.Value);
            }
        }

        return rows;
    }

    /// <summary>How many rows of a shard, of whatever generation, a node's base store holds.</summary>
    public static int StoredOf(SimulatedNode node, ShardId shard) => SimulatedStore.Completed(node.Store.ScanAsync(
        StoreKeys.RowsUpTo(shard, uint.MaxValue - 1), int.MaxValue, CancellationToken.None)).Count;

    private static void Set(SortedDictionary<byte[], byte[]> rows, byte[] key, byte[]? stored)
    {
        if (stored is not null)
        {
            rows[key] = stored;
        }
        else
        {
            rows.Remove(key);
        }
    }
}
