using System;
using System.Buffers.Binary;
using ShardSql.Primitives;

namespace ShardSql.Execution;

/// <summary>
/// The last column of a row that shows when the row was committed: sixteen bytes which compare as stamps do. A transaction does not
/// know its stamp while it writes, so what is stored is above all stamps, and whoever reads a committed version puts its stamp there.
/// </summary>
public static class RowStamp
{
    /// <summary>Bytes of the column.</summary>
    public const int Length = HlcTimestamp.EncodedLength;

    /// <summary>What the row of a transaction that is not committed says: it comes after all that are.</summary>
    public static byte[] Open => ToBytes(HlcTimestamp.Infinity);

    /// <summary>A stored row as its readers see it: with the stamp, if it is one that ends with it.</summary>
    /// <param name="stored">The row as it was written.</param>
    /// <param name="cstamp">The commit stamp of its version.</param>
    public static byte[] Shown(byte[] stored, HlcTimestamp cstamp)
    {
        ArgumentNullException.ThrowIfNull(stored);
        if (stored.Length <= Length || stored[0] != RowKeyLayout.StampedRowVersion)
        {
            return stored;
        }

        return [.. stored.AsSpan(..^Length), .. ToBytes(cstamp)];
    }

    /// <summary>The stamp that the column holds.</summary>
    public static HlcTimestamp Read(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[sizeof(ulong)..]));

    /// <summary>A stamp as the column holds it.</summary>
    public static byte[] ToBytes(HlcTimestamp stamp)
    {
        byte[] bytes = new byte[Length];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, stamp.Time);
        BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(sizeof(ulong)), stamp.Source);
        return bytes;
    }
}
