using System.Collections.Generic;
using ShardSql.Primitives;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Access;

/// <summary>Which suffixes (see <see cref="KeyBuilder"/>) a statement visits: whole ones, or ranges of them.</summary>
internal sealed record SuffixPlan
{
    /// <summary>Whole keys in order, with the values of their columns.</summary>
    public IReadOnlyList<(byte[] Suffix, SqlValue[] Key)> Points { get; init; } = [];

    /// <summary>Ranges in order, apart from each other.</summary>
    public IReadOnlyList<KeyRange> Ranges { get; init; } = [];

    /// <summary>Leading key columns that are fixed to values.</summary>
    public int EqualColumns { get; init; }

    /// <summary>Whether the column after those is bounded.</summary>
    public bool IsBounded { get; init; }
}
