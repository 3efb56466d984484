namespace ShardSql.Gateway.Commit;

/// <summary>How many of a transaction's writes could be taken back when a savepoint was set.</summary>
internal readonly record struct TransactionMark(int UndoCount);
