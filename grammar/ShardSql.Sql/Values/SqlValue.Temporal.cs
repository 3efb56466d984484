using System;
using ShardSql.Sql.Tree;

namespace ShardSql.Sql.Values;

/// <content>Dates, times and points in time, with the .NET types that hold them.</content>
public readonly partial struct SqlValue
{
    private const int TicksPerMicrosecond = 10;

    /// <summary>A date: days since 1970-01-01; 22008 outside of the years 1 to 9999.</summary>
    public static SqlValue FromDate(int days) => days is >= TemporalText.MinDays and <= TemporalText.MaxDays
        ? new SqlValue(SqlKind.Date, (ulong)(long)days)
        : throw TemporalText.OutOfRange(SqlType.Date);

    /// <summary>A time: microseconds since midnight; 22008 outside of a day.</summary>
    public static SqlValue FromTime(long microseconds) =>
        microseconds is >= 0 and < TemporalText.MicrosecondsPerDay
            ? new SqlValue(SqlKind.Time, (ulong)microseconds)
            : throw TemporalText.OutOfRange(SqlType.Time);

    /// <summary>A timestamp: microseconds since 1970; 22008 outside of the years 1 to 9999.</summary>
    public static SqlValue FromTimestamp(long microseconds) =>
        microseconds is >= TemporalText.MinMicroseconds and <= TemporalText.MaxMicroseconds
            ? new SqlValue(SqlKind.Timestamp, (ulong)microseconds)
            : throw TemporalText.OutOfRange(SqlType.Timestamp);

    /// <summary>A timestamptz: microseconds since 1970 in UTC; 22008 outside of the years 1 to 9999.</summary>
    public static SqlValue FromTimestampTz(long microseconds) =>
        microseconds is >= TemporalText.MinMicroseconds and <= TemporalText.MaxMicroseconds
            ? new SqlValue(SqlKind.Timestamptz, (ulong)microseconds)
            : throw TemporalText.OutOfRange(SqlType.TimestampTz);

    /// <summary>A date.</summary>
    public static SqlValue FromDate(DateOnly value) => FromDate(value.DayNumber - TemporalText.EpochDayNumber);

    /// <summary>A time, cut to microseconds.</summary>
    public static SqlValue FromTime(TimeOnly value) => FromTime(value.Ticks / TicksPerMicrosecond);

    /// <summary>A timestamp with the digits that the value shows, whatever its kind; cut to microseconds.</summary>
    public static SqlValue FromTimestamp(DateTime value) =>
        FromTimestamp((value.Ticks / TicksPerMicrosecond) - TemporalText.EpochMicroseconds);

    /// <summary>A timestamptz, cut to microseconds.</summary>
    public static SqlValue FromTimestampTz(DateTimeOffset value) =>
        FromTimestampTz((value.UtcTicks / TicksPerMicrosecond) - TemporalText.EpochMicroseconds);

    /// <summary>Days since 1970-01-01.</summary>
    public int AsDate() => (int)Integer(SqlKind.Date);

    /// <summary>Microseconds since midnight.</summary>
    public long AsTime() => Integer(SqlKind.Time);

    /// <summary>Microseconds since 1970.</summary>
    public long AsTimestamp() => Integer(SqlKind.Timestamp);

    /// <summary>Microseconds since 1970, UTC.</summary>
    public long AsTimestampTz() => Integer(SqlKind.Timestamptz);

    /// <summary>As a DateOnly.</summary>
    public DateOnly AsDateOnly() => DateOnly.FromDayNumber(AsDate() + TemporalText.EpochDayNumber);

    /// <summary>As a TimeOnly.</summary>
    public TimeOnly AsTimeOnly() => new(AsTime() * TicksPerMicrosecond);

    /// <summary>A timestamp as a DateTime of no kind.</summary>
    public DateTime AsDateTime() => new((AsTimestamp() + TemporalText.EpochMicroseconds) * TicksPerMicrosecond);

    /// <summary>A timestamptz as a DateTimeOffset in UTC.</summary>
    public DateTimeOffset AsDateTimeOffset() => new(
        (AsTimestampTz() + TemporalText.EpochMicroseconds) * TicksPerMicrosecond, TimeSpan.Zero);
}
