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

    // Parts of a state are read in this order.
    private const byte ChunkTag = 0;
    private const byte VersionsTag = 1;
    private const byte RegistersTag = 2;

    private const int RowPrefixLength = 9;

    public static byte[] Meta(ShardId shard)
    {
        byte[] key = new byte[5];
        key[0] = MetaTag;
        BinaryPrimitives.WriteUInt32BigEndian(key.AsSpan(1), shard.Value);
        return key;
    }

    /// <summary>The meta records of all shards.</summary>
    public static KeyRange Metas { get; } = KeyRange.Prefix([MetaTag]);

    public static ShardId ShardOfMeta(ReadOnlySpan<byte> key) => new(BinaryPrimitives.ReadUInt32BigEndian(key[1..]));

    /// <summary>A chunk of all of a state that has no parts of its own.</summary>
    public static byte[] StateChunk(ShardId shard, uint generation, int chunk)
    {
        byte[] part = new byte[1 + sizeof(int)];
        part[0] = ChunkTag;
        BinaryPrimitives.WriteInt32BigEndian(part.AsSpan(1), chunk);
        return StatePart(shard, generation, part);
    }

    /// <summary>The retained versions of a key.</summary>
    public static byte[] StateVersions(ShardId shard, uint generation, ReadOnlySpan<byte> key) =>
        StatePart(shard, generation, [VersionsTag, .. key]);

    /// <summary>A block of registers.</summary>
    public static byte[] StateRegisters(ShardId shard, uint generation, ulong block)
    {
        byte[] part = new byte[1 + sizeof(ulong)];
        part[0] = RegistersTag;
        BinaryPrimitives.WriteUInt64BigEndian(part.AsSpan(1), block);
        return StatePart(shard, generation, part);
    }

    /// <summary>A part of a state, as another node names it: by what follows the generation.</summary>
    public static byte[] StatePart(ShardId shard, uint generation, ReadOnlySpan<byte> part) =>
        [.. Prefix(StateTag, shard, generation), .. part];

    /// <summary>Whether a part is a chunk.</summary>
    public static bool IsChunk(ReadOnlySpan<byte> part) => part[0] == ChunkTag;

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

    /// <summary>States of all generations up to one.</summary>
    public static KeyRange StatesUpTo(ShardId shard, uint generation) => UpTo(StateTag, shard, generation);

    /// <summary>Rows of all generations up to one.</summary>
    public static KeyRange RowsUpTo(ShardId shard, uint generation) => UpTo(RowTag, shard, generation);

    public static KeyRange Rows(ShardId shard, uint generation, KeyRange range) => new(
        Row(shard, generation, range.Start),
        range.End is null ? Rows(shard, generation).End : Row(shard, generation, range.End));

    private static KeyRange UpTo(byte tag, ShardId shard, uint generation) =>
        new(Prefix(tag, shard, 0), Prefix(tag, shard, checked(generation + 1)));

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
/// <param name="Former">What is known of a replica that the node gave up: then it holds nothing.</param>
internal readonly record struct StoreMeta(uint Generation, Slot Slot, int StateChunks, FormerLife? Former = null)
{

    public byte[] ToBytes()
    {
        var writer = new ByteWriter(24);
        writer.WriteVarint(Generation);
        writer.WriteVarint(Slot.Value);
        writer.WriteVarint((ulong)StateChunks);
        writer.WriteBoolean(Former is not null);
        Former?.Write(writer);
        return writer.ToArray();
    }

    public static StoreMeta FromBytes(ReadOnlySpan<byte> bytes)
    {
        var reader = new ByteReader(bytes);
        return new StoreMeta(
            reader.ReadVarint32(),
            new Slot(reader.ReadVarint()),
            (int)reader.ReadVarint32(),
            reader.Remaining > 0 && reader.ReadBoolean() ? FormerLife.Read(ref reader) : null);
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
