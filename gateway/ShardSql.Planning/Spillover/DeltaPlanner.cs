using System;
using System.Collections.Generic;
using System.Linq;
using Google.Protobuf;
using ShardSql.Execution;
using ShardSql.Execution.Plans;
using ShardSql.Planning.Access;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Explaining;
using ShardSql.Planning.Plans;
using ShardSql.Planning.Writes;
using ShardSql.Primitives;
using ShardSql.Sql;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Spillover;

/// <summary>Plans what is written to the table of a table's deltas: headers, deltas, and their end.</summary>
internal sealed class DeltaPlanner(DeltaTable deltas, PlanningContext context)
{
    private static readonly Dictionary<int, SqlValue> s_nothing = [];

    /// <summary>The task that inserts a delta of a row, and its slot: one on a shard that the transaction writes already, or
    /// else uses, where there is one, else any that its type prefers.</summary>
    /// <param name="key">The row's key.</param>
    /// <param name="type">The transaction's type.</param>
    /// <param name="values">What is added, by the column's ordinal.</param>
    /// <param name="quota">What is added to the slot's quota with it; null: it has none.</param>
    public (ShardTask Task, int Slot) Insert(
        SqlValue[] key, DeltaType type, IReadOnlyDictionary<int, SqlValue> values, Int128? quota = null)
    {
        byte[] id = deltas.Spillover.IsInOrder
            ? DeltaId.InOrder(context.NowMicroseconds, context.NextDelta(), context.NextId())
            : DeltaId.Of(context.NowMicroseconds, context.NextId());
        var router = new Router(deltas.Descriptor, context.Map);
        int slot = SlotOf(router, key, type, Hash64.Compute(id));
        InsertRow insert = Delta(router, slot, key, id, values, quota).Row;
        ShardTask task = Tasks(router, FragmentStatement.InsertFieldNumber, deltas.InsertBody, _ => new InsertPlan { Rows = { insert } })[0];
        return (task with { IsInOrder = deltas.Spillover.IsInOrder }, slot);
    }

    /// <summary>The tasks that ask for the quotas of rows in all their slots.</summary>
    public IReadOnlyList<ShardTask> ReadQuotas(IReadOnlyList<SqlValue[]> keys)
    {
        var router = new Router(deltas.Descriptor, context.Map);
        var plans = new SortedDictionary<ShardId, QuotaPlan>();
        for (int place = 0; place < keys.Count; place++)
        {
            foreach (int slot in deltas.SlotsOf(keys[place]))
            {
                byte[] suffix = router.Keys.SuffixOf(deltas.Header(slot, keys[place]));
                QuotaPlan plan = Of(plans, router.AddKey(suffix, [SqlValue.FromInt64(slot), .. keys[place]]));
                plan.Keys.Add(UnsafeByteOperations.UnsafeWrap(router.Keys.RowKey(suffix)));
                plan.Numbers.Add(NumberOf(place, slot));
            }
        }

        return Tasks(router, FragmentStatement.QuotasFieldNumber, [], shard => plans[shard.Shard]);
    }

    /// <summary>What was found of one of the rows.</summary>
    /// <param name="place">Its place among those that were asked for.</param>
    /// <param name="key">Its key.</param>
    /// <param name="found">The rows that the tasks gave, by their numbers.</param>
    /// <exception cref="SqlException">SD003: the snapshot is too old to tell.</exception>
    public IReadOnlyList<SlotQuota> QuotasOf(int place, SqlValue[] key, IReadOnlyDictionary<long, SqlValue[]> found)
    {
        foreach (int slot in deltas.SlotsOf(key))
        {
            SqlValue[] row = found[NumberOf(place, slot)];
            if (row[1].AsBoolean() == row[2].IsNull)
            {
                throw new SqlException(SqlStates.NoQuota, "the row has come to the slot, or left it, behind the snapshot");
            }
        }

        return NewestOf(place, key, found);
    }

    /// <summary>What is left of one of the rows now, whatever the snapshot shows.</summary>
    public IReadOnlyList<SlotQuota> NewestOf(int place, SqlValue[] key, IReadOnlyDictionary<long, SqlValue[]> found) =>
    [
        .. deltas.SlotsOf(key)
            .Select(slot => (Slot: slot, Free: found[NumberOf(place, slot)][2]))
            .Select(static quota => new SlotQuota(quota.Slot, quota.Free.IsNull ? null : quota.Free.AsDecimal().Unscaled)),
    ];

    /// <summary>The tasks that change quotas: with deltas that add nothing to their rows, or headers.</summary>
    public IReadOnlyList<ShardTask> Write(IEnumerable<QuotaWrite> writes)
    {
        var router = new Router(deltas.Descriptor, context.Map);
        var plans = new SortedDictionary<ShardId, InsertPlan>();
        foreach (QuotaWrite write in writes)
        {
            byte[] id = write.Begins ? [] : DeltaId.Of(context.NowMicroseconds, context.NextId());
            (ShardId shard, InsertRow row) = Delta(router, write.Slot, write.Key, id, s_nothing, write.Amount);
            Of(plans, shard).Rows.Add(row);
        }

        return Tasks(router, FragmentStatement.InsertFieldNumber, deltas.InsertBody, shard => plans[shard.Shard]);
    }

    /// <summary>The tasks that write the headers of rows, over those that they have.</summary>
    public IReadOnlyList<ShardTask> InsertHeaders(IEnumerable<SqlValue[]> keys)
    {
        var router = new Router(deltas.Descriptor, context.Map);
        var plans = new SortedDictionary<ShardId, InsertPlan>();
        foreach (SqlValue[] key in keys)
        {
            foreach (int slot in deltas.SlotsOf(key))
            {
                (ShardId shard, InsertRow header) = Delta(router, slot, key, [], s_nothing, quota: null);
                InsertPlan plan = Of(plans, shard);
                plan.Overwrites = true;
                plan.Rows.Add(header);
            }
        }

        return Tasks(router, FragmentStatement.InsertFieldNumber, deltas.InsertBody, shard => plans[shard.Shard]);
    }

    /// <summary>The tasks that read the headers of a row.</summary>
    public IReadOnlyList<ShardTask> ReadHeaders(SqlValue[] key) => Scan(ToHeaders([key]));

    /// <summary>The tasks that delete the headers of rows and leave their deltas: they take no more.</summary>
    public IReadOnlyList<ShardTask> DeleteHeaders(IEnumerable<SqlValue[]> keys) => Delete(ToHeaders(keys));

    /// <summary>The tasks that delete the deltas of rows.</summary>
    /// <param name="rows">Their keys, and whether they take no more: then their headers go, too.</param>
    /// <param name="firstSlot">Those in slots before it stay.</param>
    public IReadOnlyList<ShardTask> Delete(IEnumerable<(SqlValue[] Key, bool WithHeader)> rows, int firstSlot = 0) =>
        Delete(ToRanges(rows.SelectMany(row => Enumerable.Range(firstSlot, deltas.Spillover.SlotsRead - firstSlot)
            .Select(slot => (slot, row.Key, row.WithHeader)))));

    /// <summary>The tasks that read the deltas of rows, and conflicts about them that were settled.</summary>
    public IReadOnlyList<ShardTask> Read(IEnumerable<SqlValue[]> keys) => Scan(ToRanges(
        keys.SelectMany(key => Enumerable.Range(DeltaTable.ConflictsSlot, deltas.Spillover.SlotsRead - DeltaTable.ConflictsSlot)
            .Select(slot => (slot, key, WithHeader: false)))));

    /// <summary>The tasks that read headers and deltas of a row.</summary>
    /// <param name="key">The row's key.</param>
    /// <param name="limit">Rows of each shard at most.</param>
    public IReadOnlyList<ShardTask> Read(SqlValue[] key, uint limit) => Scan(
        ToRanges(Enumerable.Range(0, deltas.Spillover.SlotsRead).Select(slot => (slot, key, WithHeader: true))), limit);

    /// <summary>The tasks that write conflicts and delete others.</summary>
    /// <param name="written">Their rows.</param>
    /// <param name="deleted">Their rows as they were read.</param>
    public IReadOnlyList<ShardTask> WriteConflicts(IEnumerable<SqlValue[]> written, IEnumerable<SpilledRow> deleted)
    {
        var router = new Router(deltas.Descriptor, context.Map);
        var plans = new SortedDictionary<ShardId, InsertPlan>();
        foreach (SqlValue[] row in written)
        {
            byte[] suffix = router.Keys.SuffixOf(row);
            InsertPlan plan = Of(plans, router.AddKey(suffix, row[..^(deltas.Descriptor.Columns.Count - deltas.Descriptor.PrimaryKey.Count + 1)]));
            plan.Overwrites = true;
            plan.Rows.Add(new InsertRow
            {
                Key = UnsafeByteOperations.UnsafeWrap(router.Keys.RowKey(suffix)),
                Row = UnsafeByteOperations.UnsafeWrap(RowCodec.ToBytes(row)),
            });
        }

        var old = new Router(deltas.Descriptor, context.Map);
        foreach (SpilledRow row in deleted)
        {
            SqlValue[] key = [SqlValue.FromInt64(row.Slot), .. row.Key, SqlValue.FromBytes(row.Id)];
            old.AddKey(old.Keys.Suffix(key), key);
        }

        return TaskMerger.Merge(
            Tasks(router, FragmentStatement.InsertFieldNumber, deltas.InsertBody, shard => plans[shard.Shard]), Delete(old));
    }

    /// <summary>What EXPLAIN says of a delta.</summary>
    public static IReadOnlyList<ExplainLine> Explain(ShardTask task, int slot, DeltaType type) =>
    [
        new ExplainLine($"single shard {task.Shard}: spillover delta, spill shard {slot}, transaction type {type}"),
    ];

    private static uint NumberOf(int place, int slot) => (uint)((place * SpilloverDescriptor.SlotsMax) + slot);

    // A header has no id, and reads none.
    private (ShardId Shard, InsertRow Row) Delta(
        Router router, int slot, SqlValue[] key, byte[] id, IReadOnlyDictionary<int, SqlValue> values, Int128? quota)
    {
        SqlValue[] row = id.Length == 0 ? deltas.Header(slot, key) : deltas.Delta(slot, key, id, values);
        byte[] suffix = router.Keys.SuffixOf(row);
        ShardId shard = router.AddKey(suffix, [SqlValue.FromInt64(slot), .. key]);
        return (shard, new InsertRow
        {
            Key = UnsafeByteOperations.UnsafeWrap(router.Keys.RowKey(suffix)),
            Row = UnsafeByteOperations.UnsafeWrap(RowCodec.ToBytes(row)),
            Header = id.Length == 0
                ? ByteString.Empty
                : UnsafeByteOperations.UnsafeWrap(router.Keys.RowKey(router.Keys.SuffixOf(deltas.Header(slot, key)))),
            Quota = quota is { } units ? QuotaUnits.ToBytes(units) : ByteString.Empty,
        });
    }

    private IReadOnlyList<ShardTask> Scan(Router router, uint limit = 0)
    {
        OutputStage output = RowFetch.WholeRows(deltas.Descriptor);
        output.Limited = limit > 0;
        output.Limit = limit;
        byte[] body = new ScanPlan { Table = context.Catalog.ShapeOf(deltas.Descriptor), Output = output }.ToByteArray();
        return Tasks(router, FragmentStatement.ScanFieldNumber, body, shard => new ScanPlan { Access = shard.ToMessage() });
    }

    private IReadOnlyList<ShardTask> Delete(Router router)
    {
        byte[] body = new DeletePlan { Table = context.Catalog.WrittenShapeOf(deltas.Descriptor) }.ToByteArray();
        return Tasks(
            router, FragmentStatement.DeleteFieldNumber, body, shard => new DeletePlan { Access = shard.ToMessage() });
    }

    private Router ToRanges(IEnumerable<(int Slot, SqlValue[] Key, bool WithHeader)> parts)
    {
        var router = new Router(deltas.Descriptor, context.Map);
        foreach (KeyRange range in parts
            .Select(part => deltas.SuffixesOf(router.Keys, part.Slot, part.Key, part.WithHeader))
            .OrderBy(static range => range.Start, ByteKeyComparer.Instance))
        {
            router.AddRange(range);
        }

        return router;
    }

    private Router ToHeaders(IEnumerable<SqlValue[]> keys)
    {
        var router = new Router(deltas.Descriptor, context.Map);
        foreach (SqlValue[] key in keys)
        {
            for (int slot = 0; slot < deltas.Spillover.SlotsRead; slot++)
            {
                router.AddKey(router.Keys.SuffixOf(deltas.Header(slot, key)), [SqlValue.FromInt64(slot), .. key]);
            }
        }

        return router;
    }

    private static T Of<T>(SortedDictionary<ShardId, T> plans, ShardId shard)
        where T : new()
    {
        if (!plans.TryGetValue(shard, out T? plan))
        {
            plans.Add(shard, plan = new T());
        }

        return plan;
    }

    private IReadOnlyList<ShardTask> Tasks(
        Router router, int plan, byte[] body, Func<ShardAccess, IMessage> own) =>
        FragmentBuilder.Build(deltas.Descriptor, parameters: [], router.Shards, plan, _ => body, own);

    private int SlotOf(Router router, SqlValue[] key, DeltaType type, ulong random)
    {
        int[] slots = deltas.SlotsOf(key);
        ulong bucket = deltas.BucketOf(key);
        int[] near = [];
        if (context.WrittenShards.Count > 0)
        {
            near = On(shard => context.WrittenShards.Contains(shard));
        }

        if (near.Length == 0 && context.PreferredShard is { } preferred)
        {
            near = On(shard => shard == preferred);
        }

        return SlotChoice.Of(near.Length > 0 ? near : slots, type.Hash, bucket, random);

        int[] On(Func<ShardId, bool> isMeant) => Array.FindAll(
            slots, slot => isMeant(router.Locate(router.Keys.SuffixOf(deltas.Header(slot, key))).Shard));
    }
}
