using System;
using System.Buffers.Binary;

namespace ShardSql.Primitives;

/// <summary>Reads what <see cref="KeyEncoder"/> wrote. Malformed bytes fail the reader.</summary>
public static class KeyDecoder
{
    private static readonly Int128 s_most = MakeMost();

    /// <summary>True: a value follows; false: NULL, or malformed.</summary>
    public static bool ReadPresent(ref ByteReader reader)
    {
        byte marker = reader.ReadByte();
        if (marker is not (KeyEncoder.PresentMarker or KeyEncoder.NullMarker))
        {
            Fail(ref reader);
        }

        return !reader.Failed && marker == KeyEncoder.PresentMarker;
    }

    /// <summary>2 raw bytes.</summary>
    public static ushort ReadUInt16(ref ByteReader reader)
    {
        ReadOnlySpan<byte> taken = reader.ReadRaw(2);
        return taken.IsEmpty ? (ushort)0 : BinaryPrimitives.ReadUInt16BigEndian(taken);
    }

    /// <summary>4 raw bytes.</summary>
    public static uint ReadUInt32(ref ByteReader reader)
    {
        ReadOnlySpan<byte> taken = reader.ReadRaw(4);
        return taken.IsEmpty ? 0 : BinaryPrimitives.ReadUInt32BigEndian(taken);
    }

    /// <summary>8 raw bytes.</summary>
    public static ulong ReadUInt64(ref ByteReader reader)
    {
        ReadOnlySpan<byte> taken = reader.ReadRaw(8);
        return taken.IsEmpty ? 0 : BinaryPrimitives.ReadUInt64BigEndian(taken);
    }

    /// <summary>A 16-bit number.</summary>
    public static short ReadInt16(ref ByteReader reader) => (short)(ReadUInt16(ref reader) ^ 0x8000);

    /// <summary>A 32-bit number.</summary>
    public static int ReadInt32(ref ByteReader reader) => (int)(ReadUInt32(ref reader) ^ 0x8000_0000);

    /// <summary>A 64-bit number.</summary>
    public static long ReadInt64(ref ByteReader reader) =>
        (long)(ReadUInt64(ref reader) ^ 0x8000_0000_0000_0000);

    /// <summary>A float.</summary>
    public static float ReadSingle(ref ByteReader reader)
    {
        uint bits = ReadUInt32(ref reader);
        return BitConverter.UInt32BitsToSingle((bits & 0x8000_0000) != 0 ? bits & 0x7FFF_FFFF : ~bits);
    }

    /// <summary>A double.</summary>
    public static double ReadDouble(ref ByteReader reader)
    {
        const ulong Sign = 0x8000_0000_0000_0000;
        ulong bits = ReadUInt64(ref reader);
        return BitConverter.UInt64BitsToDouble((bits & Sign) != 0 ? bits & ~Sign : ~bits);
    }

    /// <summary>A uuid.</summary>
    public static Guid ReadGuid(ref ByteReader reader)
    {
        ReadOnlySpan<byte> taken = reader.ReadRaw(16);
        return taken.IsEmpty ? Guid.Empty : new Guid(taken, bigEndian: true);
    }

    /// <summary>A byte string.</summary>
    public static byte[] ReadBytes(ref ByteReader reader)
    {
        ReadOnlySpan<byte> rest = reader.Rest;
        int end = FindEnd(rest, out int escapes);
        if (end < 0)
        {
            Fail(ref reader);
            return [];
        }

        byte[] value = new byte[end - escapes];
        int at = 0;
        for (int i = 0; i < end; i++)
        {
            value[at++] = rest[i];
            i += rest[i] == KeyEncoder.Escape ? 1 : 0;
        }

        reader.ReadRaw(end + 2);
        return value;
    }

    /// <summary>A decimal, with the smallest scale that holds it.</summary>
    public static void ReadDecimal(ref ByteReader reader, out Int128 unscaled, out int scale)
    {
        unscaled = 0;
        scale = 0;
        byte sign = reader.ReadByte();
        if (reader.Failed || sign == KeyEncoder.DecimalZero)
        {
            return;
        }

        byte flip = sign == KeyEncoder.DecimalNegative ? (byte)0xFF : (byte)0;
        int exponent = (byte)(reader.ReadByte() ^ flip) - KeyEncoder.ExponentBias;
        int pairs = 0;
        for (byte pair = Next(ref reader, flip); pair != 0; pair = Next(ref reader, flip))
        {
            if (pair > 100 || ++pairs > KeyEncoder.MaxDecimalDigits / 2 || reader.Failed)
            {
                Fail(ref reader);
                return;
            }

            unscaled = (unscaled * 100) + (pair - 1);
        }

        int digits = 2 * pairs;
        scale = digits - exponent;
        for (; scale > 0 && unscaled % 10 == 0 && unscaled != 0; scale--)
        {
            unscaled /= 10;
        }

        Restore(ref reader, ref unscaled, ref scale);
        unscaled = flip == 0 ? unscaled : -unscaled;
        if (sign > KeyEncoder.DecimalPositive || sign == 0 || pairs == 0)
        {
            Fail(ref reader);
        }
    }

    private static byte Next(ref ByteReader reader, byte flip)
    {
        byte raw = reader.ReadByte();
        return reader.Failed ? (byte)0 : (byte)(raw ^ flip);
    }

    /// <summary>Whole numbers lost their trailing zeros: a scale below zero gives them back.</summary>
    private static void Restore(ref ByteReader reader, ref Int128 unscaled, ref int scale)
    {
        if (scale is < -KeyEncoder.MaxDecimalDigits or > KeyEncoder.MaxDecimalDigits)
        {
            Fail(ref reader);
            return;
        }

        for (; scale < 0; scale++)
        {
            if (unscaled > s_most / 10)
            {
                Fail(ref reader);
                return;
            }

            unscaled *= 10;
        }
    }

    /// <summary>The largest number of 38 digits.</summary>
    private static Int128 MakeMost()
    {
        Int128 most = 0;
        for (int i = 0; i < KeyEncoder.MaxDecimalDigits; i++)
        {
            most = (most * 10) + 9;
        }

        return most;
    }

    private static int FindEnd(ReadOnlySpan<byte> rest, out int escapes)
    {
        escapes = 0;
        for (int i = 0; i + 1 < rest.Length; i++)
        {
            if (rest[i] != KeyEncoder.Escape)
            {
                continue;
            }

            switch (rest[i + 1])
            {
                case KeyEncoder.Terminator:
                    return i;
                case KeyEncoder.EscapedZero:
                    escapes++;
                    i++;
                    break;
                default:
                    return -1;
            }
        }

        return -1;
    }

    private static void Fail(ref ByteReader reader) => reader.ReadRaw(int.MaxValue);
}
