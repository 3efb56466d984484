using System;
using System.Buffers.Binary;
using ShardSql.Primitives;

namespace ShardSql.Execution;

/// <summary>
/// The frame of keys (architecture.md §3). Row key inside a shard: table (4 bytes, big-endian) ‖ index (2 bytes; 0 is
/// the primary key) ‖ [hash bucket, 2 bytes] ‖ shard-key columns ‖ rest of the primary key. Routing key: colocation
/// group (4 bytes) ‖ [bucket] ‖ shard-key columns. So the part of a row key after its prefix begins with the part of its
/// routing key after the group.
/// </summary>
public static class RowKeyLayout
{
    /// <summary>Bytes of table and index.</summary>
    public const int RowPrefixLength = 6;

    /// <summary>Bytes of the colocation group.</summary>
    public const int GroupPrefixLength = 4;

    /// <summary>Bytes of the hash bucket.</summary>
    public const int BucketLength = 2;

    /// <summary>Index number of the rows themselves.</summary>
    public const ushort PrimaryIndex = 0;

    /// <summary>First byte of a stored row: how it is encoded.</summary>
    public const byte RowVersion = 1;

    /// <summary>First byte of a stored row that ends with the stamp of its commit (<see cref="RowStamp"/>).</summary>
    public const byte StampedRowVersion = 2;

    /// <summary>The prefix of all rows of a table.</summary>
    public static byte[] RowPrefix(uint tableId, ushort index = PrimaryIndex)
    {
        byte[] prefix = new byte[RowPrefixLength];
        BinaryPrimitives.WriteUInt32BigEndian(prefix, tableId);
        BinaryPrimitives.WriteUInt16BigEndian(prefix.AsSpan(4), index);
        return prefix;
    }

    /// <summary>The prefix of all routing keys of a colocation group.</summary>
    public static byte[] GroupPrefix(uint groupId)
    {
        byte[] prefix = new byte[GroupPrefixLength];
        BinaryPrimitives.WriteUInt32BigEndian(prefix, groupId);
        return prefix;
    }

    /// <summary>All rows and index entries of a table.</summary>
    public static KeyRange TableRange(uint tableId)
    {
        byte[] prefix = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(prefix, tableId);
        return KeyRange.Prefix(prefix);
    }

    /// <summary>The rows of one table whose routing keys lie in a range of their group.</summary>
    public static KeyRange RowsOf(uint tableId, uint groupId, KeyRange routing)
    {
        KeyRange suffixes = SuffixesOf(groupId, routing);
        KeyRange all = KeyRange.Prefix(RowPrefix(tableId));
        return new KeyRange(
            [.. all.Start, .. suffixes.Start], suffixes.End is null ? all.End : [.. all.Start, .. suffixes.End]);
    }

    /// <summary>What follows table and index in the keys of the rows whose routing keys lie in a range of their group.
    /// </summary>
    public static KeyRange SuffixesOf(uint groupId, KeyRange routing)
    {
        byte[] group = GroupPrefix(groupId);
        Invariant.Check(routing.Overlaps(KeyRange.Prefix(group)), "A range of routing keys belongs to its group.");
        return new KeyRange(
            routing.Start.AsSpan().StartsWith(group) ? routing.Start[GroupPrefixLength..] : [],
            routing.End is not null && routing.End.AsSpan().StartsWith(group) ? routing.End[GroupPrefixLength..] : null);
    }

    /// <summary>The routing key of a row key of which the shard key has so many bytes, bucket included.</summary>
    public static byte[] RoutingKey(uint groupId, ReadOnlySpan<byte> rowKey, int shardKeyLength)
    {
        byte[] key = new byte[GroupPrefixLength + shardKeyLength];
        BinaryPrimitives.WriteUInt32BigEndian(key, groupId);
        rowKey.Slice(RowPrefixLength, shardKeyLength).CopyTo(key.AsSpan(GroupPrefixLength));
        return key;
    }
}
