using System;
using System.Buffers.Binary;

using ShardSql.Primitives;

namespace ShardSql.Storage.Nodes;

/// <summary>
/// Where a shard's things lie in a node's base store. Rows and state belong to a generation, named by the shard's meta
/// record; a snapshot is written as the next generation and becomes valid with one change of that record.
/// </summary>
internal static class StoreKeys
{
    private const byte MetaTag = 1;
    private const byte StateTag = 2;
    private const byte RowTag = 3;
    private const int RowPrefixLength = 9;

    public static byte[] Meta(ShardId shard)
    {
        byte[] key = new byte[5];
        key[0] = MetaTag;
        BinaryPrimitives.WriteUInt32BigEndian(key.AsSpan(1), shard.Value);
        return key;
    }

    public static byte[] StateChunk(ShardId shard, uint generation, int chunk)
    {
        byte[] key = new byte[13];
        Prefix(StateTag, shard, generation).CopyTo(key, 0);
        BinaryPrimitives.WriteInt32BigEndian(key.AsSpan(RowPrefixLength), chunk);
        return key;
    }

    public static byte[] Row(ShardId shard, uint generation, ReadOnlySpan<byte> key)
    {
        byte[] stored = new byte[RowPrefixLength + key.Length];
        Prefix(RowTag, shard, generation).CopyTo(stored, 0);
        key.CopyTo(stored.AsSpan(RowPrefixLength));
        return stored;
    }

    public static byte[] RowKeyOf(ReadOnlySpan<byte> stored) => stored[RowPrefixLength..].ToArray();

    public static KeyRange States(ShardId shard, uint generation) =>
        KeyRange.Prefix(Prefix(StateTag, shard, generation));

    public static KeyRange Rows(ShardId shard, uint generation) => KeyRange.Prefix(Prefix(RowTag, shard, generation));

    public static KeyRange Rows(ShardId shard, uint generation, KeyRange range) => new(
        Row(shard, generation, range.Start),
        range.End is null ? Rows(shard, generation).End : Row(shard, generation, range.End));

    private static byte[] Prefix(byte tag, ShardId shard, uint generation)
    {
        byte[] prefix = new byte[RowPrefixLength];
        prefix[0] = tag;
        BinaryPrimitives.WriteUInt32BigEndian(prefix.AsSpan(1), shard.Value);
        BinaryPrimitives.WriteUInt32BigEndian(prefix.AsSpan(5), generation);
        return prefix;
    }
}

/// <summary>What a base store holds of a shard.</summary>
/// <param name="Generation">Under which its rows and state lie.</param>
/// <param name="Slot">The slot whose state they are.</param>
/// <param name="StateChunks">Parts of the state.</param>
internal readonly record struct StoreMeta(uint Generation, Slot Slot, int StateChunks)
{
    public byte[] ToBytes()
    {
        var writer = new ByteWriter(24);
        writer.WriteVarint(Generation);
        writer.WriteVarint(Slot.Value);
        writer.WriteVarint((ulong)StateChunks);
        return writer.ToArray();
    }

    public static StoreMeta FromBytes(ReadOnlySpan<byte> bytes)
    {
        var reader = new ByteReader(bytes);
        return new StoreMeta(reader.ReadVarint32(), new Slot(reader.ReadVarint()), (int)reader.ReadVarint32());
    }
}

/// <summary>A row's value in the base store: the version's cstamp, then the value.</summary>
internal readonly record struct BaseRow(HlcTimestamp Cstamp, byte[]? Value)
{
    public static BaseRow Absent => default;

    public static byte[] ToBytes(HlcTimestamp cstamp, ReadOnlySpan<byte> value)
    {
        byte[] stored = new byte[HlcTimestamp.EncodedLength + value.Length];
        BinaryPrimitives.WriteUInt64LittleEndian(stored, cstamp.Time);
        BinaryPrimitives.WriteUInt64LittleEndian(stored.AsSpan(8), cstamp.Source);
        value.CopyTo(stored.AsSpan(HlcTimestamp.EncodedLength));
        return stored;
    }

    public static BaseRow FromBytes(byte[]? stored)
    {
        if (stored is null)
        {
            return Absent;
        }

        var reader = new ByteReader(stored);
        HlcTimestamp cstamp = reader.ReadStamp();
        return new BaseRow(cstamp, reader.Rest.ToArray());
    }
}
