using System.Collections.Generic;
using System.Linq;
using Google.Protobuf;
using ShardSql.Execution;
using ShardSql.Execution.Plans;
using ShardSql.Planning.Access;
using ShardSql.Planning.Explaining;
using ShardSql.Planning.Plans;
using ShardSql.Primitives;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Spillover;

/// <summary>Plans what is written to the table of a table's deltas: headers, deltas, and their end.</summary>
internal sealed class DeltaPlanner(DeltaTable deltas, PlanningContext context)
{
    /// <summary>The task that inserts a delta of a row, and its slot: one on a shard that the transaction uses already, where
    /// there is one, else any.</summary>
    /// <param name="key">The row's key.</param>
    /// <param name="values">What is added, by the column's ordinal.</param>
    public (ShardTask Task, int Slot) Insert(SqlValue[] key, IReadOnlyDictionary<int, SqlValue> values)
    {
        byte[] id = DeltaId.Of(context.NowMicroseconds, context.NextId());
        var router = new Router(deltas.Descriptor, context.Map);
        int slot = SlotOf(router, key, id);
        SqlValue[] row = deltas.Delta(slot, key, id, values);
        byte[] suffix = router.Keys.SuffixOf(row);
        _ = router.AddKey(suffix, [SqlValue.FromInt64(slot), .. key]);
        var insert = new InsertRow
        {
            Key = UnsafeByteOperations.UnsafeWrap(router.Keys.RowKey(suffix)),
            Row = UnsafeByteOperations.UnsafeWrap(RowCodec.ToBytes(row)),
            Header = UnsafeByteOperations.UnsafeWrap(router.Keys.RowKey(router.Keys.SuffixOf(deltas.Header(slot, key)))),
        };
        return (Tasks(router, FragmentStatement.InsertFieldNumber, deltas.InsertBody, _ => new InsertPlan { Rows = { insert } })[0], slot);
    }

    /// <summary>The tasks that write the headers of a row, over those that it has.</summary>
    public IReadOnlyList<ShardTask> InsertHeaders(SqlValue[] key)
    {
        var router = new Router(deltas.Descriptor, context.Map);
        var rows = new SortedDictionary<ShardId, InsertPlan>();
        for (int slot = 0; slot < deltas.Spillover.Slots; slot++)
        {
            SqlValue[] header = deltas.Header(slot, key);
            byte[] suffix = router.Keys.SuffixOf(header);
            ShardId shard = router.AddKey(suffix, [SqlValue.FromInt64(slot), .. key]);
            if (!rows.TryGetValue(shard, out InsertPlan? plan))
            {
                rows.Add(shard, plan = new InsertPlan { Overwrites = true });
            }

            plan.Rows.Add(new InsertRow
            {
                Key = UnsafeByteOperations.UnsafeWrap(router.Keys.RowKey(suffix)),
                Row = UnsafeByteOperations.UnsafeWrap(RowCodec.ToBytes(header)),
            });
        }

        return Tasks(router, FragmentStatement.InsertFieldNumber, deltas.InsertBody, shard => rows[shard.Shard]);
    }

    /// <summary>The tasks that delete the deltas of rows.</summary>
    /// <param name="rows">Their keys, and whether they take no more: then their headers go, too.</param>
    public IReadOnlyList<ShardTask> Delete(IEnumerable<(SqlValue[] Key, bool WithHeader)> rows)
    {
        var router = new Router(deltas.Descriptor, context.Map);
        var ranges = new List<KeyRange>();
        foreach ((SqlValue[] key, bool withHeader) in rows)
        {
            for (int slot = 0; slot < deltas.Spillover.Slots; slot++)
            {
                ranges.Add(deltas.SuffixesOf(router.Keys, slot, key, withHeader));
            }
        }

        foreach (KeyRange range in ranges.OrderBy(static range => range.Start, ByteKeyComparer.Instance))
        {
            router.AddRange(range);
        }

        byte[] body = new DeletePlan { Table = context.Catalog.WrittenShapeOf(deltas.Descriptor) }.ToByteArray();
        return Tasks(
            router, FragmentStatement.DeleteFieldNumber, body, shard => new DeletePlan { Access = shard.ToMessage() });
    }

    /// <summary>What EXPLAIN says of a delta.</summary>
    public static IReadOnlyList<ExplainLine> Explain(ShardTask task, int slot) =>
    [
        new ExplainLine($"single shard {task.Shard}: spillover delta, spill shard {slot}"),
    ];

    private IReadOnlyList<ShardTask> Tasks(
        Router router, int plan, byte[] body, System.Func<ShardAccess, IMessage> own) =>
        FragmentBuilder.Build(deltas.Descriptor, parameters: [], router.Shards, plan, _ => body, own);

    private int SlotOf(Router router, SqlValue[] key, byte[] id)
    {
        int slots = deltas.Spillover.Slots;
        int first = (int)(Hash64.Compute(id) % (ulong)slots);
        for (int i = 0; context.PreferredShard is { } preferred && i < slots; i++)
        {
            int slot = (first + i) % slots;
            if (router.Locate(router.Keys.SuffixOf(deltas.Header(slot, key))).Shard == preferred)
            {
                return slot;
            }
        }

        return first;
    }
}
