using System;
using System.Globalization;

using ShardSql.Sql;

namespace ShardSql.Planning;

/// <summary>Lengths of time as statements write them: a number and its unit (sql.md §2, R4).</summary>
public static class Durations
{
    /// <summary>A rate: as many bytes as can be, whatever else there is to do.</summary>
    public const long UnlimitedRate = long.MaxValue;

    private const double MaxRate = 1e12;

    /// <summary>How it is written.</summary>
    public const string UnlimitedText = "unlimited";

    /// <summary>How the rate 0 is written: most of the time is left to statements.</summary>
    public const string AutoText = "auto";

    private static readonly (string Unit, long Each)[] s_times = [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000)];

    // From the largest on, so that a rate is written by the largest unit that it is a multiple of.
    private static readonly (string Unit, long Each)[] s_rates =
        [("GB/s", 1_000_000_000), ("MB/s", 1_000_000), ("kB/s", 1_000), ("B/s", 1)];

    /// <summary>'250ms', '30s', '5m', '1h'; 22023 for anything else.</summary>
    public static TimeSpan Parse(string text)
    {
        if (Read(text, s_times) is { } milliseconds && milliseconds <= TimeSpan.FromDays(1).TotalMilliseconds)
        {
            return TimeSpan.FromMilliseconds(milliseconds);
        }

        throw new SqlException(SqlStates.InvalidParameterValue, $"\"{text}\" is no length of time")
        {
            Hint = "Write a number and its unit, up to a day: '250ms', '30s', '5m', '1h'.",
        };
    }

    /// <summary>Bytes in a second: '20MB/s', 'auto', 'unlimited'; null for anything else.</summary>
    public static long? TryParseRate(string text) => text switch
    {
        UnlimitedText => UnlimitedRate,
        AutoText => 0,
        _ => Read(text, s_rates) is { } rate and >= 1 and <= MaxRate ? (long)rate : null,
    };

    /// <summary>Bytes in a second as statements write them.</summary>
    public static string RateText(long bytes)
    {
        if (bytes is 0 or UnlimitedRate)
        {
            return bytes == 0 ? AutoText : UnlimitedText;
        }

        (string unit, long each) = Array.Find(s_rates, rate => bytes % rate.Each == 0);
        return string.Create(CultureInfo.InvariantCulture, $"{bytes / each}{unit}");
    }

    /// <summary>A number and its unit; null for anything else.</summary>
    private static double? Read(string text, (string Unit, long Each)[] units)
    {
        ReadOnlySpan<char> trimmed = text.AsSpan().Trim();
        foreach ((string unit, long each) in units)
        {
            if (trimmed.EndsWith(unit, StringComparison.OrdinalIgnoreCase)
                && double.TryParse(
                    trimmed[..^unit.Length].TrimEnd(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number))
            {
                return number * each;
            }
        }

        return null;
    }
}
