namespace ShardSql.Data;

/// <summary>What a conflict handler wants.</summary>
public enum ShardSqlConflictDecision
{
    /// <summary>Throw the error.</summary>
    Abort = 0,

    /// <summary>Run the whole delegate again after a random pause, if Max Retries allows.</summary>
    Retry = 1,

    /// <summary>Run the whole delegate again at once, if Max Retries allows: the handler has waited itself.</summary>
    RetryNow = 2,
}
