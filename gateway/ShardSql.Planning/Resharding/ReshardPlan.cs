using System.Collections.Generic;

using ShardSql.Planning.Moves;

namespace ShardSql.Planning.Resharding;

/// <summary>What is to move, and what that is expected to bring.</summary>
/// <param name="Moves">Single rows, or whole segments; none: it is not worth it.</param>
/// <param name="CrossBeforePerMillion">Millionths of the transactions that touch rows of more than one shard; −1: not known.
/// </param>
/// <param name="CrossAfterPerMillion">The same when all moves are done.</param>
/// <param name="SkewBeforePerMille">The weightiest shard in thousandths of the average, by load or by size.</param>
/// <param name="SkewAfterPerMille">The same when all moves are done.</param>
/// <param name="FoundGainPerMille">Thousandths of what is bad now that the best plan found would save, also when that is less
/// than was asked for.</param>
public sealed record ReshardPlan(
    IReadOnlyList<RangeMove> Moves,
    int CrossBeforePerMillion,
    int CrossAfterPerMillion,
    int SkewBeforePerMille,
    int SkewAfterPerMille,
    int FoundGainPerMille);
