using System;

using ShardSql.Simulation.Cluster.Workloads;

namespace ShardSql.Simulation.Cluster;

/// <summary>Which seeds are run, and what is asked of them beside that nothing goes wrong.</summary>
public sealed record ClusterSuite
{
    /// <summary>The first seed.</summary>
    public ulong First { get; init; } = 1;

    /// <summary>How many at most.</summary>
    public ulong Count { get; init; } = uint.MaxValue;

    /// <summary>Virtual time of load in each, ms.</summary>
    public long LoadMs { get; init; } = new ClusterOptions { Seed = 0 }.LoadMs;

    /// <summary>Whether the stores are slow and followers need snapshots all the time, see
    /// <see cref="StoreUnderStress"/>.</summary>
    public bool StressesStore { get; init; }

    /// <summary>What the clients do; null: each seed draws it.</summary>
    public WorkloadKinds? Kinds { get; init; }

    /// <summary>Real time after which no seed is begun.</summary>
    public TimeSpan Limit { get; init; } = TimeSpan.MaxValue;

    /// <summary>Whether every event is written.</summary>
    public bool IsTraced { get; init; }

    /// <summary>Whether it is an anomaly that a rare state was not reached by any seed.</summary>
    public bool IsDeep { get; init; }

    /// <summary>Whether the mutants are run too, after the seeds.</summary>
    public bool WithMutants { get; init; }
}
