namespace ShardSql.Storage.Wal;

/// <summary>Called on the log thread: all records up to a sequence number survive a power cut; they end at a position.
/// It must not block.</summary>
public delegate void LogDurableCallback(ulong sequence, LogPosition end);
