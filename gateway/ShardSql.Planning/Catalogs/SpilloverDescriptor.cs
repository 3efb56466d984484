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

    /// <summary>Ids of the columns; with policy timestamp the last is the one by which.</summary>
    public required IReadOnlyList<uint> Columns { get; init; }

    /// <summary>What deltas come to.</summary>
    public SpilloverPolicy Policy { get; init; }

    /// <summary>What the policy is called.</summary>
    public string PolicyName => NameOf(Policy);

    /// <summary>What a policy is called.</summary>
    public static string NameOf(SpilloverPolicy policy) => policy switch
    {
        SpilloverPolicy.Sum => "sum",
        SpilloverPolicy.BoundedSum => "bounded_sum",
        SpilloverPolicy.Append => "append",
        SpilloverPolicy.LastWrite => "last_write",
        _ => "timestamp",
    };

    /// <summary>Whether it matters in which order they were committed: then they set the columns, all of them, or append.</summary>
    public bool IsInOrder => Policy is SpilloverPolicy.Append or SpilloverPolicy.LastWrite or SpilloverPolicy.Timestamp;

    /// <summary>The column whose greatest value holds; null: the policy is another.</summary>
    public uint? By => Policy == SpilloverPolicy.Timestamp ? Columns[^1] : null;

    /// <summary>What the column is never below, in its smallest unit, where the policy says so.</summary>
    public Int128 Bound { get; init; }

    /// <summary>Spill shards that take deltas, from 0 on: 1 to <see cref="SlotsMax"/>, each in segments of its own.</summary>
    public required int Slots { get; init; }

    /// <summary>Spill shards that are read: those that take deltas, and behind them those that are being emptied.</summary>
    public required int SlotsRead { get; init; }

    /// <summary>Spill shards that the table keeps where little is added.</summary>
    public required int MinSlots { get; init; }

    /// <summary>Spill shards that it has at most, however much is added.</summary>
    public required int MaxSlots { get; init; }

    /// <summary>Spill shards that deltas of one row go to, where there are as many: which, its key says.</summary>
    public int SlotsOfRow { get; init; } = SlotsMax;

    /// <summary>Deltas of each spill shard per second above which there is to be one more.</summary>
    public int SplitAt { get; init; } = 2_000;

    /// <summary>Deltas of each spill shard per second below which there is to be one less; below <see cref="SplitAt"/>.
    /// </summary>
    public int MergeAt { get; init; } = 100;

    /// <summary>Which rows take deltas.</summary>
    public SpilloverTrigger Trigger { get; init; } = SpilloverTrigger.Manual;

    /// <summary>The rows that were named: values of the row key's columns, in key order.</summary>
    public IReadOnlyList<SqlValue[]> Keys { get; init; } = [];

    /// <summary>Deltas of a row from which on they are merged.</summary>
    public int MaxPending { get; init; } = 10_000;

    /// <summary>Age of a delta from which on it is merged.</summary>
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How often the deltas of a row are merged at least; null: their age and number say it.</summary>
    public TimeSpan? MergeEvery { get; init; }

    /// <summary>Age of a delta from which on it is merged, whatever says so.</summary>
    public TimeSpan MergedAfter => MergeEvery < MaxAge ? MergeEvery.Value : MaxAge;

    /// <summary>Whether a row takes deltas whether it is hot or not.</summary>
    public bool IsMeant(SqlValue[] key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return Trigger == SpilloverTrigger.Always || IsNamed(key);
    }

    /// <summary>Whether a row was named.</summary>
    public bool IsNamed(SqlValue[] key)
    {
        foreach (SqlValue[] known in Keys)
        {
            if (known.AsSpan().SequenceEqual(key))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether rows that are not meant may have spilled all the same: others were, once.</summary>
    public bool MeantOthers { get; init; }

    /// <summary>Whether a row has no deltas, headers or quotas, by what is known of it here.</summary>
    public bool IsSpared(SqlValue[] key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return Trigger == SpilloverTrigger.Manual && !MeantOthers && !IsNamed(key);
    }

    /// <summary>Whether no new deltas are taken: those that are there are merged, and then it is over.</summary>
    public bool IsEnding { get; init; }
}
