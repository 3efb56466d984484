using System;
using System.Collections.Generic;

using ShardSql.Primitives;
using ShardSql.Storage.Stores;

namespace ShardSql.Storage.Nodes;

/// <summary>Deletes what lies in a base store and counts no more, in batches that hold nobody up for long.</summary>
internal static class StoreClearing
{
    private const int RowsAtOnce = 1_000;

    /// <summary>Deletes a range, then goes on.</summary>
    public static void Clear(this INodeStore store, KeyRange range, Action then) => store.Scan(range, RowsAtOnce, rows =>
    {
        if (rows.Count == 0)
        {
            then();
            return;
        }

        var deletes = new List<StoreChange>(rows.Count);
        foreach (StoreRow row in rows)
        {
            deletes.Add(new StoreChange(row.Key, null));
        }

        store.ApplyAndSync(deletes, () => store.Clear(range, then));
    });
}
