using System.Collections.Generic;

using ShardSql.Primitives;
using ShardSql.Simulation.Cluster.Gateways;

namespace ShardSql.Simulation.Cluster.Workloads;

/// <summary>Transactions of one kind, and what must hold of them.</summary>
internal interface IWorkload
{
    /// <summary>Rows that are there before the load begins.</summary>
    IEnumerable<KeyValuePair<RowId, string>> InitialRows();

    /// <summary>The next transaction.</summary>
    ClientProgram Next(Prng prng);

    /// <summary>What does not hold, given all rows at the end.</summary>
    IEnumerable<string> Check(IReadOnlyDictionary<RowId, string> final, Tally reached);
}
