using System.Collections.Generic;
using ShardSql.Planning.Partitioning;

namespace ShardSql.Benchmarks.Partitioning;

/// <summary>Transactions, and the graph of what they touch together.</summary>
/// <param name="Graph">A vertex for each row.</param>
/// <param name="Transactions">The transactions themselves.</param>
/// <param name="RowOf">The row of each vertex, numbered as the workload does.</param>
internal sealed record TransactionTrace(
    PartitionGraph Graph, TransactionSample Transactions, IReadOnlyList<int> RowOf);
