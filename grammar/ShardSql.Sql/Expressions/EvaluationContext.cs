using System;

namespace ShardSql.Sql.Expressions;

/// <summary>What an expression cannot know by itself. Evaluation has no clock and no random source of its
/// own.</summary>
public abstract class EvaluationContext
{
    /// <summary>The time of the transaction's begin: microseconds since 1970, UTC.</summary>
    public abstract long NowMicroseconds { get; }

    /// <summary>A new random uuid at each call.</summary>
    public abstract Guid NextUuid();
}
