using System;
using System.Globalization;

namespace ShardSql.Sql.Values;

/// <summary>Dates and times as text: ISO 8601 as PostgreSQL writes it, read with a space or a T, with or without a
/// fraction and an offset. No clock, no culture, no time zone database.</summary>
internal static class TemporalText
{
    public const int EpochDayNumber = 719162;
    public const int MinDays = -EpochDayNumber;
    public const int MaxDays = 2932896;
    public const long MicrosecondsPerSecond = 1_000_000;
    public const long MicrosecondsPerDay = 86_400 * MicrosecondsPerSecond;
    public const long EpochMicroseconds = EpochDayNumber * MicrosecondsPerDay;
    public const long MinMicroseconds = MinDays * MicrosecondsPerDay;
    public const long MaxMicroseconds = ((MaxDays + 1L) * MicrosecondsPerDay) - 1;

    private const int MaxOffsetHours = 15;

    public static SqlException OutOfRange(SqlType type) =>
        new(SqlStates.DateTimeOverflow, $"{type} out of range: years go from 1 to 9999");

    public static SqlException Invalid(SqlType type, ReadOnlySpan<char> text) =>
        new(SqlStates.InvalidDateTime, $"invalid input syntax for type {type}: \"{Excerpt.Of(text)}\"");

    public static string FormatDate(int days) =>
        DateOnly.FromDayNumber(days + EpochDayNumber).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    public static string FormatTime(long microseconds)
    {
        long seconds = Math.DivRem(microseconds, MicrosecondsPerSecond, out long fraction);
        string whole = string.Create(
            CultureInfo.InvariantCulture, $"{seconds / 3600:00}:{seconds / 60 % 60:00}:{seconds % 60:00}");
        return fraction == 0
            ? whole
            : whole + "." + fraction.ToString("000000", CultureInfo.InvariantCulture).TrimEnd('0');
    }

    public static string FormatTimestamp(long microseconds)
    {
        (int days, long time) = Split(microseconds);
        return FormatDate(days) + " " + FormatTime(time);
    }

    /// <summary>Days and microseconds of the day, the latter never negative.</summary>
    public static (int Days, long Time) Split(long microseconds)
    {
        long days = microseconds / MicrosecondsPerDay;
        long time = microseconds % MicrosecondsPerDay;
        return time < 0 ? ((int)days - 1, time + MicrosecondsPerDay) : ((int)days, time);
    }

    /// <summary>Reads a date; what follows it as a time of day is checked and dropped, as PostgreSQL does.</summary>
    public static int ParseDate(ReadOnlySpan<char> text) =>
        TryParseTimestamp(text.Trim(), out long local, out _) ? Split(local).Days : throw Invalid(SqlType.Date, text);

    public static long ParseTime(ReadOnlySpan<char> text)
    {
        ReadOnlySpan<char> rest = text.Trim();
        return TryTakeTime(ref rest, out long time) && rest.IsEmpty && time < MicrosecondsPerDay
            ? time
            : throw Invalid(SqlType.Time, text);
    }

    /// <summary>Reads a timestamp; an offset is checked and dropped, as PostgreSQL does.</summary>
    public static long ParseTimestamp(ReadOnlySpan<char> text) =>
        TryParseTimestamp(text.Trim(), out long local, out _) ? local : throw Invalid(SqlType.Timestamp, text);

    /// <summary>Reads a point in time; without an offset it is UTC, the time zone of every session.</summary>
    public static long ParseTimestampTz(ReadOnlySpan<char> text)
    {
        if (!TryParseTimestamp(text.Trim(), out long local, out int offsetSeconds))
        {
            throw Invalid(SqlType.TimestampTz, text);
        }

        long utc = local - (offsetSeconds * MicrosecondsPerSecond);
        return utc is >= MinMicroseconds and <= MaxMicroseconds ? utc : throw OutOfRange(SqlType.TimestampTz);
    }

    private static bool TryParseTimestamp(ReadOnlySpan<char> rest, out long local, out int offsetSeconds)
    {
        local = 0;
        offsetSeconds = 0;
        if (!TryTakeDate(ref rest, out int days))
        {
            return false;
        }

        local = days * MicrosecondsPerDay;
        if (rest.IsEmpty)
        {
            return true;
        }

        if (rest[0] is 'T' or 't' or ' ')
        {
            rest = rest[1..].TrimStart();
        }
        else
        {
            return false;
        }

        if (!TryTakeTime(ref rest, out long time))
        {
            return false;
        }

        local += time;
        rest = rest.TrimStart();
        return TryTakeOffset(ref rest, out offsetSeconds) && rest.IsEmpty && local <= MaxMicroseconds;
    }

    private static bool TryTakeDate(ref ReadOnlySpan<char> rest, out int days)
    {
        days = 0;
        if (!TryTakeNumber(ref rest, 4, 4, out int year) || !TryTake(ref rest, '-')
            || !TryTakeNumber(ref rest, 1, 2, out int month) || !TryTake(ref rest, '-')
            || !TryTakeNumber(ref rest, 1, 2, out int day))
        {
            return false;
        }

        if (year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month))
        {
            return false;
        }

        days = new DateOnly(year, month, day).DayNumber - EpochDayNumber;
        return true;
    }

    private static bool TryTakeTime(ref ReadOnlySpan<char> rest, out long time)
    {
        time = 0;
        if (!TryTakeNumber(ref rest, 1, 2, out int hour) || !TryTake(ref rest, ':')
            || !TryTakeNumber(ref rest, 2, 2, out int minute))
        {
            return false;
        }

        int second = 0;
        long fraction = 0;
        if (TryTake(ref rest, ':'))
        {
            if (!TryTakeNumber(ref rest, 2, 2, out second))
            {
                return false;
            }

            if (TryTake(ref rest, '.') && !TryTakeFraction(ref rest, out fraction))
            {
                return false;
            }
        }

        time = ((((hour * 60L) + minute) * 60) + second) * MicrosecondsPerSecond;
        time += fraction;
        return hour < 24 && minute < 60 && second < 60;
    }

    private static bool TryTakeFraction(ref ReadOnlySpan<char> rest, out long microseconds)
    {
        microseconds = 0;
        int count = 0;
        for (; count < rest.Length && char.IsAsciiDigit(rest[count]); count++)
        {
            if (count < 6)
            {
                microseconds = (microseconds * 10) + (rest[count] - '0');
            }
        }

        for (int i = count; i < 6; i++)
        {
            microseconds *= 10;
        }

        if (count > 6 && rest[6] >= '5')
        {
            microseconds++;
        }

        rest = rest[count..];
        return count > 0;
    }

    private static bool TryTakeOffset(ref ReadOnlySpan<char> rest, out int seconds)
    {
        seconds = 0;
        if (rest.IsEmpty)
        {
            return true;
        }

        if (TryTake(ref rest, 'Z') || TryTake(ref rest, 'z'))
        {
            return true;
        }

        if (rest.Equals("UTC", StringComparison.OrdinalIgnoreCase))
        {
            rest = default;
            return true;
        }

        int sign = rest[0] == '-' ? -1 : 1;
        if (rest[0] is not ('+' or '-'))
        {
            return false;
        }

        rest = rest[1..];
        if (!TryTakeNumber(ref rest, 2, 2, out int hours))
        {
            return false;
        }

        int minutes = 0;
        _ = TryTake(ref rest, ':');
        if (!rest.IsEmpty && !TryTakeNumber(ref rest, 2, 2, out minutes))
        {
            return false;
        }

        seconds = sign * ((hours * 3600) + (minutes * 60));
        return hours <= MaxOffsetHours && minutes < 60;
    }

    private static bool TryTake(ref ReadOnlySpan<char> rest, char expected)
    {
        if (rest.IsEmpty || rest[0] != expected)
        {
            return false;
        }

        rest = rest[1..];
        return true;
    }

    private static bool TryTakeNumber(ref ReadOnlySpan<char> rest, int minDigits, int maxDigits, out int number)
    {
        number = 0;
        int count = 0;
        while (count < maxDigits && count < rest.Length && char.IsAsciiDigit(rest[count]))
        {
            number = (number * 10) + (rest[count] - '0');
            count++;
        }

        rest = rest[count..];
        return count >= minDigits;
    }
}
