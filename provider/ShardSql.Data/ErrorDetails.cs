using System;
using ShardSql.Primitives;

namespace ShardSql.Data;

/// <summary>What a <see cref="ShardSqlException"/> is made of.</summary>
internal sealed record ErrorDetails(string SqlState, string Message, ShardSqlOutcome Outcome, bool IsTransient)
{
    public string? Reason { get; init; }

    public uint? Shard { get; init; }

    public string? Table { get; init; }

    public string? Key { get; init; }

    public string? OtherTransactionId { get; init; }

    public HlcTimestamp? Pi { get; init; }

    public HlcTimestamp? Eta { get; init; }

    public TimeSpan? RetryAfter { get; init; }

    public int Position { get; init; }

    public int Line { get; init; }

    public int Column { get; init; }

    public string? Detail { get; init; }

    public string? Hint { get; init; }

    public string? ConstraintName { get; init; }

    public string? ColumnName { get; init; }

    public int StatementIndex { get; init; }

    public bool WasCommitted { get; init; }
}
