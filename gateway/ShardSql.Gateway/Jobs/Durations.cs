using System;
using System.Globalization;

using ShardSql.Sql;

namespace ShardSql.Gateway.Jobs;

/// <summary>Lengths of time as statements write them: a number and its unit (sql.md §2, R4).</summary>
internal static class Durations
{
    /// <summary>A rate: as many bytes as can be, whatever else there is to do.</summary>
    public const long UnlimitedRate = long.MaxValue;

    /// <summary>How it is written.</summary>
    public const string UnlimitedText = "unlimited";

    /// <summary>How the rate 0 is written: most of the time is left to statements.</summary>
    public const string AutoText = "auto";

    /// <summary>'250ms', '30s', '5m', '1h'; 22023 for anything else.</summary>
    public static TimeSpan Parse(string text)
    {
        string trimmed = text.Trim();
        (string unit, double milliseconds)[] units = [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000)];
        foreach ((string unit, double milliseconds) in units)
        {
            if (trimmed.EndsWith(unit, StringComparison.OrdinalIgnoreCase)
                && double.TryParse(
                    trimmed.AsSpan(0, trimmed.Length - unit.Length).TrimEnd(),
                    NumberStyles.AllowDecimalPoint,
                    CultureInfo.InvariantCulture,
                    out double number)
                && number * milliseconds <= TimeSpan.FromDays(1).TotalMilliseconds)
            {
                return TimeSpan.FromMilliseconds(number * milliseconds);
            }
        }

        throw new SqlException(SqlStates.InvalidParameterValue, $"\"{text}\" is no length of time")
        {
            Hint = "Write a number and its unit, up to a day: '250ms', '30s', '5m', '1h'.",
        };
    }

    /// <summary>Bytes in a second as statements write them.</summary>
    public static string RateText(long bytes)
    {
        if (bytes is 0 or UnlimitedRate)
        {
            return bytes == 0 ? AutoText : UnlimitedText;
        }

        (string unit, long each)[] units = [("GB/s", 1_000_000_000), ("MB/s", 1_000_000), ("kB/s", 1_000)];
        foreach ((string unit, long each) in units)
        {
            if (bytes % each == 0)
            {
                return string.Create(CultureInfo.InvariantCulture, $"{bytes / each}{unit}");
            }
        }

        return string.Create(CultureInfo.InvariantCulture, $"{bytes}B/s");
    }
}
