using System;
using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Text;

namespace ShardSql.Primitives;

/// <summary>
/// A growing buffer with the primitives of our binary formats: little-endian fixed integers, LEB128 varints, byte
/// strings with a varint length. Reused between messages, so that a steady path does not allocate.
/// </summary>
public sealed class ByteWriter : IBufferWriter<byte>
{
    private byte[] _buffer;

    /// <summary>An empty buffer.</summary>
    public ByteWriter(int capacity = 256) => _buffer = new byte[capacity];

    /// <summary>Bytes written so far.</summary>
    public int Length { get; private set; }

    /// <summary>What was written.</summary>
    public ReadOnlySpan<byte> WrittenSpan => _buffer.AsSpan(0, Length);

    /// <summary>What was written.</summary>
    public ReadOnlyMemory<byte> WrittenMemory => _buffer.AsMemory(0, Length);

    /// <summary>A copy of what was written.</summary>
    public byte[] ToArray() => WrittenSpan.ToArray();

    /// <summary>Forgets the content, keeps the buffer.</summary>
    public void Clear() => Length = 0;

    /// <summary>Takes back what was written after a position.</summary>
    public void Truncate(int length)
    {
        Invariant.Check((uint)length <= (uint)Length, "A writer can only be cut back.");
        Length = length;
    }

    /// <inheritdoc />
    public void Advance(int count) => Length += count;

    /// <inheritdoc />
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 1));
        return _buffer.AsMemory(Length);
    }

    /// <inheritdoc />
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 1));
        return _buffer.AsSpan(Length);
    }

    /// <summary>One byte.</summary>
    public void WriteByte(byte value)
    {
        Reserve(1);
        _buffer[Length++] = value;
    }

    /// <summary>True as 1, false as 0.</summary>
    public void WriteBoolean(bool value) => WriteByte(value ? (byte)1 : (byte)0);

    /// <summary>4 bytes, little-endian.</summary>
    public void WriteUInt32(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(GetSpan(4), value);
        Length += 4;
    }

    /// <summary>8 bytes, little-endian.</summary>
    public void WriteUInt64(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(GetSpan(8), value);
        Length += 8;
    }

    /// <summary>Overwrites 4 bytes written earlier.</summary>
    public void PatchUInt32(int position, uint value) =>
        BinaryPrimitives.WriteUInt32LittleEndian(_buffer.AsSpan(position, 4), value);

    /// <summary>A LEB128 varint.</summary>
    public void WriteVarint(ulong value)
    {
        Reserve(10);
        while (value >= 0x80)
        {
            _buffer[Length++] = (byte)(value | 0x80);
            value >>= 7;
        }

        _buffer[Length++] = (byte)value;
    }

    /// <summary>Raw bytes without a length.</summary>
    public void WriteRaw(ReadOnlySpan<byte> value)
    {
        Reserve(value.Length);
        value.CopyTo(_buffer.AsSpan(Length));
        Length += value.Length;
    }

    /// <summary>Bytes after their length.</summary>
    public void WriteBytes(ReadOnlySpan<byte> value)
    {
        WriteVarint((ulong)value.Length);
        WriteRaw(value);
    }

    /// <summary>Bytes, or null.</summary>
    public void WriteNullableBytes(byte[]? value)
    {
        WriteBoolean(value is not null);
        if (value is not null)
        {
            WriteBytes(value);
        }
    }

    /// <summary>UTF-8 text after its length in bytes.</summary>
    public void WriteString(string value)
    {
        int bytes = Encoding.UTF8.GetByteCount(value);
        WriteVarint((ulong)bytes);
        Encoding.UTF8.GetBytes(value, GetSpan(bytes));
        Length += bytes;
    }

    /// <summary>A stamp, 16 bytes.</summary>
    public void WriteStamp(HlcTimestamp value)
    {
        WriteUInt64(value.Time);
        WriteUInt64(value.Source);
    }

    /// <summary>Nodes after their number.</summary>
    public void WriteNodes(IReadOnlyList<NodeId> nodes)
    {
        WriteVarint((ulong)nodes.Count);
        foreach (NodeId node in nodes)
        {
            WriteVarint(node.Value);
        }
    }

    /// <summary>A ballot.</summary>
    public void WriteBallot(Ballot value)
    {
        WriteVarint(value.Round);
        WriteVarint(value.Node.Value);
    }

    /// <summary>A transaction id.</summary>
    public void WriteTxnId(TxnId value)
    {
        WriteUInt64((ulong)(value.Session >> 64));
        WriteUInt64((ulong)value.Session);
        WriteVarint(value.Sequence);
        WriteVarint(value.Attempt);
    }

    /// <summary>A range of keys.</summary>
    public void WriteRange(KeyRange value)
    {
        WriteBytes(value.Start);
        WriteNullableBytes(value.End);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Reserve(int count)
    {
        if (_buffer.Length - Length < count)
        {
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, checked(Length + count)));
        }
    }
}
