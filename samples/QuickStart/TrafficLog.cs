using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;

namespace ShardSql.QuickStart;

/// <summary>A transfer that the database has acknowledged, and when it began and ended by Stopwatch.</summary>
internal readonly record struct Acknowledged(Transfer Transfer, long Begun, long Ended);

/// <summary>What clients saw.</summary>
internal sealed record TrafficLog(
    IReadOnlyList<Acknowledged> Acknowledged, int Refused, int Unknown, TimeSpan Duration)
{
    /// <summary>Acknowledged transfers per second.</summary>
    public double PerSecond => Acknowledged.Count / Duration.TotalSeconds;

    /// <summary>All clients' logs as one.</summary>
    public static TrafficLog Merge(IReadOnlyCollection<TrafficLog> logs, TimeSpan duration) => new(
        [.. logs.SelectMany(log => log.Acknowledged)],
        logs.Sum(log => log.Refused),
        logs.Sum(log => log.Unknown),
        duration);

    /// <summary>The time that this share of the transfers did not exceed, ms.</summary>
    public double PercentileMs(double share)
    {
        double[] times =
            [.. Acknowledged.Select(one => Stopwatch.GetElapsedTime(one.Begun, one.Ended).TotalMilliseconds).Order()];
        return times.Length == 0 ? 0 : times[(int)(share * (times.Length - 1))];
    }

    /// <summary>
    /// Time from a moment to the first acknowledgement of a matching transfer that began at another or later; null: none
    /// was.
    /// </summary>
    public double? FirstAfterMs(long moment, long begunFrom, Func<Transfer, bool> matches)
    {
        long[] ends = [.. Acknowledged
            .Where(one => one.Begun >= begunFrom && matches(one.Transfer))
            .Select(one => one.Ended)];
        return ends.Length == 0 ? null : Stopwatch.GetElapsedTime(moment, ends.Min()).TotalMilliseconds;
    }
}
