using System;
using ShardSql.Primitives;
using ShardSql.Sql.Tree;

namespace ShardSql.Sql.Values;

/// <summary>
/// Values as parts of a key whose byte order is the order of <see cref="SqlValue.Compare"/>: a marker byte (a value,
/// or above it NULL), then the value as <see cref="KeyEncoder"/> writes it. Values of one column must be of the
/// column's type, because the bytes do not name it. Equal decimals give equal bytes, so the scale is not kept.
/// </summary>
public static class KeyCodec
{
    /// <summary>Appends one value.</summary>
    public static void Append(ByteWriter writer, SqlValue value)
    {
        if (value.IsNull)
        {
            KeyEncoder.AppendNull(writer);
            return;
        }

        KeyEncoder.AppendPresent(writer);
        switch (value.Kind)
        {
            case SqlKind.Boolean:
                writer.WriteByte(value.AsBoolean() ? (byte)1 : (byte)0);
                break;
            case SqlKind.Int16:
                KeyEncoder.AppendInt16(writer, value.AsInt16());
                break;
            case SqlKind.Int32:
                KeyEncoder.AppendInt32(writer, value.AsInt32());
                break;
            case SqlKind.Int64:
                KeyEncoder.AppendInt64(writer, value.AsInt64());
                break;
            case SqlKind.Decimal:
                Decimal38 number = value.AsDecimal();
                KeyEncoder.AppendDecimal(writer, number.Unscaled, number.Scale);
                break;
            case SqlKind.Real:
                KeyEncoder.AppendSingle(writer, value.AsReal());
                break;
            case SqlKind.Double:
                KeyEncoder.AppendDouble(writer, value.AsDouble());
                break;
            case SqlKind.Text or SqlKind.Json:
                KeyEncoder.AppendBytes(writer, Utf8Text.Encode(value.AsText()));
                break;
            case SqlKind.Bytes:
                KeyEncoder.AppendBytes(writer, value.AsBytes());
                break;
            case SqlKind.Uuid:
                KeyEncoder.AppendGuid(writer, value.AsUuid());
                break;
            case SqlKind.Date:
                KeyEncoder.AppendInt32(writer, value.AsDate());
                break;
            case SqlKind.Time:
                KeyEncoder.AppendInt64(writer, value.AsTime());
                break;
            case SqlKind.Timestamp:
                KeyEncoder.AppendInt64(writer, value.AsTimestamp());
                break;
            default:
                KeyEncoder.AppendInt64(writer, value.AsTimestampTz());
                break;
        }
    }

    /// <summary>Reads one value of the column's type; of a decimal(p, s) with its scale. Malformed bytes fail the
    /// reader and give NULL.</summary>
    public static SqlValue Read(ref ByteReader reader, SqlType type)
    {
        if (!KeyDecoder.ReadPresent(ref reader) || reader.Failed)
        {
            return SqlValue.NullOf(type.Kind);
        }

        SqlValue value = ReadPresent(ref reader, type);
        return reader.Failed ? SqlValue.NullOf(type.Kind) : value;
    }

    private static SqlValue ReadPresent(ref ByteReader reader, SqlType type)
    {
        switch (type.Kind)
        {
            case SqlKind.Boolean:
                return SqlValue.FromBoolean(reader.ReadBoolean());
            case SqlKind.Int16:
                return SqlValue.FromInt16(KeyDecoder.ReadInt16(ref reader));
            case SqlKind.Int32:
                return SqlValue.FromInt32(KeyDecoder.ReadInt32(ref reader));
            case SqlKind.Int64:
                return SqlValue.FromInt64(KeyDecoder.ReadInt64(ref reader));
            case SqlKind.Decimal:
                return ReadDecimal(ref reader, type);
            case SqlKind.Real:
                return SqlValue.FromReal(KeyDecoder.ReadSingle(ref reader));
            case SqlKind.Double:
                return SqlValue.FromDouble(KeyDecoder.ReadDouble(ref reader));
            case SqlKind.Text:
                return SqlValue.FromText(Utf8Text.Decode(KeyDecoder.ReadBytes(ref reader)));
            case SqlKind.Json:
                return SqlValue.FromJson(Utf8Text.Decode(KeyDecoder.ReadBytes(ref reader)));
            case SqlKind.Bytes:
                return SqlValue.FromBytes(KeyDecoder.ReadBytes(ref reader));
            case SqlKind.Uuid:
                return SqlValue.FromUuid(KeyDecoder.ReadGuid(ref reader));
            default:
                return ReadTemporal(ref reader, type.Kind);
        }
    }

    private static SqlValue ReadTemporal(ref ByteReader reader, SqlKind kind)
    {
        long number = kind == SqlKind.Date ? KeyDecoder.ReadInt32(ref reader) : KeyDecoder.ReadInt64(ref reader);
        (long min, long max) = kind switch
        {
            SqlKind.Date => (TemporalText.MinDays, TemporalText.MaxDays),
            SqlKind.Time => (0, TemporalText.MicrosecondsPerDay - 1),
            _ => (TemporalText.MinMicroseconds, TemporalText.MaxMicroseconds),
        };
        if (number < min || number > max)
        {
            // Asking for more than any input holds is how a reader is told that its input is malformed.
            reader.ReadRaw(int.MaxValue);
            return SqlValue.Null;
        }

        return kind switch
        {
            SqlKind.Date => SqlValue.FromDate((int)number),
            SqlKind.Time => SqlValue.FromTime(number),
            SqlKind.Timestamp => SqlValue.FromTimestamp(number),
            SqlKind.Timestamptz => SqlValue.FromTimestampTz(number),
            _ => throw new InvalidOperationException("a key has no part of unknown type"),
        };
    }

    private static SqlValue ReadDecimal(ref ByteReader reader, SqlType type)
    {
        KeyDecoder.ReadDecimal(ref reader, out Int128 unscaled, out int scale);
        if (reader.Failed)
        {
            return SqlValue.Null;
        }

        var value = new Decimal38(unscaled, scale);
        return SqlValue.FromDecimal(scale < type.Scale ? value.Round(type.Scale) : value);
    }
}
