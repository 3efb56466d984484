using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Text;

namespace ShardSql.Primitives;

/// <summary>
/// Reads what <see cref="ByteWriter"/> wrote. Never reads past the end: a short or malformed input sets
/// <see cref="Failed"/> and gives zeros from then on, so that a decoder checks once, at its end.
/// </summary>
public ref struct ByteReader
{
    private ReadOnlySpan<byte> _rest;

    /// <summary>A reader over some bytes.</summary>
    public ByteReader(ReadOnlySpan<byte> bytes) => _rest = bytes;

    /// <summary>Whether the input was too short or malformed.</summary>
    public bool Failed { get; private set; }

    /// <summary>Bytes not read yet.</summary>
    public readonly int Remaining => _rest.Length;

    /// <summary>What has not been read yet.</summary>
    public readonly ReadOnlySpan<byte> Rest => _rest;

    /// <summary>Whether everything was read and nothing was missing.</summary>
    public readonly bool EndedWell => !Failed && _rest.IsEmpty;

    /// <summary>One byte.</summary>
    public byte ReadByte()
    {
        ReadOnlySpan<byte> taken = ReadRaw(1);
        return taken.IsEmpty ? (byte)0 : taken[0];
    }

    /// <summary>A boolean; other than 0 and 1 is malformed.</summary>
    public bool ReadBoolean()
    {
        byte value = ReadByte();
        Failed |= value > 1;
        return value == 1;
    }

    /// <summary>4 bytes, little-endian.</summary>
    public uint ReadUInt32()
    {
        ReadOnlySpan<byte> taken = ReadRaw(4);
        return taken.IsEmpty ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(taken);
    }

    /// <summary>8 bytes, little-endian.</summary>
    public ulong ReadUInt64()
    {
        ReadOnlySpan<byte> taken = ReadRaw(8);
        return taken.IsEmpty ? 0 : BinaryPrimitives.ReadUInt64LittleEndian(taken);
    }

    /// <summary>A LEB128 varint.</summary>
    public ulong ReadVarint()
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            byte next = ReadByte();
            if (Failed || (shift == 63 && next > 1))
            {
                break;
            }

            value |= (ulong)(next & 0x7F) << shift;
            if ((next & 0x80) == 0)
            {
                return value;
            }
        }

        return Fail();
    }

    /// <summary>A varint that fits 32 bits.</summary>
    public uint ReadVarint32()
    {
        ulong value = ReadVarint();
        return value <= uint.MaxValue ? (uint)value : (uint)Fail();
    }

    /// <summary>The number of things that follow, each at least <paramref name="bytesEach"/> long: checked before
    /// anything is allocated for them.</summary>
    public int ReadCount(int bytesEach = 1)
    {
        ulong count = ReadVarint();
        return count <= (ulong)(_rest.Length / Math.Max(bytesEach, 1)) ? (int)count : (int)Fail();
    }

    /// <summary>So many raw bytes; empty when they are not there.</summary>
    public ReadOnlySpan<byte> ReadRaw(int count)
    {
        if (Failed || (uint)count > (uint)_rest.Length)
        {
            Fail();
            return default;
        }

        ReadOnlySpan<byte> taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }

    /// <summary>Bytes after their length, in place.</summary>
    public ReadOnlySpan<byte> ReadSpan() => ReadRaw(ReadCount());

    /// <summary>Bytes after their length, copied.</summary>
    public byte[] ReadBytes() => ReadSpan().ToArray();

    /// <summary>Bytes, or null.</summary>
    public byte[]? ReadNullableBytes() => ReadBoolean() ? ReadBytes() : null;

    /// <summary>UTF-8 text after its length.</summary>
    public string ReadString() => Encoding.UTF8.GetString(ReadSpan());

    /// <summary>Nodes after their number.</summary>
    public List<NodeId> ReadNodes()
    {
        int count = ReadCount();
        var nodes = new List<NodeId>(count);
        for (int i = 0; i < count; i++)
        {
            nodes.Add(new NodeId(ReadVarint32()));
        }

        return nodes;
    }

    /// <summary>A stamp.</summary>
    public HlcTimestamp ReadStamp() => new(ReadUInt64(), ReadUInt64());

    /// <summary>A ballot.</summary>
    public Ballot ReadBallot() => new(ReadVarint(), new NodeId(ReadVarint32()));

    /// <summary>A transaction id.</summary>
    public TxnId ReadTxnId() => new(new UInt128(ReadUInt64(), ReadUInt64()), ReadVarint(), ReadVarint32());

    /// <summary>A range of keys.</summary>
    public KeyRange ReadRange() => new(ReadBytes(), ReadNullableBytes());

    /// <summary>What was read is not what it has to be: the rest is not looked at.</summary>
    /// <returns>0.</returns>
    public ulong Fail()
    {
        Failed = true;
        _rest = default;
        return 0;
    }
}
