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
}
