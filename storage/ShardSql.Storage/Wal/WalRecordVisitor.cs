namespace ShardSql.Storage.Wal;

/// <summary>Takes the records of a log in the order in which they were appended.</summary>
public delegate void WalRecordVisitor(WalRecord record);
