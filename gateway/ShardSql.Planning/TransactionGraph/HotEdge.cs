namespace ShardSql.Planning.TransactionGraph;

/// <summary>Two vertices that transactions often touch together.</summary>
public sealed record HotEdge(GraphVertex First, GraphVertex Second, double PerSecond);
