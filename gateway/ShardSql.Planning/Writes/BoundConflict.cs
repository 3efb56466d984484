using System.Collections.Generic;
using ShardSql.Execution.Plans;
using ShardSql.Sql.Expressions;

namespace ShardSql.Planning.Writes;

/// <summary>ON CONFLICT, bound.</summary>
/// <param name="Plan">What a shard can do alone.</param>
/// <param name="Numbers">The assignments that take numbers of sequences, by column: only the gateway can evaluate these.
/// </param>
internal sealed record BoundConflict(ConflictPlan Plan, IReadOnlyDictionary<uint, BoundExpression> Numbers);
