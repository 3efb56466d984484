using System;
using System.Buffers.Binary;

namespace ShardSql.Gateway.Sessions;

/// <summary>Session ids: 16 bytes on the wire, a number in transaction ids.</summary>
internal static class SessionIds
{
    /// <summary>An id of the gateway's own, for clients that bring none and for its own transactions.</summary>
    public static UInt128 New()
    {
        Span<byte> bytes = stackalloc byte[16];
        System.Security.Cryptography.RandomNumberGenerator.Fill(bytes);
        return BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }

    public static UInt128 FromBytes(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt128BigEndian(bytes);

    public static Guid ToGuid(UInt128 id)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, id);
        return new Guid(bytes, bigEndian: true);
    }
}
