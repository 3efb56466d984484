namespace ShardSql.Planning.Partitioning;

/// <summary>A vertex that is to live elsewhere.</summary>
public readonly record struct PlannedMove(int Vertex, int From, int To);
