using System;
using ShardSql.Sql.Values;

namespace ShardSql.Sql.Expressions;

/// <summary>
/// An aggregate over one group. A shard adds its rows and sends its partial, a few values that travel as a row; the
/// gateway merges the partials of all shards into one state and reads its result.
/// </summary>
public interface IAggregateState
{
    /// <summary>The result so far.</summary>
    SqlValue Result { get; }

    /// <summary>Bytes that it holds beyond a fixed size, for the memory accounts.</summary>
    long ExtraBytes { get; }

    /// <summary>Adds the argument's value for one row; of COUNT(*) anything.</summary>
    void Add(SqlValue value);

    /// <summary>Writes the partial: as many values as <see cref="AggregateCall.PartialTypes"/> says.</summary>
    void WritePartial(Span<SqlValue> partial);

    /// <summary>Adds what another state of the same aggregate has seen.</summary>
    void MergePartial(ReadOnlySpan<SqlValue> partial);
}
