using System;
using System.Collections.Generic;

using ShardSql.Primitives;
using ShardSql.Transactions.Moves;

namespace ShardSql.Transactions;

/// <summary>A key that was read, absent ones included, and the stamp of the version seen (Zero: none).</summary>
public readonly record struct KeyRead(byte[] Key, HlcTimestamp Cstamp);

/// <summary>A key's new value; null deletes.</summary>
/// <param name="Key">The key.</param>
/// <param name="Value">The value.</param>
/// <param name="Quota">What becomes of a quota with it; null: nothing. A later write of the key leaves that as it is.</param>
public readonly record struct KeyWrite(byte[] Key, byte[]? Value, QuotaChange? Quota = null);

/// <summary>
/// What a transaction did at one shard: what it read at its begin stamp, what it writes, and what must still hold.
/// The content of PREPARE and of an interactive ONE (commit.md §2, §3).
/// </summary>
public sealed class TransactionShare
{
    /// <summary>The snapshot b that the reads were served at.</summary>
    public HlcTimestamp Begin { get; set; }

    /// <summary>Keys read, each once.</summary>
    public List<KeyRead> Reads { get; init; } = [];

    /// <summary>Ranges scanned: exactly the versions ≤ <see cref="Begin"/> in them were seen.</summary>
    public List<KeyRange> Ranges { get; init; } = [];

    /// <summary>Writes, one for each key.</summary>
    public List<KeyWrite> Writes { get; init; } = [];

    /// <summary>Guards the statements were planned with.</summary>
    public List<Guard> Guards { get; init; } = [];

    /// <summary>Guards this transaction sets when it commits (DDL, moves).</summary>
    public List<Guard> NewGuards { get; init; } = [];

    /// <summary>Segments that it gives away or takes.</summary>
    public List<SegmentSwitch> Switches { get; init; } = [];

    /// <summary>Whether the transaction takes its place in the serial order by its stamp: it writes what others put in order by
    /// that, so nothing that it has read may have been overwritten before.</summary>
    public bool IsInOrder { get; set; }

    /// <summary>Whether anything is changed here.</summary>
    public bool HasWrites => Writes.Count > 0 || NewGuards.Count > 0;

    /// <summary>Writes the share.</summary>
    public void Write(ByteWriter writer)
    {
        writer.WriteStamp(Begin);
        writer.WriteVarint((ulong)Reads.Count);
        foreach (KeyRead read in Reads)
        {
            writer.WriteBytes(read.Key);
            writer.WriteStamp(read.Cstamp);
        }

        writer.WriteVarint((ulong)Ranges.Count);
        foreach (KeyRange range in Ranges)
        {
            writer.WriteRange(range);
        }

        WriteWrites(writer, Writes);
        WriteGuards(writer, Guards);
        WriteGuards(writer, NewGuards);
        writer.WriteVarint((ulong)Switches.Count);
        foreach (SegmentSwitch moved in Switches)
        {
            moved.Write(writer);
        }

        writer.WriteBoolean(IsInOrder);
    }

    /// <summary>Reads a share.</summary>
    public static TransactionShare Read(ref ByteReader reader)
    {
        var share = new TransactionShare { Begin = reader.ReadStamp() };
        for (int i = reader.ReadCount(1 + HlcTimestamp.EncodedLength); i > 0; i--)
        {
            share.Reads.Add(new KeyRead(reader.ReadBytes(), reader.ReadStamp()));
        }

        for (int i = reader.ReadCount(2); i > 0; i--)
        {
            share.Ranges.Add(reader.ReadRange());
        }

        ReadWrites(ref reader, share.Writes);
        ReadGuards(ref reader, share.Guards);
        ReadGuards(ref reader, share.NewGuards);
        for (int i = reader.ReadCount(13 + HlcTimestamp.EncodedLength); i > 0; i--)
        {
            share.Switches.Add(SegmentSwitch.Read(ref reader));
        }

        share.IsInOrder = reader.ReadBoolean();
        return share;
    }

    /// <summary>Whether no key is read or written twice, as fences and proposals rely on.</summary>
    public bool HasEachKeyOnce() =>
        HasEachOnce(Reads, static read => read.Key) && HasEachOnce(Writes, static write => write.Key);

    private static bool HasEachOnce<T>(List<T> items, Func<T, byte[]> keyOf)
    {
        if (items.Count < 2)
        {
            return true;
        }

        byte[][] keys = [.. items.ConvertAll(item => keyOf(item))];
        Array.Sort(keys, ByteKeyComparer.Instance);
        for (int i = 1; i < keys.Length; i++)
        {
            if (ByteKeyComparer.Instance.Compare(keys[i - 1], keys[i]) == 0)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Writes a list of key writes.</summary>
    public static void WriteWrites(ByteWriter writer, IReadOnlyList<KeyWrite> writes)
    {
        writer.WriteVarint((ulong)writes.Count);
        for (int i = 0; i < writes.Count; i++)
        {
            KeyWrite write = writes[i];
            writer.WriteBytes(write.Key);
            writer.WriteNullableBytes(write.Value);
            Quota.Write(writer, write.Quota);
        }
    }

    /// <summary>Reads a list of key writes.</summary>
    public static void ReadWrites(ref ByteReader reader, List<KeyWrite> writes)
    {
        for (int i = reader.ReadCount(3); i > 0; i--)
        {
            writes.Add(new KeyWrite(reader.ReadBytes(), reader.ReadNullableBytes(), Quota.ReadChange(ref reader)));
        }
    }

    /// <summary>Writes a list of guards.</summary>
    public static void WriteGuards(ByteWriter writer, IReadOnlyList<Guard> guards)
    {
        writer.WriteVarint((ulong)guards.Count);
        for (int i = 0; i < guards.Count; i++)
        {
            guards[i].Write(writer);
        }
    }

    /// <summary>Reads a list of guards.</summary>
    public static void ReadGuards(ref ByteReader reader, List<Guard> guards)
    {
        for (int i = reader.ReadCount(3); i > 0; i--)
        {
            guards.Add(Guard.Read(ref reader));
        }
    }
}
