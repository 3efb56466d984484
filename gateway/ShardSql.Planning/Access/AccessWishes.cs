using System.Collections.Generic;

namespace ShardSql.Planning.Access;

/// <summary>What a query wants of an access path besides its rows.</summary>
internal sealed record AccessWishes
{
    /// <summary>Whole rows, in any order.</summary>
    public static AccessWishes None { get; } = new();

    /// <summary>Ordinals of the columns that are read, but for those of the condition; null: all.</summary>
    public IReadOnlyCollection<int>? Columns { get; init; }

    /// <summary>Ascending columns that the result is ordered by, where it is cut off after some rows; else empty.</summary>
    public IReadOnlyList<int> Order { get; init; } = [];

    /// <summary>Whether entries whose rows live elsewhere may be read first.</summary>
    public bool TakesLookUps { get; init; } = true;
}
