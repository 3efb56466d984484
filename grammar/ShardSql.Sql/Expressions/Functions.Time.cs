using System;
using System.Collections.Generic;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Sql.Expressions;

/// <content>Functions of dates and times. The session's time zone is UTC.</content>
internal static partial class Functions
{
    private const int DaysToMonday = 3; // 1970-01-01 was a Thursday

    private static IEnumerable<Function> TimeFunctions()
    {
        yield return new Function("date_part", 2, 2, PartType, a => Part(a[0].AsText(), a[1]));
        yield return new Function("extract", 2, 2, ExtractType, a => Extract(a[0].AsText(), a[1]));
        yield return new Function("date_trunc", 2, 2, TruncType, a => Trunc(a[0].AsText(), a[1]));
    }

    private static SqlType? PartType(Node[] arguments)
    {
        arguments[0] = Coercion.To(arguments[0], SqlType.Text, CastContext.Implicit);
        if (arguments[1].IsUntyped)
        {
            arguments[1] = Coercion.To(arguments[1], SqlType.Timestamp, CastContext.Implicit);
        }

        return arguments[1].Type.IsTemporal ? SqlType.Double : null;
    }

    private static SqlType? ExtractType(Node[] arguments) =>
        PartType(arguments) is null ? null : SqlType.Decimal;

    private static SqlType? TruncType(Node[] arguments)
    {
        arguments[0] = Coercion.To(arguments[0], SqlType.Text, CastContext.Implicit);
        if (arguments[1].IsUntyped || arguments[1].Type.Kind == SqlKind.Date)
        {
            arguments[1] = Coercion.To(arguments[1], SqlType.Timestamp, CastContext.Implicit);
        }

        return arguments[1].Type.Kind is SqlKind.Timestamp or SqlKind.Timestamptz ? arguments[1].Type : null;
    }

    private static SqlValue Part(string field, SqlValue value)
    {
        (long units, int scale) = PartOf(field, value);
        return SqlValue.FromDouble(units / Math.Pow(10, scale));
    }

    /// <summary>As <see cref="Part"/>, exactly; a date has no time of day to take a part of.</summary>
    private static SqlValue Extract(string field, SqlValue value)
    {
        (long units, int scale) = PartOf(field, value);
        bool isOfTime = field.ToLowerInvariant() is "hour" or "minute" or "second" or "milliseconds" or "microseconds";
        if (isOfTime && value.Kind == SqlKind.Date)
        {
            throw new SqlException(
                SqlStates.FeatureNotSupported, $"unit \"{field}\" not supported for type date")
            {
                Hint = "CAST the date AS timestamp.",
            };
        }

        return SqlValue.FromDecimal(scale > 0 && value.Kind == SqlKind.Date
            ? new Decimal38(units / TemporalText.MicrosecondsPerSecond, 0)
            : new Decimal38(units, scale));
    }

    /// <summary>A part as a whole number of units, and the decimal digits of a unit.</summary>
    private static (long Units, int Scale) PartOf(string field, SqlValue value)
    {
        long microseconds = Microseconds(value);
        (int days, long time) = TemporalText.Split(microseconds);
        var date = DateOnly.FromDayNumber(days + TemporalText.EpochDayNumber);
        const long Minute = 60 * TemporalText.MicrosecondsPerSecond;
        long part = field.ToLowerInvariant() switch
        {
            "epoch" => microseconds,
            "hour" => time / (60 * Minute),
            "minute" => time / Minute % 60,
            "second" or "milliseconds" or "microseconds" => time % Minute,
            _ when value.Kind == SqlKind.Time => throw UnknownField(field),
            "year" => date.Year,
            "quarter" => ((date.Month - 1) / 3) + 1,
            "month" => date.Month,
            "day" => date.Day,
            "dow" => (int)date.DayOfWeek,
            "isodow" => Floored(days + DaysToMonday) + 1,
            "doy" => date.DayOfYear,
            "week" => System.Globalization.ISOWeek.GetWeekOfYear(date.ToDateTime(TimeOnly.MinValue)),
            _ => throw UnknownField(field),
        };
        return (part, field.ToLowerInvariant() switch
        {
            "epoch" or "second" => 6,
            "milliseconds" => 3,
            _ => 0,
        });
    }

    private static SqlValue Trunc(string field, SqlValue value)
    {
        long microseconds = Microseconds(value);
        (int days, long time) = TemporalText.Split(microseconds);
        var date = DateOnly.FromDayNumber(days + TemporalText.EpochDayNumber);
        long cut = field.ToLowerInvariant() switch
        {
            "microseconds" => microseconds,
            "milliseconds" => microseconds - (time % 1000),
            "second" => microseconds - (time % TemporalText.MicrosecondsPerSecond),
            "minute" => microseconds - (time % (60 * TemporalText.MicrosecondsPerSecond)),
            "hour" => microseconds - (time % (3600 * TemporalText.MicrosecondsPerSecond)),
            "day" => microseconds - time,
            "week" => (days - Floored(days + DaysToMonday)) * TemporalText.MicrosecondsPerDay,
            "month" => Start(date.Year, date.Month),
            "quarter" => Start(date.Year, ((date.Month - 1) / 3 * 3) + 1),
            "year" => Start(date.Year, 1),
            _ => throw UnknownField(field),
        };
        return value.Kind == SqlKind.Timestamp ? SqlValue.FromTimestamp(cut) : SqlValue.FromTimestampTz(cut);
    }

    private static int Floored(int days) => ((days % 7) + 7) % 7;

    private static long Start(int year, int month) =>
        (new DateOnly(year, month, 1).DayNumber - TemporalText.EpochDayNumber) * TemporalText.MicrosecondsPerDay;

    private static long Microseconds(SqlValue value) => value.Kind switch
    {
        SqlKind.Date => value.AsDate() * TemporalText.MicrosecondsPerDay,
        SqlKind.Time => value.AsTime(),
        SqlKind.Timestamp => value.AsTimestamp(),
        _ => value.AsTimestampTz(),
    };

    private static SqlException UnknownField(string field) => new(
        SqlStates.InvalidParameterValue, $"unit \"{Excerpt.Of(field)}\" is not known")
    {
        Hint = "Units are year, quarter, month, week, day, hour, minute, second, milliseconds, microseconds, epoch.",
    };
}
