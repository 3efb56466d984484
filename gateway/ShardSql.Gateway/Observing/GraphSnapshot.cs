using System.Collections.Generic;

using ShardSql.Planning.TransactionGraph;

namespace ShardSql.Gateway.Observing;

/// <summary>What a gateway knows of its transactions at one time: what a job that reshards by the graph begins with.
/// </summary>
/// <param name="Graph">The graph for the partitioner: hot rows and the rest of each segment, their edges, and whole
/// transactions over them.</param>
/// <param name="Keys">All hot rows: table, key behind table and index, segment when last seen, heat; the hottest first.
/// </param>
/// <param name="Edges">All pairs that are kept, with how often per second; the heaviest first.</param>
/// <param name="Totals">What was counted.</param>
internal sealed record GraphSnapshot(
    TransactionGraphSnapshot Graph,
    IReadOnlyList<HotKey> Keys,
    IReadOnlyList<HotEdge> Edges,
    GraphTotals Totals);

/// <summary>What was counted of all transactions.</summary>
/// <param name="Transactions">Committed since the gateway started.</param>
/// <param name="Sampled">Of them those whose rows were looked at.</param>
/// <param name="Missed">Samples and aborts that came while the telemetry was being read, and are not in it.</param>
/// <param name="Aborts">Attempts that met a conflict.</param>
/// <param name="PerSecond">Committed per second, recent times counting more.</param>
/// <param name="CrossShardPerMillion">Millionths of these that more than one shard took part in.</param>
/// <param name="Keys">Rows that are kept one by one.</param>
/// <param name="Segments">Segments that are kept.</param>
/// <param name="Edges">Pairs of rows that are kept.</param>
internal sealed record GraphTotals(
    long Transactions,
    long Sampled,
    long Missed,
    long Aborts,
    double PerSecond,
    int CrossShardPerMillion,
    int Keys,
    int Segments,
    int Edges);
