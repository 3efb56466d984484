using System;
using System.Collections.Generic;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Maps;
using ShardSql.Planning.Spillover;
using ShardSql.Primitives;
using ShardSql.Sql.Values;

namespace ShardSql.Planning;

/// <summary>All that planning a statement depends on: the same context and statement give the same plan.</summary>
public sealed record PlanningContext
{
    /// <summary>Catalog and shard map.</summary>
    public required SystemState State { get; init; }

    /// <summary>The parameters that were supplied, by name without the @. Their types are those of the values; a NULL
    /// may carry one.</summary>
    public IReadOnlyList<KeyValuePair<string, SqlValue>> Parameters { get; init; } = [];

    /// <summary>What now() gives: the transaction's begin, microseconds since 1970, UTC.</summary>
    public long NowMicroseconds { get; init; }

    /// <summary>Sixteen bytes, never the same twice: hidden keys and gen_random_uuid().</summary>
    public required Func<byte[]> NextId { get; init; }

    /// <summary>A number greater than all before it at this gateway: deltas of one transaction are put in order by it.</summary>
    public required Func<ulong> NextDelta { get; init; }

    /// <summary>Numbers of sequences; null: none are to be had.</summary>
    public ISequenceNumbers? Numbers { get; init; }

    /// <summary>A shard that the transaction uses already: reference tables are read there, and deltas go there where it writes
    /// nowhere.</summary>
    public ShardId? PreferredShard { get; init; }

    /// <summary>Data shards that the transaction writes already: deltas go there.</summary>
    public IReadOnlyCollection<ShardId> WrittenShards { get; init; } = [];

    /// <summary>What kind of transaction it said that it is; null: nothing.</summary>
    public string? TransactionType { get; init; }

    /// <summary>The rows that spill over by themselves; null: none do.</summary>
    public IHotRows? HotRows { get; init; }

    /// <summary>The leader of a shard, for EXPLAIN.</summary>
    public Func<ShardId, string> LeaderOf { get; init; } = static _ => "?";

    /// <summary>The tables.</summary>
    public Catalog Catalog => State.Catalog;

    /// <summary>The shard map.</summary>
    public ShardMap Map => State.Map;
}
