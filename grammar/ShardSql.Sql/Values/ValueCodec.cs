using System;
using System.Buffers.Binary;
using ShardSql.Primitives;
using ShardSql.Sql.Tree;

namespace ShardSql.Sql.Values;

/// <summary>
/// One value as bytes that describe themselves: a kind byte (the number of <see cref="SqlKind"/>, plus 0x80 for a NULL
/// of that kind), then the payload. Whole numbers, dates and timestamps are zigzag varints, a time a varint; a decimal
/// is its scale byte, a length byte and the fewest little-endian bytes of its unscaled number in two's complement; real
/// and double are their IEEE bits, little-endian; text, json (UTF-8) and bytes follow their varint length; a uuid is
/// its 16 bytes in network order.
/// </summary>
public static class ValueCodec
{
    private const byte NullFlag = 0x80;

    /// <summary>Writes one value.</summary>
    public static void Write(ByteWriter writer, SqlValue value)
    {
        if (value.IsNull)
        {
            writer.WriteByte((byte)((byte)value.Kind | NullFlag));
            return;
        }

        writer.WriteByte((byte)value.Kind);
        switch (value.Kind)
        {
            case SqlKind.Boolean:
                writer.WriteBoolean(value.AsBoolean());
                break;
            case SqlKind.Int16 or SqlKind.Int32 or SqlKind.Int64:
                writer.WriteVarint(Zigzag(value.AsInt64()));
                break;
            case SqlKind.Decimal:
                WriteDecimal(writer, value.AsDecimal());
                break;
            case SqlKind.Real:
                writer.WriteUInt32(BitConverter.SingleToUInt32Bits(value.AsReal()));
                break;
            case SqlKind.Double:
                writer.WriteUInt64(BitConverter.DoubleToUInt64Bits(value.AsDouble()));
                break;
            case SqlKind.Text or SqlKind.Json:
                Utf8Text.Write(writer, value.AsText());
                break;
            case SqlKind.Bytes:
                writer.WriteBytes(value.AsBytes());
                break;
            case SqlKind.Uuid:
                value.AsUuid().TryWriteBytes(writer.GetSpan(16), bigEndian: true, out int written);
                writer.Advance(written);
                break;
            case SqlKind.Date:
                writer.WriteVarint(Zigzag(value.AsDate()));
                break;
            case SqlKind.Time:
                writer.WriteVarint((ulong)value.AsTime());
                break;
            case SqlKind.Timestamp:
                writer.WriteVarint(Zigzag(value.AsTimestamp()));
                break;
            default:
                writer.WriteVarint(Zigzag(value.AsTimestampTz()));
                break;
        }
    }

    /// <summary>Reads one value. Malformed or short bytes fail the reader and give NULL; text that is not UTF-8 is
    /// 22021.</summary>
    public static SqlValue Read(ref ByteReader reader)
    {
        byte tag = reader.ReadByte();
        var kind = (SqlKind)(tag & ~NullFlag);
        if (kind > SqlKind.Json || tag == 0)
        {
            return Malformed(ref reader);
        }

        return (tag & NullFlag) != 0 ? SqlValue.NullOf(kind) : ReadPayload(ref reader, kind);
    }

    /// <summary>One value as bytes of its own.</summary>
    public static byte[] ToBytes(SqlValue value)
    {
        var writer = new ByteWriter(32);
        Write(writer, value);
        return writer.ToArray();
    }

    /// <summary>Reads bytes that hold exactly one value; 08P01 when they do not.</summary>
    public static SqlValue FromBytes(ReadOnlySpan<byte> bytes)
    {
        var reader = new ByteReader(bytes);
        SqlValue value = Read(ref reader);
        return reader.EndedWell
            ? value
            : throw new SqlException(SqlStates.ProtocolViolation, "malformed value");
    }

    internal static ulong Zigzag(long value) => (ulong)((value << 1) ^ (value >> 63));

    internal static long Unzigzag(ulong value) => (long)(value >> 1) ^ -(long)(value & 1);

    private static SqlValue ReadPayload(ref ByteReader reader, SqlKind kind)
    {
        switch (kind)
        {
            case SqlKind.Boolean:
                return SqlValue.FromBoolean(reader.ReadBoolean());
            case SqlKind.Int16:
                return ReadRange(ref reader, short.MinValue, short.MaxValue, out long small)
                    ? SqlValue.FromInt16((short)small) : Malformed(ref reader);
            case SqlKind.Int32:
                return ReadRange(ref reader, int.MinValue, int.MaxValue, out long middle)
                    ? SqlValue.FromInt32((int)middle) : Malformed(ref reader);
            case SqlKind.Int64:
                return SqlValue.FromInt64(Unzigzag(reader.ReadVarint()));
            case SqlKind.Decimal:
                return ReadDecimal(ref reader);
            case SqlKind.Real:
                return SqlValue.FromReal(BitConverter.UInt32BitsToSingle(reader.ReadUInt32()));
            case SqlKind.Double:
                return SqlValue.FromDouble(BitConverter.UInt64BitsToDouble(reader.ReadUInt64()));
            case SqlKind.Text:
                return SqlValue.FromText(Utf8Text.Decode(reader.ReadSpan()));
            case SqlKind.Json:
                return SqlValue.FromJson(Utf8Text.Decode(reader.ReadSpan()));
            case SqlKind.Bytes:
                return SqlValue.FromBytes(reader.ReadBytes());
            case SqlKind.Uuid:
                ReadOnlySpan<byte> id = reader.ReadRaw(16);
                return id.IsEmpty ? SqlValue.Null : SqlValue.FromUuid(new Guid(id, bigEndian: true));
            case SqlKind.Date:
                return ReadRange(ref reader, TemporalText.MinDays, TemporalText.MaxDays, out long days)
                    ? SqlValue.FromDate((int)days) : Malformed(ref reader);
            case SqlKind.Time:
                ulong time = reader.ReadVarint();
                return time < TemporalText.MicrosecondsPerDay ? SqlValue.FromTime((long)time) : Malformed(ref reader);
            default:
                return ReadTimestamp(ref reader, kind);
        }
    }

    private static SqlValue ReadTimestamp(ref ByteReader reader, SqlKind kind)
    {
        if (!ReadRange(
            ref reader, TemporalText.MinMicroseconds, TemporalText.MaxMicroseconds, out long microseconds))
        {
            return Malformed(ref reader);
        }

        return kind == SqlKind.Timestamp
            ? SqlValue.FromTimestamp(microseconds)
            : SqlValue.FromTimestampTz(microseconds);
    }

    private static bool ReadRange(ref ByteReader reader, long min, long max, out long value)
    {
        value = Unzigzag(reader.ReadVarint());
        return value >= min && value <= max;
    }

    private static void WriteDecimal(ByteWriter writer, Decimal38 value)
    {
        writer.WriteByte((byte)value.Scale);
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteInt128LittleEndian(bytes, value.Unscaled);
        byte fill = value.Unscaled < 0 ? (byte)0xFF : (byte)0;
        int length = 16;
        while (length > 0 && bytes[length - 1] == fill && (length == 1
            ? fill == 0
            : (bytes[length - 2] & 0x80) == (fill & 0x80)))
        {
            length--;
        }

        writer.WriteByte((byte)length);
        writer.WriteRaw(bytes[..length]);
    }

    private static SqlValue ReadDecimal(ref ByteReader reader)
    {
        byte scale = reader.ReadByte();
        byte length = reader.ReadByte();
        ReadOnlySpan<byte> taken = reader.ReadRaw(Math.Min(length, (byte)16));
        if (scale > Decimal38.MaxDigits || length > 16 || reader.Failed)
        {
            return Malformed(ref reader);
        }

        Span<byte> bytes = stackalloc byte[16];
        bytes.Fill(length > 0 && (taken[length - 1] & 0x80) != 0 ? (byte)0xFF : (byte)0);
        taken.CopyTo(bytes);
        Int128 unscaled = BinaryPrimitives.ReadInt128LittleEndian(bytes);
        Int128 limit = Decimal38.PowerOfTen(Decimal38.MaxDigits);
        return unscaled < limit && unscaled > -limit
            ? SqlValue.FromDecimal(new Decimal38(unscaled, scale))
            : Malformed(ref reader);
    }

    private static SqlValue Malformed(ref ByteReader reader)
    {
        // Asking for more than any input holds is how a reader is told that its input is malformed.
        reader.ReadRaw(int.MaxValue);
        return SqlValue.Null;
    }
}
