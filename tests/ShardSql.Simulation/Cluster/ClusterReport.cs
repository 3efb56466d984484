using System.Collections.Generic;

namespace ShardSql.Simulation.Cluster;

/// <summary>What a run came to.</summary>
public sealed record ClusterReport
{
    /// <summary>The seed.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Hash over all that happened.</summary>
    public required ulong TraceHash { get; init; }

    /// <summary>Virtual time, ms.</summary>
    public required long VirtualMs { get; init; }

    /// <summary>Events.</summary>
    public required long Events { get; init; }

    /// <summary>Transactions that committed, readers included.</summary>
    public required long Transactions { get; init; }

    /// <summary>Faults that happened, by kind.</summary>
    public required IReadOnlyDictionary<string, long> Faults { get; init; }

    /// <summary>Rare states that were reached, and how often.</summary>
    public required IReadOnlyDictionary<string, long> Reached { get; init; }

    /// <summary>How the clients' transactions ended, by workload.</summary>
    public required IReadOnlyDictionary<string, long> Outcomes { get; init; }

    /// <summary>What must not be.</summary>
    public required IReadOnlyList<string> Anomalies { get; init; }

    /// <summary>Faults that the seed planned, those left out included; the first is number 1.</summary>
    public required IReadOnlyList<string> Plan { get; init; }
}
