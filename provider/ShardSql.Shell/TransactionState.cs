namespace ShardSql.Shell;

/// <summary>What the prompt says of the transaction.</summary>
internal enum TransactionState
{
    /// <summary>Each statement is its own.</summary>
    None,

    /// <summary>BEGIN was said.</summary>
    Open,

    /// <summary>A statement of it failed; only ROLLBACK is taken.</summary>
    Failed,
}
