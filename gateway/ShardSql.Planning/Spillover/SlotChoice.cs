using System;
using ShardSql.Primitives;

namespace ShardSql.Planning.Spillover;

/// <summary>
/// f of sharding.md §4: which of a row's slots a delta goes to. The slots are cut into parts, about as many as a part has
/// slots, so that there are two from four slots on. Type and bucket say the part, so that types keep out of each other's way,
/// and in it chance says the slot, so that none of them is hot.
/// </summary>
public static class SlotChoice
{
    /// <summary>The slot. Over types and buckets all slots are as likely.</summary>
    /// <param name="slots">Those that it may be, one at least.</param>
    /// <param name="type">A hash of the transaction's type.</param>
    /// <param name="bucket">The row's key mod N: rows that have it in common share the parts of their types.</param>
    /// <param name="random">Any number, as likely as any other.</param>
    public static int Of(ReadOnlySpan<int> slots, ulong type, ulong bucket, ulong random)
    {
        ReadOnlySpan<int> part = PartOf(slots, type, bucket);
        return part[(int)(random % (ulong)part.Length)];
    }

    /// <summary>The slots of a type.</summary>
    public static ReadOnlySpan<int> PartOf(ReadOnlySpan<int> slots, ulong type, ulong bucket)
    {
        ArgumentOutOfRangeException.ThrowIfZero(slots.Length);
        int parts = (int)Math.Sqrt(slots.Length);

        // Parts may differ by one slot: a place in all of them meets the larger ones more often.
        int place = (int)(Hash64.Combine(type, bucket) % (ulong)slots.Length);
        int part = (((place + 1) * parts) - 1) / slots.Length;
        return slots[(part * slots.Length / parts)..((part + 1) * slots.Length / parts)];
    }
}
