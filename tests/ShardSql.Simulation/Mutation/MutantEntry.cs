using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

using ShardSql.Simulation.Cluster;
using ShardSql.Simulation.Cluster.Workloads;
using ShardSql.Simulation.Directed;
using ShardSql.Simulation.Explorer;
using ShardSql.Simulation.Model;

namespace ShardSql.Simulation.Mutation;

/// <summary>
/// Where a mutant's copy of the simulator is entered. The engines are <c>cluster</c> (whole clusters under faults),
/// <c>sql</c> and <c>moves</c> (programs in SQL alone, and while segments move), <c>jobs</c> (while jobs of all kinds change tables),
/// <c>layouts</c> (while nodes are given replicas and give them up), <c>store</c> (clusters with slow stores that need snapshots all the time),
/// <c>model</c> (random histories of the commit cores), <c>paxos</c> and <c>commit</c> (all states of the small models),
/// <c>paxos-deep</c> (a leader that campaigns twice), <c>paxos-voters</c> (voters added and removed), <c>directed</c> (single paths, one after the other).
/// </summary>
public static class MutantEntry
{
    /// <summary>Runs an engine until something is wrong.</summary>
    /// <param name="engine">Which.</param>
    /// <param name="first">The first seed.</param>
    /// <param name="seeds">Seeds at most.</param>
    /// <param name="loadMs">Virtual time of load in each seed of a cluster, ms.</param>
    /// <returns>What is wrong and where it was seen, or null.</returns>
    public static string? Run(string engine, ulong first, ulong seeds, long loadMs) => engine switch
    {
        "cluster" => EachSeed(first, seeds, seed => Cluster(new ClusterOptions { Seed = seed, LoadMs = loadMs })),
        "sql" => EachSeed(first, seeds, seed => Cluster(
            new ClusterOptions { Seed = seed, LoadMs = loadMs, Kinds = WorkloadKinds.Sql })),
        "moves" => EachSeed(first, seeds, seed => Cluster(
            new ClusterOptions { Seed = seed, LoadMs = loadMs, Kinds = WorkloadKinds.Moves })),
        "layouts" => EachSeed(first, seeds, seed => Cluster(
            new ClusterOptions { Seed = seed, LoadMs = loadMs, Kinds = WorkloadKinds.Layouts })),
        "jobs" => EachSeed(first, seeds, seed => Cluster(
            new ClusterOptions { Seed = seed, LoadMs = loadMs, Kinds = WorkloadKinds.Jobs })),
        "store" => EachSeed(first, seeds, seed => Cluster(StoreUnderStress.From(seed))),
        "model" => EachSeed(first, seeds, Model),
        "paxos" => Explore(PaxosExplorations),
        "paxos-deep" => Explore(
            [() => PaxosExplorer.Run(Deep with { CampaignsOfSecond = 2 }), () => PaxosExplorer.Run(Deep with { LateReplies = true })]),
        "paxos-voters" => Explore(Explorations.OfVoters),
        "commit" => Explore(CommitExplorations),
        "directed" => Directed(),
        _ => throw new ArgumentOutOfRangeException(nameof(engine), engine, "An engine of no known name."),
    };

    private static PaxosBounds Deep => new()
    {
        Slots = 1, CampaignsOfFirst = 2, Proposals = 1, Restarts = 0, Heartbeats = 0,
    };

    private static IEnumerable<Func<ExplorerReport>> PaxosExplorations =>
    [
        () => PaxosExplorer.Run(new PaxosBounds { Slots = 1 }),
        () => PaxosExplorer.Run(new PaxosBounds { Slots = 1, Proposals = 1, Heartbeats = 0, Rejections = true }),
        () => PaxosExplorer.Run(new PaxosBounds { Slots = 1, Proposals = 1, Heartbeats = 1, LosesDisk = true }),
        () => PaxosExplorer.Run(new PaxosBounds { Proposals = 1, Restarts = 0, Heartbeats = 0 }),
    ];

    private static IEnumerable<Func<ExplorerReport>> CommitExplorations =>
        new[]
        {
            CommitWorkload.Move, CommitWorkload.MoveWithWrongStamps, CommitWorkload.BlindWrites, CommitWorkload.WriteSkew,
            CommitWorkload.ReadModifyWrite,
        }.Select(
            workload => new Func<ExplorerReport>(
                () => CommitExplorer.Run(new CommitBounds { Workload = workload })));

    private static string? EachSeed(ulong first, ulong seeds, Func<ulong, string?> run)
    {
        for (ulong seed = first; seed < first + seeds; seed++)
        {
            if (Guarded(() => run(seed)) is { } found)
            {
                return string.Create(CultureInfo.InvariantCulture, $"seed {seed}: {found}");
            }
        }

        return null;
    }

    private static string? Explore(IEnumerable<Func<ExplorerReport>> explorations)
    {
        int number = 0;
        foreach (Func<ExplorerReport> exploration in explorations)
        {
            number++;
            if (Guarded(() => exploration().Violation) is { } found)
            {
                return string.Create(CultureInfo.InvariantCulture, $"exploration {number}: {found}");
            }
        }

        return null;
    }

    private static string? Directed()
    {
        foreach ((string name, Func<string?> scenario) in DirectedScenarios.All)
        {
            if (Guarded(scenario) is { } found)
            {
                return $"{name}: {found}";
            }
        }

        return null;
    }

    private static string? Cluster(ClusterOptions options)
    {
        ClusterReport report = SimulatedCluster.Run(options);
        return report.Anomalies.Count > 0 ? report.Anomalies[0] : null;
    }

    private static string? Model(ulong seed)
    {
        for (int shards = 1; shards <= 3; shards++)
        {
            ModelWorld.Run(new ModelOptions { Seed = seed, Shards = shards });
        }

        return null;
    }

    // A mutant that throws is as good as found: the product asserts its invariants itself.
    private static string? Guarded(Func<string?> run)
    {
        try
        {
            return run();
        }
#pragma warning disable CA1031 // Whatever a mutant throws is a finding, and its text is reported.
        catch (Exception thrown)
#pragma warning restore CA1031
        {
            return $"{thrown.GetType().Name}: {thrown.Message}";
        }
    }
}
