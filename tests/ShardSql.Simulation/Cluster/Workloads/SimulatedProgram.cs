using System;
using System.Collections.Generic;

using ShardSql.Simulation.Checking;
using ShardSql.Simulation.Cluster.Gateways;

namespace ShardSql.Simulation.Cluster.Workloads;

/// <summary>How a program's transaction ended, with its times on the world's clock.</summary>
internal readonly record struct ProgramEnd(int Process, long BegunUs, long EndedUs, HistoryOutcome Outcome)
{
    public bool IsOk => Outcome == HistoryOutcome.Ok;
}

/// <summary>What a client does in one transaction. Its choices are made when it is made, so that it may be begun again.
/// </summary>
internal abstract class ClientProgram(string workload)
{
    /// <summary>The workload that it belongs to.</summary>
    public string Workload { get; } = workload;

    /// <summary>Runs it at a gateway, which says once how it ended.</summary>
    public abstract IProgramRun RunAt(SimulatedGateway gateway, SimulatedClient client, Action<TransactionEnd> then);

    /// <summary>It is over, and the client knows this of it.</summary>
    public virtual void Ended(ProgramEnd end, TransactionContext context)
    {
    }
}

/// <summary>A program of reads and writes of rows.</summary>
internal abstract class SimulatedProgram(string workload) : ClientProgram(workload)
{
    public override IProgramRun RunAt(
        SimulatedGateway gateway, SimulatedClient client, Action<TransactionEnd> then) =>
        new TransactionRun(gateway, client, this, then);

    /// <summary>Reads, each handed in before the next is asked for; then the transaction commits what it has put.
    /// </summary>
    public abstract IEnumerable<IReadOnlyList<ReadPart>> Steps(TransactionContext context);
}
