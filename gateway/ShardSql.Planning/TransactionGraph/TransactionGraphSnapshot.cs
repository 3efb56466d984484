using System.Collections.Generic;
using ShardSql.Planning.Partitioning;

namespace ShardSql.Planning.TransactionGraph;

/// <summary>What the telemetry knew at one time, in the form that the partitioner reads.</summary>
/// <param name="Graph">Vertices with their heat, edges with how often both ends are touched together.</param>
/// <param name="Vertices">What each vertex stands for.</param>
/// <param name="Sample">Whole transactions over these vertices, to predict the share of cross-shard ones.</param>
public sealed record TransactionGraphSnapshot(
    PartitionGraph Graph, IReadOnlyList<GraphVertex> Vertices, TransactionSample Sample);
