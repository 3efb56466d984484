using System;

using ShardSql.Primitives;

namespace ShardSql.Storage.Wal;

/// <summary>
/// Records that are appended, and survive, together. Reused: <see cref="Clear"/> keeps the buffer, so that a steady
/// path does not allocate.
/// </summary>
public sealed class WalBatch
{
    private readonly ByteWriter _writer;
    private bool _finished;

    /// <summary>An empty batch.</summary>
    public WalBatch(int capacity = 4096)
    {
        _writer = new ByteWriter(capacity + WalFormat.BatchHeaderBytes);
        Clear();
    }

    /// <summary>Records in it.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes of the records, encoded.</summary>
    public int PayloadBytes => _writer.Length - WalFormat.BatchHeaderBytes;

    /// <summary>Bytes that it takes in the log.</summary>
    public long EncodedBytes => WalFormat.Align(_writer.Length);

    /// <summary>Adds a record, copying the payload.</summary>
    public void Add(ShardId shard, byte kind, ReadOnlySpan<byte> payload)
    {
        Invariant.Check(!_finished, "A batch that was appended is cleared before it is used again.");
        _writer.WriteVarint(shard.Value);
        _writer.WriteByte(kind);
        _writer.WriteBytes(payload);
        Count++;
    }

    /// <summary>Empties it for the next use.</summary>
    public void Clear()
    {
        _writer.Clear();
        _writer.GetSpan(WalFormat.BatchHeaderBytes)[..WalFormat.BatchHeaderBytes].Clear();
        _writer.Advance(WalFormat.BatchHeaderBytes);
        _finished = false;
        Count = 0;
    }

    /// <summary>Fills in the header for the place where it is going to lie; gives the bytes and their checksum.</summary>
    internal ReadOnlySpan<byte> Finish(
        uint segmentSeed, long offset, LogPosition syncedBefore, uint previousCrc, out uint bodyCrc)
    {
        Invariant.Check(!_finished, "A batch is appended once.");
        _finished = true;
        int payloadBytes = PayloadBytes;
        int padding = (int)WalFormat.Align(_writer.Length) - _writer.Length;
        _writer.GetSpan(WalFormat.Alignment)[..padding].Clear();
        _writer.Advance(padding);

        _writer.PatchUInt32(0, WalFormat.BatchMagic);
        _writer.PatchUInt32(8, (uint)payloadBytes);
        _writer.PatchUInt32(12, (uint)Count);
        PatchUInt64(16, syncedBefore.Segment);
        PatchUInt64(24, (ulong)syncedBefore.Offset);
        _writer.PatchUInt32(32, previousCrc);
        uint headerCrc = WalFormat.HeaderCrc(segmentSeed, offset, _writer.WrittenSpan);
        bodyCrc = WalFormat.BodyCrc(headerCrc, _writer.WrittenSpan[WalFormat.BatchHeaderBytes..]);
        _writer.PatchUInt32(4, headerCrc);
        _writer.PatchUInt32(36, bodyCrc);
        return _writer.WrittenSpan;
    }

    private void PatchUInt64(int position, ulong value)
    {
        _writer.PatchUInt32(position, (uint)value);
        _writer.PatchUInt32(position + 4, (uint)(value >> 32));
    }
}
