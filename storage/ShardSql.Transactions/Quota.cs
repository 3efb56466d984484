using System;

using ShardSql.Primitives;

namespace ShardSql.Transactions;

/// <summary>What a write adds to the quota of a key, or takes from it, when it commits.</summary>
/// <param name="Key">The key that holds the quota. Its own key's quota a write does not change but begins.</param>
/// <param name="Amount">What is added; negative: taken.</param>
public sealed record QuotaChange(byte[] Key, Int128 Amount);

/// <summary>
/// What may be taken beside a key without reading anything (escrow; sharding.md §4). A PREPARE or ONE that takes reserves
/// or votes no, and its outcome spends or gives back; so takers of one quota are not in each other's way. What is added
/// counts once it is committed, and who takes after that comes after it in the serial order.
/// </summary>
public sealed class Quota
{
    /// <summary>What is there; never less than what is reserved.</summary>
    public Int128 Amount { get; internal set; }

    /// <summary>What undecided transactions will take.</summary>
    public Int128 Reserved { get; internal set; }

    /// <summary>c(T) of the newest that has added.</summary>
    public HlcTimestamp Added { get; internal set; }

    /// <summary>The slot whose entry changed it last.</summary>
    public Slot ChangedAt { get; internal set; }

    /// <summary>What can still be taken.</summary>
    public Int128 Free => Amount - Reserved;

    /// <summary>Writes it; null: there is none.</summary>
    public static void Write(ByteWriter writer, Quota? quota)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteBoolean(quota is not null);
        if (quota is not null)
        {
            WriteAmount(writer, quota.Amount);
            WriteAmount(writer, quota.Reserved);
            writer.WriteStamp(quota.Added);
            writer.WriteVarint(quota.ChangedAt.Value);
        }
    }

    /// <summary>Reads it.</summary>
    public static Quota? Read(ref ByteReader reader) => !reader.ReadBoolean() ? null : new Quota
    {
        Amount = ReadAmount(ref reader),
        Reserved = ReadAmount(ref reader),
        Added = reader.ReadStamp(),
        ChangedAt = new Slot(reader.ReadVarint()),
    };

    /// <summary>Writes what a key write changes; null: nothing.</summary>
    internal static void Write(ByteWriter writer, QuotaChange? change)
    {
        writer.WriteBoolean(change is not null);
        if (change is not null)
        {
            writer.WriteBytes(change.Key);
            WriteAmount(writer, change.Amount);
        }
    }

    /// <summary>Reads what a key write changes.</summary>
    internal static QuotaChange? ReadChange(ref ByteReader reader) =>
        reader.ReadBoolean() ? new QuotaChange(reader.ReadBytes(), ReadAmount(ref reader)) : null;

    private static void WriteAmount(ByteWriter writer, Int128 amount)
    {
        writer.WriteUInt64((ulong)(amount >> 64));
        writer.WriteUInt64((ulong)amount);
    }

    private static Int128 ReadAmount(ref ByteReader reader) => new(reader.ReadUInt64(), reader.ReadUInt64());
}
