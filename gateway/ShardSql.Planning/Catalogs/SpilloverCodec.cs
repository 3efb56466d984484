using System;
using System.Collections.Generic;
using ShardSql.Primitives;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Catalogs;

/// <summary>The spillover of a table as a part of its stored descriptor.</summary>
internal static class SpilloverCodec
{
    /// <summary>Appends it; null: there is none.</summary>
    public static void Write(ByteWriter writer, SpilloverDescriptor? spillover)
    {
        writer.WriteVarint(spillover?.DeltasTableId ?? 0);
        if (spillover is null)
        {
            return;
        }

        writer.WriteVarint((ulong)spillover.Columns.Count);
        foreach (uint id in spillover.Columns)
        {
            writer.WriteVarint(id);
        }

        writer.WriteVarint((ulong)spillover.Slots);
        writer.WriteByte((byte)spillover.Trigger);
        writer.WriteVarint((ulong)spillover.Keys.Count);
        foreach (SqlValue[] key in spillover.Keys)
        {
            writer.WriteBytes(RowCodec.ToBytes(key));
        }

        writer.WriteVarint((ulong)spillover.MaxPending);
        writer.WriteVarint((ulong)spillover.MaxAge.Ticks);
        writer.WriteBoolean(spillover.IsEnding);
        writer.WriteVarint((ulong)spillover.SlotsRead);
        writer.WriteVarint((ulong)spillover.MinSlots);
        writer.WriteVarint((ulong)spillover.MaxSlots);
        writer.WriteVarint((ulong)spillover.SlotsOfRow);
        writer.WriteVarint((ulong)spillover.SplitAt);
        writer.WriteVarint((ulong)spillover.MergeAt);
        writer.WriteVarint((ulong)(spillover.MergeEvery?.Ticks ?? 0));
        writer.WriteByte((byte)spillover.Policy);
        writer.WriteUInt64((ulong)(spillover.Bound >> 64));
        writer.WriteUInt64((ulong)spillover.Bound);
        writer.WriteBoolean(spillover.MeantOthers);
    }

    /// <summary>Reads it.</summary>
    /// <param name="reader">Stands where it begins.</param>
    /// <param name="hasBounds">Whether the number of its slots may change; it could not in earlier versions.</param>
    /// <param name="tellsOthers">Whether it says if others were meant; earlier versions do not.</param>
    public static SpilloverDescriptor? Read(ref ByteReader reader, bool hasBounds, bool tellsOthers)
    {
        uint table = reader.ReadVarint32();
        if (table == 0)
        {
            return null;
        }

        SpilloverDescriptor spillover = ReadFirst(ref reader, table);
        return !hasBounds ? spillover : spillover with
        {
            SlotsRead = (int)reader.ReadVarint32(),
            MinSlots = (int)reader.ReadVarint32(),
            MaxSlots = (int)reader.ReadVarint32(),
            SlotsOfRow = (int)reader.ReadVarint32(),
            SplitAt = (int)reader.ReadVarint32(),
            MergeAt = (int)reader.ReadVarint32(),
            MergeEvery = (long)reader.ReadVarint() is > 0 and var ticks ? TimeSpan.FromTicks(ticks) : null,
            Policy = (SpilloverPolicy)reader.ReadByte(),
            Bound = new Int128(reader.ReadUInt64(), reader.ReadUInt64()),
            MeantOthers = !tellsOthers || reader.ReadBoolean(),
        };
    }

    private static SpilloverDescriptor ReadFirst(ref ByteReader reader, uint table)
    {
        uint[] columns = ReadIds(ref reader);
        int slots = (int)reader.ReadVarint32();
        return new SpilloverDescriptor
        {
            DeltasTableId = table,
            Columns = columns,
            Slots = slots,
            SlotsRead = slots,
            MinSlots = slots,
            MaxSlots = slots,
            Trigger = (SpilloverTrigger)reader.ReadByte(),
            Keys = ReadKeys(ref reader),
            MaxPending = (int)reader.ReadVarint32(),
            MaxAge = TimeSpan.FromTicks((long)reader.ReadVarint()),
            IsEnding = reader.ReadBoolean(),
            MeantOthers = true,
        };
    }

    private static uint[] ReadIds(ref ByteReader reader)
    {
        uint[] ids = new uint[reader.ReadCount()];
        for (int i = 0; i < ids.Length; i++)
        {
            ids[i] = reader.ReadVarint32();
        }

        return ids;
    }

    private static List<SqlValue[]> ReadKeys(ref ByteReader reader)
    {
        int count = reader.ReadCount();
        var keys = new List<SqlValue[]>(count);
        for (int i = 0; i < count && !reader.Failed; i++)
        {
            var key = new ByteReader(reader.ReadBytes());
            keys.Add(RowCodec.Read(ref key));
        }

        return keys;
    }
}
