namespace ShardSql.Data;

/// <summary>What the provider runs again by itself after an error that surely left nothing behind.</summary>
public enum ShardSqlRetry
{
    /// <summary>Nothing; every error reaches the caller.</summary>
    None = 0,

    /// <summary>A command outside a transaction. A statement inside a transaction is never run again alone.</summary>
    Statements = 1,
}
