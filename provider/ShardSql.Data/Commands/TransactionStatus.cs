namespace ShardSql.Data.Commands;

/// <summary>Where a transaction object stands.</summary>
internal enum TransactionStatus
{
    /// <summary>Nothing was sent yet.</summary>
    Pending,

    /// <summary>BEGIN was sent.</summary>
    Active,

    /// <summary>Commit succeeded.</summary>
    Committed,

    /// <summary>Rollback succeeded.</summary>
    RolledBack,

    /// <summary>
    /// The server ended it, or its session is gone; only Rollback is left to do, which costs nothing.
    /// </summary>
    EndedByServer,
}
