using ShardSql.Primitives;

namespace ShardSql.Planning.TransactionGraph;

/// <summary>How much the telemetry of transactions remembers, and for how long.</summary>
public sealed record TelemetryOptions
{
    /// <summary>Most slots of any sketch.</summary>
    public const int SlotsMax = 1 << 20;

    /// <summary>After this time what was seen counts half.</summary>
    public long HalfLifeMs { get; init; } = 60_000;

    /// <summary>One of so many committed transactions is looked at; it stands for all of them.</summary>
    public int SampleEvery { get; init; } = 1;

    /// <summary>Rows that are kept one by one.</summary>
    public int Keys { get; init; } = 8192;

    /// <summary>Segments that are kept.</summary>
    public int Segments { get; init; } = 4096;

    /// <summary>Pairs of rows that are kept.</summary>
    public int Edges { get; init; } = 65_536;

    /// <summary>Pairs of segments that are kept.</summary>
    public int SegmentPairs { get; init; } = 16_384;

    /// <summary>Whole transactions kept of each quarter of a half-life, for sixteen of them.</summary>
    public int SamplesOfAStratum { get; init; } = 1024;

    /// <summary>Which of the transactions are looked at and kept depends on it.</summary>
    public ulong Seed { get; init; } = 1;

    internal void Check()
    {
        Invariant.Check(HalfLifeMs > 0 && SampleEvery is > 0 and <= 1 << 20, "Decay and sampling are within bounds.");
        Invariant.Check(Keys is > 0 and <= SlotsMax && Edges is > 0 and <= SlotsMax, "Sketches of rows are bounded.");
        Invariant.Check(
            Segments is > 0 and <= SlotsMax && SegmentPairs is > 0 and <= SlotsMax,
            "Sketches of segments are bounded.");
        Invariant.Check(SamplesOfAStratum is > 0 and <= 65_536, "Samples are bounded.");
    }
}
