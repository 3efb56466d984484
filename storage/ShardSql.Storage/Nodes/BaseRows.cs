using System;
using System.Collections.Generic;

using ShardSql.Primitives;
using ShardSql.Storage.Stores;
using ShardSql.Transactions;

namespace ShardSql.Storage.Nodes;

/// <summary>
/// A shard's rows in the base store, with a bounded cache of those read or flushed lately. A row there changes only by
/// this replica's own flush, which updates the cache too, so a cached row is never stale.
/// </summary>
internal sealed class BaseRows(INodeStore store, ShardId shard, uint generation)
{
    private readonly RowCache _cache = new();

    /// <summary>How often rows have come from memory.</summary>
    public long Flushes { get; private set; }

    /// <summary>A row, if it is cached.</summary>
    public bool TryGet(byte[] key, out BaseRow row) => _cache.TryGet(key, out row);

    /// <summary>Reads rows into a list in the order of the keys; reads again what a flush overtook.</summary>
    public void Fetch(IReadOnlyList<byte[]> keys, Action<IReadOnlyList<BaseRow>> then)
    {
        long flushes = Flushes;
        var stored = new byte[keys.Count][];
        for (int i = 0; i < stored.Length; i++)
        {
            stored[i] = StoreKeys.Row(shard, generation, keys[i]);
        }

        store.Get(stored, values =>
        {
            if (flushes != Flushes)
            {
                Fetch(keys, then);
                return;
            }

            var rows = new BaseRow[keys.Count];
            for (int i = 0; i < rows.Length; i++)
            {
                rows[i] = BaseRow.FromBytes(values[i]);
                _cache.Put(keys[i], rows[i]);
            }

            then(rows);
        });
    }

    /// <summary>Reads rows of a range; reads again what a flush overtook.</summary>
    public void Scan(KeyRange range, int limit, Action<IReadOnlyList<KeyValuePair<byte[], BaseRow>>> then)
    {
        long flushes = Flushes;
        store.Scan(StoreKeys.Rows(shard, generation, range), limit, stored =>
        {
            if (flushes != Flushes)
            {
                Scan(range, limit, then);
                return;
            }

            var rows = new KeyValuePair<byte[], BaseRow>[stored.Count];
            for (int i = 0; i < rows.Length; i++)
            {
                rows[i] = new(StoreKeys.RowKeyOf(stored[i].Key), BaseRow.FromBytes(stored[i].Value));
            }

            then(rows);
        });
    }

    /// <summary>The base store holds these rows now.</summary>
    public void OnFlushed(IReadOnlyList<SettledRow> rows)
    {
        Flushes++;
        foreach (SettledRow row in rows)
        {
            _cache.Put(row.Key, row.Value is null ? BaseRow.Absent : new BaseRow(row.Cstamp, row.Value));
        }
    }
}
