using System.Data;

namespace ShardSql.Data;

/// <summary>
/// How one call of <c>ExecuteInTransactionAsync</c> runs; what is not set is as the connection string and the data
/// source's builder say.
/// </summary>
public sealed record ShardSqlTransactionOptions
{
    /// <summary>The isolation level; Snapshot is for delegates that only read.</summary>
    public IsolationLevel IsolationLevel { get; init; } = IsolationLevel.Serializable;

    /// <summary>What kind of transaction it is, as SET TRANSACTION TYPE says it; null: nothing is said.</summary>
    public string? TransactionType { get; init; }

    /// <summary>What happens on a conflict.</summary>
    public ShardSqlConflictStrategy? ConflictStrategy { get; init; }

    /// <summary>Decides on conflicts, in place of any strategy.</summary>
    public ShardSqlConflictHandler? ConflictHandler { get; init; }

    /// <summary>How many times the delegate may be run again.</summary>
    public int? MaxRetries { get; init; }
}
