using System;
using System.Collections.Generic;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Plans;

/// <summary>What gives the rows of a source, or of some keys of it.</summary>
/// <param name="Tasks">The fragments that give the rows; none where entries come first.</param>
public sealed record SourceRead(IReadOnlyList<ShardTask> Tasks)
{
    /// <summary>Where rows are found by an index whose entries are elsewhere: what gives the entries; none: they are not.
    /// </summary>
    public IReadOnlyList<ShardTask> Entries { get; init; } = [];

    /// <summary>The fragments that give the rows of entries that were found.</summary>
    public Func<IReadOnlyList<SqlValue[]>, IReadOnlyList<ShardTask>> Found { get; init; } = static _ => [];
}
