using System;

namespace ShardSql.Simulation.Mutation;

/// <summary>What became of a mutant.</summary>
/// <param name="Mutant">Which.</param>
/// <param name="Found">What the engine said about it; null when it noticed nothing.</param>
/// <param name="Elapsed">Time to compile and run it.</param>
public sealed record MutantResult(Mutant Mutant, string? Found, TimeSpan Elapsed)
{
    /// <summary>Whether it was noticed.</summary>
    public bool IsCaught => Found is not null;
}
