using System.Collections.Generic;

namespace ShardSql.Planning.Partitioning;

/// <summary>A partition and what it is worth.</summary>
/// <param name="Assignment">The part of each vertex.</param>
/// <param name="Cut">Weight of the edges between parts.</param>
/// <param name="PartWeights">Weight of each part.</param>
/// <param name="ImbalancePerMille">The part most above its share, in thousandths of that share, rounded up.</param>
/// <param name="IsBalanced">
/// Whether every part keeps the balance bound; false only where no way to keep it was found, for example because one
/// vertex alone weighs more.
/// </param>
public sealed record PartitionResult(
    IReadOnlyList<int> Assignment,
    long Cut,
    IReadOnlyList<long> PartWeights,
    int ImbalancePerMille,
    bool IsBalanced);
