using System;
using System.Collections.Generic;

namespace ShardSql.Simulation.Explorer;

/// <summary>What an exploration came to.</summary>
/// <param name="Name">What was explored.</param>
/// <param name="States">Different states seen.</param>
/// <param name="Transitions">Steps taken, those to states seen before included.</param>
/// <param name="Depth">Steps to the furthest state.</param>
/// <param name="Complete">All states within the bounds were seen.</param>
/// <param name="Violation">The first broken invariant, or null.</param>
/// <param name="Elapsed">How long it took.</param>
public sealed record ExplorerReport(
    string Name, long States, long Transitions, int Depth, bool Complete, string? Violation, TimeSpan Elapsed)
{
    /// <summary>The outcomes that states have where nothing more can happen.</summary>
    public IReadOnlyList<string> Ends { get; init; } = [];
}
