using System;
using System.Buffers.Binary;

using ShardSql.Primitives;
using ShardSql.Storage.Files;

namespace ShardSql.Storage.Wal;

/// <summary>
/// The bytes of a segment. A header page, then batches at multiples of 8, then zeros or what a recycled file held.
/// <para>Segment header, 64 bytes, the same place in every version: magic u64, format u32, node u32, cluster 16 bytes,
/// segment u64, synced end of the segment before u64, checksum of the last batch there u32, zeros, CRC32C u32.</para>
/// <para>Batch header, 40 bytes: magic u32, header CRC u32 (over cluster, node, segment, offset, the rest of the
/// header), payload length u32, records u32, position synced before this batch (segment u64, offset u64), body CRC of
/// the batch before u32, body CRC u32 (over the header CRC, payload, padding).</para>
/// <para>Segment and offset in the checksum keep a recycled file's content from being taken for new; the checksum of
/// the batch before keeps what a cut tail left behind from being taken for its successor.</para>
/// All numbers are little-endian.
/// </summary>
internal static class WalFormat
{
    public const uint Version = 1;
    public const int SegmentHeaderBytes = 64;
    public const int BatchHeaderBytes = 40;
    public const int Alignment = 8;

    /// <summary>A page of its own for the header, so that no batch ever rewrites it.</summary>
    public const int FirstBatchOffset = 4096;

    /// <summary>First bytes of a batch.</summary>
    public const uint BatchMagic = 0x42575353; // "SSWB"

    private const ulong SegmentMagic = 0x004C_4157_4C51_5353; // "SSQLWAL\0"
    private const int SegmentCrcOffset = SegmentHeaderBytes - sizeof(uint);

    /// <summary>Rounds a length up to where the next batch begins.</summary>
    public static long Align(long length) => (length + Alignment - 1) & ~(Alignment - 1L);

    /// <summary>What the checksums of a segment's batches begin with.</summary>
    public static uint SegmentSeed(DataIdentity identity, ulong segment)
    {
        Span<byte> cluster = stackalloc byte[16];
        identity.Cluster.TryWriteBytes(cluster);
        return Crc32C.Append(Crc32C.Append(Crc32C.Compute(cluster), identity.Node.Value), segment);
    }

    /// <summary>The checksum of a batch header that lies at an offset.</summary>
    public static uint HeaderCrc(uint segmentSeed, long offset, ReadOnlySpan<byte> header) =>
        Crc32C.Append(Crc32C.Append(segmentSeed, (ulong)offset), header[8..BatchHeaderBytes][..^4]);

    /// <summary>The checksum of payload and padding behind a header.</summary>
    public static uint BodyCrc(uint headerCrc, ReadOnlySpan<byte> body) =>
        Crc32C.Append(Crc32C.Append(0, headerCrc), body);

    /// <summary>The bytes of a segment header.</summary>
    public static byte[] EncodeSegmentHeader(DataIdentity identity, WalSegmentHeader header)
    {
        byte[] bytes = new byte[SegmentHeaderBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, SegmentMagic);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), Version);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(12), identity.Node.Value);
        identity.Cluster.TryWriteBytes(bytes.AsSpan(16));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(32), header.Segment);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(40), header.PreviousEnd);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(48), header.Chain);
        BinaryPrimitives.WriteUInt32LittleEndian(
            bytes.AsSpan(SegmentCrcOffset), Crc32C.Compute(bytes.AsSpan(0, SegmentCrcOffset)));
        return bytes;
    }

    /// <summary>Reads a segment header; null when it is not one. Refuses foreign and newer data.</summary>
    public static WalSegmentHeader? DecodeSegmentHeader(DataIdentity identity, string path, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < SegmentHeaderBytes
            || BinaryPrimitives.ReadUInt64LittleEndian(bytes) != SegmentMagic
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes[SegmentCrcOffset..])
                != Crc32C.Compute(bytes[..SegmentCrcOffset]))
        {
            return null;
        }

        var found = new DataIdentity(
            new Guid(bytes.Slice(16, 16)), new NodeId(BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..])));
        identity.Require(path, found, BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]), Version);
        return new WalSegmentHeader(
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[32..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[40..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[48..]));
    }

    /// <summary>Reads a batch header; null when there is no good one here.</summary>
    public static WalBatchHeader? DecodeBatchHeader(uint segmentSeed, long offset, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < BatchHeaderBytes || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != BatchMagic)
        {
            return null;
        }

        uint crc = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]);
        if (crc != HeaderCrc(segmentSeed, offset, bytes) || length > int.MaxValue - BatchHeaderBytes - Alignment)
        {
            return null;
        }

        return new WalBatchHeader(
            crc,
            (int)length,
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]),
            new LogPosition(
                BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]),
                BinaryPrimitives.ReadInt64LittleEndian(bytes[24..])),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[32..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[36..]));
    }
}

/// <summary>What a segment's header says: its number, the synced end of the one before, that one's last checksum.
/// </summary>
internal readonly record struct WalSegmentHeader(ulong Segment, long PreviousEnd, uint Chain);

/// <summary>What a batch's header says.</summary>
internal readonly record struct WalBatchHeader(
    uint HeaderCrc, int PayloadBytes, uint Records, LogPosition SyncedBefore, uint PreviousCrc, uint BodyCrc)
{
    /// <summary>Payload and padding.</summary>
    public int BodyBytes =>
        (int)WalFormat.Align(WalFormat.BatchHeaderBytes + PayloadBytes) - WalFormat.BatchHeaderBytes;
}
