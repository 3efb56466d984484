using ShardSql.Primitives;
using ShardSql.Simulation.Checking;

namespace ShardSql.Simulation.Cluster.Gateways;

/// <summary>How a client's transaction ended, as far as the client knows.</summary>
/// <param name="Outcome">Committed, surely not, or unknown.</param>
/// <param name="Why">In a word.</param>
/// <param name="Stamp">c(T), or the snapshot of a reader.</param>
internal sealed record TransactionEnd(HistoryOutcome Outcome, string Why, HlcTimestamp Stamp);
