using System;
using System.Threading.Tasks;

using ShardSql.Simulation.Cluster.Gateways;
using ShardSql.Simulation.Cluster.Workloads;

namespace ShardSql.Simulation.Cluster.Sql;

/// <summary>A program of statements in SQL. It may be begun again until it commits.</summary>
internal abstract class SqlProgram(string workload) : ClientProgram(workload)
{
    /// <summary>Its statements; then the transaction commits.</summary>
    public abstract Task RunAsync(SqlTransaction transaction);

    /// <summary>Whether it may fail with an error of this kind.</summary>
    public virtual bool MayFailWith(string sqlState) => false;

    public override IProgramRun RunAt(
        SimulatedGateway gateway, SimulatedClient client, Action<TransactionEnd> then) =>
        new SqlRun(gateway, client, this, then);
}
