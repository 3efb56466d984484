using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading.Tasks;

namespace ShardSql.Bank;

/// <summary>What clients saw between two moments.</summary>
internal sealed class Window
{
    private readonly List<double> _times;

    public Window(IEnumerable<Seen> all, long from, long to, string[] places)
    {
        List<Seen> seen = [.. all.Where(one => one.Ended >= from && one.Ended < to)];
        List<Seen> done = [.. seen.Where(static one => one.IsOk)];
        PerSecond = done.Count / Stopwatch.GetElapsedTime(from, to).TotalSeconds;
        CrossShard = done.Count(one => places[one.Wish.Customer] != places[one.Wish.Other]) / (double)Math.Max(1, done.Count);
        Errors = seen.Count - done.Count;
        _times = [.. done.Select(static one => one.Ms).Order()];
    }

    /// <summary>Lets a time pass; when it began and ended.</summary>
    public static async Task<(long From, long To)> MeasureAsync(TimeSpan time)
    {
        long from = Stopwatch.GetTimestamp();
        await Task.Delay(time);
        return (from, Stopwatch.GetTimestamp());
    }

    public double PerSecond { get; }

    /// <summary>The share of the transactions whose customers lie on two shards.</summary>
    public double CrossShard { get; }

    public int Errors { get; }

    public double PercentileMs(double share) => _times.Count == 0 ? 0 : _times[(int)(share * (_times.Count - 1))];
}
