using System;
using System.Buffers.Binary;

namespace ShardSql.Planning.Spillover;

/// <summary>The id of a delta: when it was made, then bytes that make it its own.</summary>
public static class DeltaId
{
    private const int RandomBytes = 8;

    /// <summary>The id of a delta that comes behind others of its transaction.</summary>
    /// <param name="microseconds">Since 1970, UTC: never less than those of the transaction's others.</param>
    /// <param name="sequence">Greater than those of the transaction's others.</param>
    /// <param name="random">Bytes that are never the same twice; the last eight count.</param>
    public static byte[] InOrder(long microseconds, ulong sequence, byte[] random)
    {
        byte[] id = Of(microseconds, random);
        byte[] placed = [.. id, .. id.AsSpan(sizeof(long))];
        BinaryPrimitives.WriteUInt64BigEndian(placed.AsSpan(sizeof(long)), sequence);
        return placed;
    }

    /// <summary>An id.</summary>
    /// <param name="microseconds">Since 1970, UTC.</param>
    /// <param name="random">Bytes that are never the same twice; the last eight count.</param>
    public static byte[] Of(long microseconds, byte[] random)
    {
        ArgumentNullException.ThrowIfNull(random);
        byte[] id = new byte[sizeof(long) + RandomBytes];
        BinaryPrimitives.WriteInt64BigEndian(id, microseconds);
        random.AsSpan(random.Length - RandomBytes).CopyTo(id.AsSpan(sizeof(long)));
        return id;
    }

    /// <summary>When a delta was made: microseconds since 1970, by the clock of its gateway.</summary>
    public static long MicrosecondsOf(byte[] id) => BinaryPrimitives.ReadInt64BigEndian(id);
}
