namespace ShardSql.Gateway.Commit;

/// <summary>What a transaction had done when a savepoint was set.</summary>
/// <param name="UndoCount">How many of its writes could be taken back.</param>
/// <param name="Schema">What it had made of the schema.</param>
internal readonly record struct TransactionMark(int UndoCount, OwnSchema? Schema);
