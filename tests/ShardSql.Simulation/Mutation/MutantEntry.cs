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
    /// <param name="notice">The run that comes before the others, as <see cref="RunsOf"/> names it; null: none.</param>
    /// <returns>What is wrong and where it was seen, or null.</returns>
    public static string? Run(string engine, ulong first, ulong seeds, long loadMs, string? notice)
    {
        foreach ((string name, Func<string?> run) in RunsOf(engine, first, seeds, loadMs).OrderByDescending(known => known.Name == notice))
        {
            if (Guarded(run) is { } found)
            {
                return $"{name}: {found}";
            }
        }

        return null;
    }

    /// <summary>The runs of an engine in their order, by name: seeds, explorations or single paths.</summary>
    /// <inheritdoc cref="Run"/>
    public static IEnumerable<(string Name, Func<string?> Run)> RunsOf(string engine, ulong first, ulong seeds, long loadMs)
    {
        IEnumerable<(string, Func<string?>)> Clusters(WorkloadKinds? kinds) => EachSeed(
            first, seeds, seed => Cluster(new ClusterOptions { Seed = seed, LoadMs = loadMs, Kinds = kinds }));

        return engine switch
        {
            "cluster" => Clusters(null),
            "sql" => Clusters(WorkloadKinds.Sql),
            "moves" => Clusters(WorkloadKinds.Moves),
            "layouts" => Clusters(WorkloadKinds.Layouts),
            "jobs" => Clusters(WorkloadKinds.Jobs),
            "store" => EachSeed(first, seeds, seed => Cluster(StoreUnderStress.From(seed))),
            "model" => EachSeed(first, seeds, Model),
            "paxos" => Each(PaxosExplorations),
            "paxos-deep" => Each(
                [() => PaxosExplorer.Run(Deep with { CampaignsOfSecond = 2 }), () => PaxosExplorer.Run(Deep with { LateReplies = true })]),
            "paxos-voters" => Each(Explorations.OfVoters),
            "commit" => Each(CommitExplorations),
            "directed" => DirectedScenarios.All.Select(static scenario => (scenario.Key, scenario.Value)),
            _ => throw new ArgumentOutOfRangeException(nameof(engine), engine, "An engine of no known name."),
        };
    }

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

    private static IEnumerable<(string, Func<string?>)> EachSeed(ulong first, ulong seeds, Func<ulong, string?> run)
    {
        for (ulong seed = first; seed < first + seeds; seed++)
        {
            ulong one = seed;
            yield return (string.Create(CultureInfo.InvariantCulture, $"seed {seed}"), () => run(one));
        }
    }

    private static IEnumerable<(string, Func<string?>)> Each(IEnumerable<Func<ExplorerReport>> explorations) =>
        explorations.Select(static (exploration, i) => (
            string.Create(CultureInfo.InvariantCulture, $"exploration {i + 1}"),
            new Func<string?>(() => exploration().Violation)));

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
