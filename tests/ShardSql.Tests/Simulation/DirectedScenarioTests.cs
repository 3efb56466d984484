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

    // Seed 2 shows a view that is closed while it is read, when its mutant puts that back.
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
