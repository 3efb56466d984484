using System;
using System.Data;
using System.Globalization;
using ShardSql.Sql;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Data.Types;

/// <summary>
/// A parameter's CLR value as a SQL value. With no DbType set the type follows from the value; with one, the value is
/// converted to it where nothing is lost. Errors name the parameter and never show its value.
/// </summary>
internal static class ParameterEncoder
{
    /// <summary>The value to send.</summary>
    public static SqlValue Encode(ShardSqlParameter parameter)
    {
        object value = parameter.Value ?? throw new InvalidOperationException(
            $"Parameter '@{parameter.BareName}' has no value; set Value, or DBNull.Value for NULL.");
        try
        {
            return value is DBNull
                ? SqlValue.NullOf(KindOfNull(parameter))
                : Encode(Unwrap(value), parameter);
        }
        catch (SqlException error)
        {
            throw ErrorFactory.FromParser(error);
        }
    }

    private static SqlKind KindOfNull(ShardSqlParameter parameter) =>
        parameter.ExplicitDbType is { } type ? DbTypes.ToKind(type, parameter) : SqlKind.Null;

    /// <summary>Enumerations and wrappers as what they stand for.</summary>
    private static object Unwrap(object value) => value switch
    {
        Enum member => Convert.ChangeType(value, member.GetTypeCode(), CultureInfo.InvariantCulture),
        char character => character.ToString(),
        char[] text => new string(text),
        ReadOnlyMemory<byte> memory => memory.ToArray(),
        Memory<byte> memory => memory.ToArray(),
        ArraySegment<byte> segment => segment.ToArray(),
        _ => value,
    };

    private static SqlValue Encode(object value, ShardSqlParameter parameter)
    {
        DbType? type = parameter.ExplicitDbType;
        return type is null or DbType.Object
            ? Infer(value, parameter)
            : DbTypes.ToKind(type.Value, parameter) switch
            {
                SqlKind.Boolean when value is bool flag => SqlValue.FromBoolean(flag),
                SqlKind.Int16 when IsInteger(value) => SqlValue.FromInt16(Checked<short>(value, parameter)),
                SqlKind.Int32 when IsInteger(value) => SqlValue.FromInt32(Checked<int>(value, parameter)),
                SqlKind.Int64 when IsInteger(value) => SqlValue.FromInt64(Checked<long>(value, parameter)),
                SqlKind.Decimal when IsExact(value) => SqlValue.FromDecimal(ToDecimal(value)),
                SqlKind.Real when IsNumber(value) =>
                    SqlValue.FromReal(Convert.ToSingle(value, CultureInfo.InvariantCulture)),
                SqlKind.Double when IsNumber(value) =>
                    SqlValue.FromDouble(Convert.ToDouble(value, CultureInfo.InvariantCulture)),
                SqlKind.Text when value is string text => SqlValue.FromText(Cut(text, parameter)),
                SqlKind.Bytes when value is byte[] bytes => SqlValue.FromBytes(Cut(bytes, parameter)),
                SqlKind.Uuid when value is Guid id => SqlValue.FromUuid(id),
                SqlKind.Date or SqlKind.Time or SqlKind.Timestamp or SqlKind.Timestamptz =>
                    EncodeTemporal(value, DbTypes.ToKind(type.Value, parameter), parameter),

                // A DbType that does not go with the value says less than the value itself: an int sent as String by
                // a caller who never set a type must not become text.
                SqlKind.Text => Infer(value, parameter),
                _ => throw Mismatch(value, parameter),
            };
    }

    private static SqlValue Infer(object value, ShardSqlParameter parameter) => value switch
    {
        bool flag => SqlValue.FromBoolean(flag),
        sbyte number => SqlValue.FromInt16(number),
        byte number => SqlValue.FromInt16(number),
        short number => SqlValue.FromInt16(number),
        ushort number => SqlValue.FromInt32(number),
        int number => SqlValue.FromInt32(number),
        uint number => SqlValue.FromInt64(number),
        long number => SqlValue.FromInt64(number),
        ulong => SqlValue.FromInt64(Checked<long>(value, parameter)),
        decimal number => SqlValue.FromDecimal(number),
        float number => SqlValue.FromReal(number),
        double number => SqlValue.FromDouble(number),
        string text => SqlValue.FromText(Cut(text, parameter)),
        byte[] bytes => SqlValue.FromBytes(Cut(bytes, parameter)),
        Guid id => SqlValue.FromUuid(id),
        DateOnly date => SqlValue.FromDate(date),
        TimeOnly time => SqlValue.FromTime(time),
        TimeSpan => EncodeTemporal(value, SqlKind.Time, parameter),

        // A point in time keeps its meaning, a mere clock reading keeps its digits.
        DateTime { Kind: DateTimeKind.Utc } time => SqlValue.FromTimestampTz(new DateTimeOffset(time)),
        DateTime time => SqlValue.FromTimestamp(time),
        DateTimeOffset time => SqlValue.FromTimestampTz(time),
        _ => throw new NotSupportedException(
            $"Parameter '@{parameter.BareName}' has a value of type {value.GetType()}, which has no SQL type."),
    };

    private static SqlValue EncodeTemporal(object value, SqlKind kind, ShardSqlParameter parameter) =>
        (kind, value) switch
        {
            (SqlKind.Date, DateOnly date) => SqlValue.FromDate(date),
            (SqlKind.Date, DateTime time) => SqlValue.FromDate(DateOnly.FromDateTime(time)),
            (SqlKind.Time, TimeOnly time) => SqlValue.FromTime(time),
            (SqlKind.Time, TimeSpan time) when time >= TimeSpan.Zero && time < TimeSpan.FromDays(1) =>
                SqlValue.FromTime(TimeOnly.FromTimeSpan(time)),
            (SqlKind.Time, TimeSpan) => throw new OverflowException(
                $"Parameter '@{parameter.BareName}' is no time of day: a time is from 00:00:00 to 23:59:59.999999."),
            (SqlKind.Time, DateTime time) => SqlValue.FromTime(TimeOnly.FromDateTime(time)),
            (SqlKind.Timestamp, DateTime time) => SqlValue.FromTimestamp(time),
            (SqlKind.Timestamp, DateOnly date) => SqlValue.FromTimestamp(date.ToDateTime(TimeOnly.MinValue)),
            (SqlKind.Timestamp, DateTimeOffset time) => SqlValue.FromTimestampTz(time),
            (SqlKind.Timestamptz, DateTimeOffset time) => SqlValue.FromTimestampTz(time),
            (SqlKind.Timestamptz, DateTime { Kind: not DateTimeKind.Unspecified } time) =>
                SqlValue.FromTimestampTz(new DateTimeOffset(time)),
            (_, string text) => SqlValue.FromText(text),
            _ => throw Mismatch(value, parameter),
        };

    private static bool IsInteger(object value) =>
        value is sbyte or byte or short or ushort or int or uint or long or ulong or bool;

    private static bool IsExact(object value) => value is decimal || (IsInteger(value) && value is not bool);

    private static bool IsNumber(object value) => IsExact(value) || value is float or double;

    private static Decimal38 ToDecimal(object value) => value is ulong big
        ? new Decimal38(big, 0)
        : Decimal38.FromDecimal(Convert.ToDecimal(value, CultureInfo.InvariantCulture));

    private static T Checked<T>(object value, ShardSqlParameter parameter)
        where T : struct
    {
        try
        {
            return (T)Convert.ChangeType(value, typeof(T), CultureInfo.InvariantCulture);
        }
        catch (OverflowException error)
        {
            throw new OverflowException(
                $"Parameter '@{parameter.BareName}' of type {value.GetType()} does not fit {typeof(T).Name}.", error);
        }
    }

    /// <summary>ADO.NET's rule: an explicit Size smaller than the value sends only so much of it.</summary>
    private static string Cut(string text, ShardSqlParameter parameter) =>
        parameter.Size > 0 && text.Length > parameter.Size ? text[..parameter.Size] : text;

    private static byte[] Cut(byte[] bytes, ShardSqlParameter parameter) =>
        parameter.Size > 0 && bytes.Length > parameter.Size ? bytes[..parameter.Size] : bytes;

    private static NotSupportedException Mismatch(object value, ShardSqlParameter parameter) => new(
        $"Parameter '@{parameter.BareName}' has a value of type {value.GetType()}, "
        + $"which DbType.{parameter.DbType} does not take.");
}
