namespace ShardSql.Storage.Wal;

/// <summary>What a log thread has done so far.</summary>
public readonly record struct LogCounters(long Batches, long Syncs, long Records, long Bytes);
