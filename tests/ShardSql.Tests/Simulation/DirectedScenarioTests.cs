using System;

using ShardSql.Simulation.Cluster;
using ShardSql.Simulation.Directed;

using Xunit;

namespace ShardSql.Tests.Simulation;

/// <summary>Single paths through the product that were once a bug, or that random runs take too seldom.</summary>
public sealed class DirectedScenarioTests
{
    /// <summary>The scenarios.</summary>
    public static TheoryData<string> Names => [.. DirectedScenarios.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Run_scenario_shows_nothing_wrong(string name) => Assert.Null(DirectedScenarios.All[name]());

    // A view that was closed while it was read, a generation that was cleared while it was written, work between the last
    // part of a snapshot and its install: each of these seeds shows one of them when its mutant puts it back.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Run_withSnapshotsAllTheTime_shows_nothing_wrong(ulong seed)
    {
        ClusterReport report = SimulatedCluster.Run(StoreUnderStress.From(seed));

        Assert.True(report.Anomalies.Count == 0, string.Join(Environment.NewLine, report.Anomalies));
        Assert.True(report.Reached["snapshot installed"] > 0);
    }
}
