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

    /// <summary>nextval: a number of a sequence that nobody else gets.</summary>
    /// <param name="sequence">The name as in SQL: folded unless it is quoted.</param>
    /// <param name="position">Where the call stands.</param>
    public virtual long NextNumber(string sequence, int position) => throw NoSequences(position);

    /// <summary>currval: the number that nextval gave last in this session; 55000 before that.</summary>
    /// <param name="sequence">The name as in SQL.</param>
    /// <param name="position">Where the call stands.</param>
    public virtual long CurrentNumber(string sequence, int position) => throw NoSequences(position);

    /// <summary>lastval: what nextval gave last, of whichever sequence.</summary>
    public virtual long LastNumber() => throw NoSequences(0);

    /// <summary>setval: from where the next numbers are taken; gives the value.</summary>
    /// <param name="sequence">The name as in SQL.</param>
    /// <param name="value">A number of the sequence.</param>
    /// <param name="isCalled">Whether it is taken already, so that the one after it comes next.</param>
    /// <param name="position">Where the call stands.</param>
    public virtual long SetNumber(string sequence, long value, bool isCalled, int position) =>
        throw NoSequences(position);

    private static SqlException NoSequences(int position) =>
        new(SqlStates.FeatureNotSupported, "numbers of sequences are not to be had here", position);
}
