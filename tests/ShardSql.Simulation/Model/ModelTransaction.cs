using System;
using System.Collections.Generic;

using ShardSql.Primitives;

namespace ShardSql.Simulation.Model;

/// <summary>A scan: the rows that it saw, of one shard.</summary>
public sealed record ModelScan(KeyRange Range, IReadOnlyList<KeyValuePair<string, string>> Rows);

/// <summary>What a transaction of the model saw and wrote, and where it stands in the serial order.</summary>
public sealed class ModelTransaction
{
    /// <summary>Its id.</summary>
    public required TxnId Id { get; init; }

    /// <summary>Rows read, absent ones as null.</summary>
    public List<KeyValuePair<string, string?>> Reads { get; } = [];

    /// <summary>Ranges read.</summary>
    public List<ModelScan> Scans { get; } = [];

    /// <summary>Rows written; null deletes.</summary>
    public SortedDictionary<string, string?> Writes { get; } = new(StringComparer.Ordinal);

    /// <summary>π.</summary>
    public HlcTimestamp Pi { get; set; }

    /// <summary>c.</summary>
    public HlcTimestamp Stamp { get; set; }

    /// <inheritdoc />
    public override string ToString() => $"T{Id.Sequence}.{Id.Attempt} c={Stamp} π={Pi}";
}
