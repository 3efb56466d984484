using System;
using System.Globalization;
using System.IO;
using System.Text;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Data.Types;

/// <summary>
/// Strict conversions from a column's value: whole numbers among themselves where they fit, reals from exact numbers,
/// otherwise only what the column holds. Anything else is an InvalidCastException that names column and type.
/// </summary>
internal readonly struct ColumnReader(string name, SqlType type, SqlValue value)
{
    /// <summary>As an object of the column's CLR type; DBNull for NULL.</summary>
    public object ToObject() => value.IsNull
        ? DBNull.Value
        : value.Kind switch
        {
            SqlKind.Boolean => value.AsBoolean(),
            SqlKind.Int16 => value.AsInt16(),
            SqlKind.Int32 => value.AsInt32(),
            SqlKind.Int64 => value.AsInt64(),
            SqlKind.Decimal => ToDecimal(),
            SqlKind.Real => value.AsReal(),
            SqlKind.Double => value.AsDouble(),
            SqlKind.Text or SqlKind.Json => value.AsText(),
            SqlKind.Bytes => value.AsBytes(),
            SqlKind.Uuid => value.AsUuid(),
            SqlKind.Date or SqlKind.Timestamp => ToDateTime(),
            SqlKind.Time => ToTimeSpan(),
            SqlKind.Timestamptz => value.AsDateTimeOffset(),
            _ => throw Refused("Object"),
        };

    public bool ToBoolean() =>
        value is { IsNull: false, Kind: SqlKind.Boolean } ? value.AsBoolean() : throw Refused("Boolean");

    public byte ToByte() => checked((byte)ToInteger("Byte", byte.MinValue, byte.MaxValue));

    public short ToInt16() => (short)ToInteger("Int16", short.MinValue, short.MaxValue);

    public int ToInt32() => (int)ToInteger("Int32", int.MinValue, int.MaxValue);

    public long ToInt64() => ToInteger("Int64", long.MinValue, long.MaxValue);

    public long ToInteger(string target, long min, long max)
    {
        if (value.IsNull || value.Kind is not (SqlKind.Int16 or SqlKind.Int32 or SqlKind.Int64))
        {
            throw Refused(target);
        }

        long number = value.AsInt64();
        return number >= min && number <= max
            ? number
            : throw new OverflowException($"column '{name}' holds a number that does not fit {target}");
    }

    public decimal ToDecimal()
    {
        if (value.IsNull || value.Kind is not (SqlKind.Decimal or SqlKind.Int16 or SqlKind.Int32 or SqlKind.Int64))
        {
            throw Refused("Decimal");
        }

        return value.AsDecimal().TryToDecimal(out decimal number)
            ? number
            : throw new OverflowException(
                $"column '{name}' holds a decimal beyond System.Decimal; read it with GetFieldValue<Decimal38>");
    }

    public double ToDouble() => value.IsNull
        ? throw Refused("Double")
        : value.Kind switch
        {
            SqlKind.Double or SqlKind.Real => value.AsDouble(),
            SqlKind.Decimal => value.AsDecimal().ToDouble(),
            _ => throw Refused("Double"),
        };

    public float ToSingle() => value.IsNull
        ? throw Refused("Single")
        : value.Kind switch
        {
            SqlKind.Real => value.AsReal(),
            SqlKind.Decimal => (float)value.AsDecimal().ToDouble(),
            _ => throw Refused("Single"),
        };

    public string ToText() =>
        value is { IsNull: false, Kind: SqlKind.Text or SqlKind.Json } ? value.AsText() : throw Refused("String");

    public char ToChar() => ToText() is { Length: 1 } text ? text[0] : throw Refused("Char");

    public byte[] ToBytes() =>
        value is { IsNull: false, Kind: SqlKind.Bytes } ? value.AsBytes() : throw Refused("Byte[]");

    public Guid ToGuid() => value is { IsNull: false, Kind: SqlKind.Uuid } ? value.AsUuid() : throw Refused("Guid");

    public DateTime ToDateTime() => value.IsNull
        ? throw Refused("DateTime")
        : value.Kind switch
        {
            SqlKind.Timestamp => value.AsDateTime(),
            SqlKind.Date => value.AsDateOnly().ToDateTime(TimeOnly.MinValue),
            SqlKind.Timestamptz => value.AsDateTimeOffset().UtcDateTime,
            _ => throw Refused("DateTime"),
        };

    public DateTimeOffset ToDateTimeOffset() => value is { IsNull: false, Kind: SqlKind.Timestamptz }
        ? value.AsDateTimeOffset()
        : throw Refused("DateTimeOffset");

    public DateOnly ToDateOnly() =>
        value is { IsNull: false, Kind: SqlKind.Date } ? value.AsDateOnly() : throw Refused("DateOnly");

    public TimeOnly ToTimeOnly() =>
        value is { IsNull: false, Kind: SqlKind.Time } ? value.AsTimeOnly() : throw Refused("TimeOnly");

    public TimeSpan ToTimeSpan() => value is { IsNull: false, Kind: SqlKind.Time }
        ? value.AsTimeOnly().ToTimeSpan()
        : throw Refused("TimeSpan");

    public Decimal38 ToDecimal38() =>
        value is { IsNull: false, Kind: SqlKind.Decimal or SqlKind.Int16 or SqlKind.Int32 or SqlKind.Int64 }
            ? value.AsDecimal()
            : throw Refused("Decimal38");

    public MemoryStream ToStream() => new(ToBytes(), writable: false);

    public StringReader ToTextReader() => new(ToText());

    /// <summary>
    /// GetBytes: copies what fits from an offset, and only tells the length without a buffer. An offset behind the end
    /// copies nothing.
    /// </summary>
    public static long Copy<T>(ReadOnlySpan<T> source, long offset, T[]? buffer, int bufferOffset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, int.MaxValue);
        if (buffer is null)
        {
            return source.Length;
        }

        ArgumentOutOfRangeException.ThrowIfNegative(bufferOffset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bufferOffset, buffer.Length);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, buffer.Length - bufferOffset);
        if (offset >= source.Length)
        {
            return 0;
        }

        int count = Math.Min(length, source.Length - (int)offset);
        source.Slice((int)offset, count).CopyTo(buffer.AsSpan(bufferOffset));
        return count;
    }

    /// <summary>The error for a conversion that there is not.</summary>
    public InvalidCastException Refused(string target) => new(value.IsNull
        ? $"column '{name}' is {TypeName(type)} / NULL; it cannot be read as {target}"
        : $"column '{name}' is {TypeName(type)}; it cannot be read as {target}");

    /// <summary>A type as errors and GetDataTypeName show it.</summary>
    public static string TypeName(SqlType type) => type.ToString().ToUpperInvariant();
}
