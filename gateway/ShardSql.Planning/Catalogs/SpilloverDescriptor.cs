using System;
using System.Collections.Generic;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Catalogs;

/// <summary>How changes of some columns of a table spill over into deltas (sharding.md §4). Immutable.</summary>
public sealed record SpilloverDescriptor
{
    /// <summary>Spill shards that a table may have.</summary>
    public const int SlotsMax = 64;

    /// <summary>Rows that may be named.</summary>
    public const int KeysMax = 1_000;

    /// <summary>The hidden table of the deltas.</summary>
    public required uint DeltasTableId { get; init; }

    /// <summary>Ids of the columns.</summary>
    public required IReadOnlyList<uint> Columns { get; init; }

    /// <summary>Spill shards: each a segment of the deltas, 1 to <see cref="SlotsMax"/>.</summary>
    public required int Slots { get; init; }

    /// <summary>Which rows take deltas.</summary>
    public SpilloverTrigger Trigger { get; init; } = SpilloverTrigger.Manual;

    /// <summary>The rows that were named: values of the row key's columns, in key order.</summary>
    public IReadOnlyList<SqlValue[]> Keys { get; init; } = [];

    /// <summary>Deltas of a row from which on they are merged.</summary>
    public int MaxPending { get; init; } = 10_000;

    /// <summary>Age of a delta from which on it is merged.</summary>
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Whether no new deltas are taken: those that are there are merged, and then it is over.</summary>
    public bool IsEnding { get; init; }
}
