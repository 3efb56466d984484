using System.Collections.Generic;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Plans;

/// <summary>What a write is followed by, in the same statement and transaction: steps that see what it wrote. One step comes
/// after the other, each made of what the one before has found.</summary>
public interface IFollowUp
{
    /// <summary>The next step; null: all is well.</summary>
    /// <param name="found">The rows that the last step read; none for the first step and after a write.</param>
    /// <exception cref="Sql.SqlException">The statement must fail.</exception>
    StatementPlan? Next(IReadOnlyList<SqlValue[]> found);
}
