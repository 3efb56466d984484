using System.Collections.Generic;

namespace ShardSql.Planning.Partitioning;

/// <summary>A plan of moves and what it is predicted to bring.</summary>
/// <param name="Moves">What moves, in the order of the vertices; empty where nothing worthwhile was found.</param>
/// <param name="Before">The partition as it is.</param>
/// <param name="After">The partition when all moves are done.</param>
/// <param name="MovedWeight">Vertex weight that moves.</param>
/// <param name="FoundGainPerMille">
/// Thousandths of the cut that the best plan found saves, also when that is less than was asked for.
/// </param>
public sealed record MovePlan(
    IReadOnlyList<PlannedMove> Moves,
    PartitionResult Before,
    PartitionResult After,
    long MovedWeight,
    int FoundGainPerMille)
{
    /// <summary>Whether there is anything to do.</summary>
    public bool IsEmpty => Moves.Count == 0;
}
