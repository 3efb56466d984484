using System;
using ShardSql.Benchmarks.Load;

namespace ShardSql.Benchmarks.Comparing;

/// <summary>What is compared in one line of the table.</summary>
/// <param name="Row">Row of design/performance.md; null where it has none.</param>
/// <param name="What">The measure in words.</param>
/// <param name="Unit">Unit of the figures.</param>
/// <param name="Figure">Takes the figure from a window.</param>
/// <param name="Goal">The ratio asked for; null where none is.</param>
internal sealed record Measure(int? Row, string What, string Unit, Func<Window, double> Figure, Goal? Goal)
{
    public static Measure P50(int row, string what, Goal goal) =>
        new(row, what + ", p50", "ms", window => window.P50Ms, goal);

    /// <summary>Against a bound, not a peer.</summary>
    public static Measure Longest(int row, string what) =>
        new(row, what + ", longest", "ms", window => window.MaxMs, Comparing.Goal.AtMost(1));

    public static Measure P99(int row, string what, Goal goal) =>
        new(row, what + ", p99", "ms", window => window.P99Ms, goal);

    public static Measure Throughput(int row, string what, Goal goal) =>
        new(row, what, "tx/s", window => window.PerSecond, goal);

    /// <summary>Without a row and a goal: the ratio itself is what is to be known.</summary>
    public static Measure Throughput(string what) => new(null, what, "tx/s", window => window.PerSecond, null);
}
