namespace ShardSql.Data;

/// <summary>What <c>ExecuteInTransactionAsync</c> does when its transaction was rolled back by a conflict.</summary>
public enum ShardSqlConflictStrategy
{
    /// <summary>Runs the whole delegate again, after a random pause, at most Max Retries times.</summary>
    Retry = 0,

    /// <summary>Throws the first conflict.</summary>
    Abort = 1,

    /// <summary>Asks the handler that the data source was built with.</summary>
    Handler = 2,
}
