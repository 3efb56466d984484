namespace ShardSql.Benchmarks.Reports;

/// <summary>One measure: a line of results.md, an element of results.json. Figures are medians over rounds.</summary>
internal sealed record ResultRow
{
    /// <summary>Row of design/performance.md; null where it has none.</summary>
    public required int? Row { get; init; }

    public required string Measure { get; init; }

    public required string Unit { get; init; }

    public required int Clients { get; init; }

    public required double Ours { get; init; }

    public required double Peer { get; init; }

    public required string PeerName { get; init; }

    /// <summary>Median of the rounds' ours / peer.</summary>
    public required double Ratio { get; init; }

    public required double RatioMin { get; init; }

    public required double RatioMax { get; init; }

    /// <summary>Null where no ratio is asked for.</summary>
    public required string? Goal { get; init; }

    public required bool? Met { get; init; }

    public required double OursP50Ms { get; init; }

    public required double PeerP50Ms { get; init; }

    public required double OursP99Ms { get; init; }

    public required double PeerP99Ms { get; init; }

    /// <summary>CPU of all processes, client included, per transaction.</summary>
    public required double OursCpuMicroseconds { get; init; }

    public required double PeerCpuMicroseconds { get; init; }

    public required double OursServerCpuMicroseconds { get; init; }

    public required double PeerServerCpuMicroseconds { get; init; }

    /// <summary>Transactions of all windows that were rolled back and do not count.</summary>
    public required long OursRolledBack { get; init; }

    public required long PeerRolledBack { get; init; }
}
