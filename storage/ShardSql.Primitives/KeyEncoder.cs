using System;
using System.Buffers.Binary;

namespace ShardSql.Primitives;

/// <summary>
/// Parts of keys whose unsigned byte order is the order of what they hold, one part after another. Every part ends by
/// itself, so no part is a prefix of another of its kind and the order of a composite key is that of its parts.
/// </summary>
public static class KeyEncoder
{
    /// <summary>Before a value.</summary>
    public const byte PresentMarker = 0x01;

    /// <summary>Instead of a value: NULL is above every value.</summary>
    public const byte NullMarker = 0xFE;

    internal const byte Escape = 0x00;
    internal const byte EscapedZero = 0xFF;
    internal const byte Terminator = 0x01;
    internal const byte DecimalNegative = 0x01;
    internal const byte DecimalZero = 0x02;
    internal const byte DecimalPositive = 0x03;
    internal const int ExponentBias = 64;
    internal const int MaxDecimalDigits = 38;

    /// <summary>A value follows.</summary>
    public static void AppendPresent(ByteWriter writer) => writer.WriteByte(PresentMarker);

    /// <summary>NULL.</summary>
    public static void AppendNull(ByteWriter writer) => writer.WriteByte(NullMarker);

    /// <summary>2 raw bytes, big-endian: a bucket.</summary>
    public static void AppendUInt16(ByteWriter writer, ushort value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(writer.GetSpan(2), value);
        writer.Advance(2);
    }

    /// <summary>4 raw bytes, big-endian: a table, an index.</summary>
    public static void AppendUInt32(ByteWriter writer, uint value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(writer.GetSpan(4), value);
        writer.Advance(4);
    }

    /// <summary>8 raw bytes, big-endian.</summary>
    public static void AppendUInt64(ByteWriter writer, ulong value)
    {
        BinaryPrimitives.WriteUInt64BigEndian(writer.GetSpan(8), value);
        writer.Advance(8);
    }

    /// <summary>A 16-bit number: big-endian with its sign flipped.</summary>
    public static void AppendInt16(ByteWriter writer, short value) =>
        AppendUInt16(writer, (ushort)((ushort)value ^ 0x8000));

    /// <summary>A 32-bit number: big-endian with its sign flipped.</summary>
    public static void AppendInt32(ByteWriter writer, int value) => AppendUInt32(writer, (uint)value ^ 0x8000_0000);

    /// <summary>A 64-bit number: big-endian with its sign flipped.</summary>
    public static void AppendInt64(ByteWriter writer, long value) =>
        AppendUInt64(writer, (ulong)value ^ 0x8000_0000_0000_0000);

    /// <summary>A float; −0 is 0, every NaN one NaN above infinity.</summary>
    public static void AppendSingle(ByteWriter writer, float value)
    {
        float plain = float.IsNaN(value) ? BitConverter.UInt32BitsToSingle(0x7FC0_0000) : value == 0 ? 0 : value;
        uint bits = BitConverter.SingleToUInt32Bits(plain);
        AppendUInt32(writer, (bits & 0x8000_0000) != 0 ? ~bits : bits | 0x8000_0000);
    }

    /// <summary>A double; −0 is 0, every NaN one NaN above infinity.</summary>
    public static void AppendDouble(ByteWriter writer, double value)
    {
        double plain = double.IsNaN(value)
            ? BitConverter.UInt64BitsToDouble(0x7FF8_0000_0000_0000)
            : value == 0 ? 0 : value;
        ulong bits = BitConverter.DoubleToUInt64Bits(plain);
        const ulong Sign = 0x8000_0000_0000_0000;
        AppendUInt64(writer, (bits & Sign) != 0 ? ~bits : bits | Sign);
    }

    /// <summary>A uuid: its 16 bytes in network order.</summary>
    public static void AppendGuid(ByteWriter writer, Guid value)
    {
        value.TryWriteBytes(writer.GetSpan(16), bigEndian: true, out int written);
        writer.Advance(written);
    }

    /// <summary>A byte string or UTF-8 text: each 0x00 as 0x00 0xFF, at the end 0x00 0x01.</summary>
    public static void AppendBytes(ByteWriter writer, ReadOnlySpan<byte> value)
    {
        for (int zero = value.IndexOf(Escape); zero >= 0; zero = value.IndexOf(Escape))
        {
            writer.WriteRaw(value[..(zero + 1)]);
            writer.WriteByte(EscapedZero);
            value = value[(zero + 1)..];
        }

        writer.WriteRaw(value);
        writer.WriteByte(Escape);
        writer.WriteByte(Terminator);
    }

    /// <summary>
    /// unscaled × 10^−scale, up to 38 digits: sign, exponent of the leading digit, then the digits in pairs (each pair
    /// plus 1) up to the last that is not zero, and an end mark; of a negative number all of that inverted. Equal
    /// numbers give equal bytes whatever their scale.
    /// </summary>
    public static void AppendDecimal(ByteWriter writer, Int128 unscaled, int scale)
    {
        if (unscaled == 0)
        {
            writer.WriteByte(DecimalZero);
            return;
        }

        Span<byte> digits = stackalloc byte[MaxDecimalDigits + 2];
        int count = TakeDigits(Int128.Abs(unscaled), digits);
        int exponent = count - scale;
        while (digits[count - 1] == 0)
        {
            count--;
        }

        byte flip = unscaled < 0 ? (byte)0xFF : (byte)0;
        writer.WriteByte(unscaled < 0 ? DecimalNegative : DecimalPositive);
        writer.WriteByte((byte)((exponent + ExponentBias) ^ flip));
        for (int i = 0; i < count; i += 2)
        {
            int low = i + 1 < count ? digits[i + 1] : 0;
            writer.WriteByte((byte)(((digits[i] * 10) + low + 1) ^ flip));
        }

        writer.WriteByte(flip);
    }

    private static int TakeDigits(Int128 magnitude, Span<byte> digits)
    {
        Invariant.Check(magnitude > 0, "A magnitude is positive.");
        int count = 0;
        for (; magnitude > 0; magnitude /= 10)
        {
            Invariant.Check(count < MaxDecimalDigits, "A decimal of a key has at most 38 digits.");
            digits[count++] = (byte)(magnitude % 10);
        }

        digits[..count].Reverse();
        return count;
    }
}
