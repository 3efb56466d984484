using System;
using System.Globalization;

using ShardSql.Primitives;
using ShardSql.Sql;
using ShardSql.Sql.Values;
using ShardSql.Transactions;

namespace ShardSql.Gateway.Stamps;

/// <summary>
/// The time of AS OF: '-5s', '-250ms', '-1m', or a time as text. The snapshot is the last grid point at or before it,
/// which every writer with a larger stamp comes after (commit.md §2), so that its reads need no validation.
/// </summary>
internal static class PastTime
{
    private const long MicrosecondsPerMs = 1_000;

    private static readonly (string Unit, long Ms)[] s_units = [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000)];

    /// <summary>The snapshot of a time.</summary>
    /// <exception cref="SqlException">22023: the text is no time, or one in the future.</exception>
    public static HlcTimestamp SnapshotAt(string text, long nowMs)
    {
        long thenMs = text.StartsWith('-') ? nowMs - AgeMs(text) : TimeMs(text);
        if (thenMs > nowMs)
        {
            throw Invalid(text, "lies in the future");
        }

        return HlcTimestamp.FromPhysicalMs(thenMs / ShardMachine.SnapshotGridMs * ShardMachine.SnapshotGridMs);
    }

    private static long AgeMs(string text)
    {
        int digits = 1;
        while (digits < text.Length && char.IsAsciiDigit(text[digits]))
        {
            digits++;
        }

        foreach ((string unit, long ms) in s_units)
        {
            if (text.AsSpan(digits).SequenceEqual(unit)
                && uint.TryParse(text.AsSpan(1, digits - 1), NumberStyles.None, CultureInfo.InvariantCulture, out uint count))
            {
                return count * ms;
            }
        }

        throw Invalid(text, "is no time");
    }

    private static long TimeMs(string text)
    {
        try
        {
            return SqlCast.To(SqlValue.FromText(text), SqlType.TimestampTz, isExplicit: true).AsTimestampTz() / MicrosecondsPerMs;
        }
        catch (SqlException unreadable)
        {
            throw Invalid(text, $"is no time: {unreadable.Message}");
        }
    }

    private static SqlException Invalid(string text, string why) =>
        new(SqlStates.InvalidParameterValue, $"AS OF '{text}' {why}")
        {
            Hint = "Write an age like '-5s', '-250ms' or '-1m', or a time like '2026-01-31 12:00:00+00'.",
        };
}
