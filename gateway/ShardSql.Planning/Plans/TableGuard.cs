namespace ShardSql.Planning.Plans;

/// <summary>The schema version of a table that a task was planned with; a shard that has another refuses it.</summary>
public readonly record struct TableGuard(uint TableId, uint Version);
