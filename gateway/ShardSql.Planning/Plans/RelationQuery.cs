using System.Collections.Generic;
using ShardSql.Execution.Plans;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Plans;

/// <summary>A query that the gateway computes with relational operators over the rows of its sources.</summary>
/// <param name="Plan">The operators.</param>
/// <param name="Sources">The sources by their numbers in the plan.</param>
/// <param name="Parameters">Values of the statement's parameters.</param>
public sealed record RelationQuery(
    RelationPlan Plan, IReadOnlyList<RelationSource> Sources, SqlValue[] Parameters);
