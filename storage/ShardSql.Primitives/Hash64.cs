using System;
using System.Buffers.Binary;
using System.Numerics;

namespace ShardSql.Primitives;

/// <summary>
/// A 64-bit hash that is the same in every process and version: what replicas and placement may depend on.
/// Multiply-rotate rounds over 8-byte lanes with a final avalanche, in the manner of XXH64.
/// </summary>
public static class Hash64
{
    private const ulong Prime1 = 0x9E3779B185EBCA87;
    private const ulong Prime2 = 0xC2B2AE3D27D4EB4F;
    private const ulong Prime3 = 0x165667B19E3779F9;

    /// <summary>The hash of some bytes.</summary>
    public static ulong Compute(ReadOnlySpan<byte> bytes, ulong seed = 0)
    {
        ulong hash = seed + Prime3 + (ulong)bytes.Length;
        while (bytes.Length >= 8)
        {
            hash = Mix(hash, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[8..];
        }

        ulong tail = 0;
        for (int i = 0; i < bytes.Length; i++)
        {
            tail |= (ulong)bytes[i] << (8 * i);
        }

        return Avalanche(Mix(hash, tail));
    }

    /// <summary>Adds one value to a rolling hash.</summary>
    public static ulong Combine(ulong hash, ulong value) => Avalanche(Mix(hash, value));

    private static ulong Mix(ulong hash, ulong lane) =>
        (BitOperations.RotateLeft(hash ^ (BitOperations.RotateLeft(lane * Prime2, 31) * Prime1), 27) * Prime1) + Prime3;

    private static ulong Avalanche(ulong hash)
    {
        hash = (hash ^ (hash >> 33)) * Prime2;
        hash = (hash ^ (hash >> 29)) * Prime3;
        return hash ^ (hash >> 32);
    }
}
