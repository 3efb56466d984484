namespace ShardSql.Data;

/// <summary>A transaction that was rolled back, as a conflict handler sees it.</summary>
/// <param name="Exception">The error, with shard, key and the other transaction where they are known.</param>
/// <param name="Retry">How many times it was run again already.</param>
/// <param name="MaxRetries">How many times it may be.</param>
public sealed record ShardSqlConflict(ShardSqlException Exception, int Retry, int MaxRetries);
