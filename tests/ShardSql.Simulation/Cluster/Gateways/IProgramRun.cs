using System.Collections.Generic;

using ShardSql.Primitives;

namespace ShardSql.Simulation.Cluster.Gateways;

/// <summary>A client's transaction at its gateway.</summary>
internal interface IProgramRun
{
    /// <summary>What it has seen, and what it will write; null before its start.</summary>
    TransactionContext? Context { get; }

    /// <summary>Once its commit has begun: who votes. Until then it surely does not happen.</summary>
    IReadOnlyList<ShardId> Participants { get; }

    /// <summary>Begins.</summary>
    void Start();
}
