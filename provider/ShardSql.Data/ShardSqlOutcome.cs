namespace ShardSql.Data;

/// <summary>What an error says about the work that it ended.</summary>
public enum ShardSqlOutcome
{
    /// <summary>A deterministic error: nothing was done, and running it again gives the same error.</summary>
    Failed = 0,

    /// <summary>Surely not done; running the whole transaction again is safe and may succeed.</summary>
    RolledBack = 1,

    /// <summary>It may have been done. Never run it again blindly.</summary>
    Unknown = 2,
}
