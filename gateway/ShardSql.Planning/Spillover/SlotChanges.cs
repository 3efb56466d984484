using System;
using System.Collections.Generic;
using System.Linq;
using ShardSql.Execution;
using ShardSql.Planning.Access;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Ddl;
using ShardSql.Planning.Maps;
using ShardSql.Planning.Plans;
using ShardSql.Primitives;
using ShardSql.Sql;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Spillover;

/// <summary>
/// Changes how many spill shards a table has (sharding.md §4). A new one is there at once; the header of a row comes to it with
/// the first delta that misses it. One too many takes no more deltas first, and goes when nothing is left in it. Plans that
/// were made with another number are refused by the version of the deltas' table.
/// </summary>
public static class SlotChanges
{
    /// <summary>The change to so many slots that take deltas; null: the table has them, or spills over no more.</summary>
    /// <param name="state">Catalog and map.</param>
    /// <param name="table">The table.</param>
    /// <param name="slots">1 to <see cref="SpilloverDescriptor.SlotsMax"/>.</param>
    public static DdlChange? Resize(SystemState state, uint table, int slots)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (state.Catalog.Find(table) is not { Spillover: { IsEnding: false } spillover } known)
        {
            return null;
        }

        slots = Math.Clamp(slots, spillover.MinSlots, spillover.MaxSlots);
        if (spillover.Slots == slots)
        {
            return null;
        }

        var edit = new CatalogEdit(state);
        edit.Put(known with { Spillover = Resize(edit, state, spillover, slots) });
        return edit.ToChange();
    }

    /// <summary>The change that ends slots which take no more deltas; it fails where anything is left in them. Null: there are
    /// none.</summary>
    /// <param name="context">With catalog and map.</param>
    /// <param name="table">The table.</param>
    public static DdlChange? Trim(PlanningContext context, uint table)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (context.Catalog.Find(table) is not { Spillover: { } spillover } known || spillover.Slots == spillover.SlotsRead)
        {
            return null;
        }

        TableDescriptor deltas = context.Catalog.Find(spillover.DeltasTableId)!;
        var edit = new CatalogEdit(context.State);
        edit.Put(known with { Spillover = spillover with { SlotsRead = spillover.Slots } });
        edit.Put(deltas with { Version = deltas.Version + 1 });
        foreach (Segment segment in context.Map.OfGroup(deltas.GroupId))
        {
            if (ByteKeyComparer.Instance.Compare(segment.Range.Start, StartOf(deltas.GroupId, spillover.Slots)) >= 0)
            {
                edit.Remove(segment);
            }
        }

        return edit.ToChange() with
        {
            Checks = [new DdlCheck(new SpilledRows(known, context).Left(withHeaders: true, spillover.Slots), _ => new SqlException(
                SqlStates.ObjectNotInPrerequisiteState, $"spill shards of table \"{known.Name}\" are not empty yet"))],
        };
    }

    /// <summary>The segments of the first slots of a new group.</summary>
    internal static IReadOnlyList<KeyRange> SegmentsOf(uint group, int slots) => [.. Enumerable.Range(0, slots).Select(slot =>
        new KeyRange(
            slot == 0 ? RowKeyLayout.GroupPrefix(group) : StartOf(group, slot),
            StartOf(group, slot + 1)))];

    /// <summary>Gives the table of the deltas the slots; returns how the table spills over then.</summary>
    internal static SpilloverDescriptor Resize(CatalogEdit edit, SystemState state, SpilloverDescriptor known, int slots)
    {
        TableDescriptor deltas = state.Catalog.Find(known.DeltasTableId)!;
        edit.Put(deltas with { Version = deltas.Version + 1 });
        var router = new Router(deltas, state.Map);
        List<ShardId> homes = [.. Enumerable.Range(0, known.SlotsRead)
            .Select(slot => router.Locate(router.Keys.Suffix([SqlValue.FromInt64(slot)])).Shard)];
        for (int slot = known.SlotsRead; slot < slots; slot++)
        {
            ShardId home = state.Map.DataShards.MinBy(shard => homes.Count(other => other == shard));
            homes.Add(home);
            Cover(edit, state.Map, deltas.GroupId, slot, home);
        }

        return known with { Slots = slots, SlotsRead = Math.Max(known.SlotsRead, slots) };
    }

    /// <summary>Makes segments of what of a slot is in none: one that was merged with a neighbour may reach into it.</summary>
    private static void Cover(CatalogEdit edit, ShardMap map, uint group, int slot, ShardId home)
    {
        byte[]? from = StartOf(group, slot);
        byte[] end = StartOf(group, slot + 1);
        foreach (Segment segment in map.Overlapping(new KeyRange(from, end)))
        {
            Add(from, segment.Range.Start);
            from = segment.Range.End;
        }

        Add(from, end);

        void Add(byte[]? start, byte[] next)
        {
            if (start is not null && ByteKeyComparer.Instance.Compare(start, next) < 0)
            {
                edit.Add(group, new KeyRange(start, next), home);
            }
        }
    }

    private static byte[] StartOf(uint group, int slot)
    {
        var key = new ByteWriter();
        key.WriteRaw(RowKeyLayout.GroupPrefix(group));
        KeyCodec.Append(key, SqlValue.FromInt64(slot));
        return key.ToArray();
    }
}
