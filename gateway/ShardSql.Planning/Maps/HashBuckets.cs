using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using ShardSql.Execution;
using ShardSql.Primitives;

namespace ShardSql.Planning.Maps;

/// <summary>The hash buckets of a table that is sharded by hash, and how they are dealt out to shards.</summary>
public static class HashBuckets
{
    /// <summary>Buckets of a hash table: the finest grain of its placement. Fixed for ever, keys hold them.</summary>
    public const int Count = 4096;

    /// <summary>The bucket of encoded shard-key columns.</summary>
    public static ushort Of(ReadOnlySpan<byte> encodedShardKey) => (ushort)(Hash64.Compute(encodedShardKey) % Count);

    /// <summary>The buckets divided evenly into ranges of routing keys.</summary>
    public static IReadOnlyList<KeyRange> Divide(uint groupId, int parts)
    {
        Invariant.Check(parts is > 0 and <= Count, "A hash table has between one segment and one per bucket.");
        KeyRange group = KeyRange.Prefix(RowKeyLayout.GroupPrefix(groupId));
        var ranges = new KeyRange[parts];
        for (int i = 0; i < parts; i++)
        {
            byte[] start = i == 0 ? group.Start : StartOf(groupId, i * Count / parts);
            byte[]? end = i == parts - 1 ? group.End : StartOf(groupId, (i + 1) * Count / parts);
            ranges[i] = new KeyRange(start, end);
        }

        return ranges;
    }

    /// <summary>The bucket in which a routing key lies; for display.</summary>
    public static int? BucketOf(ReadOnlySpan<byte> routingKey) =>
        routingKey.Length >= RowKeyLayout.GroupPrefixLength + RowKeyLayout.BucketLength
            ? BinaryPrimitives.ReadUInt16BigEndian(routingKey[RowKeyLayout.GroupPrefixLength..])
            : null;

    /// <summary>The first routing key of a bucket.</summary>
    public static byte[] StartOf(uint groupId, int bucket)
    {
        byte[] key = new byte[RowKeyLayout.GroupPrefixLength + RowKeyLayout.BucketLength];
        BinaryPrimitives.WriteUInt32BigEndian(key, groupId);
        BinaryPrimitives.WriteUInt16BigEndian(key.AsSpan(RowKeyLayout.GroupPrefixLength), (ushort)bucket);
        return key;
    }
}
