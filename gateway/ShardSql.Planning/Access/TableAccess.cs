using System.Collections.Generic;
using Google.Protobuf;
using ShardSql.Planning.Catalogs;

namespace ShardSql.Planning.Access;

/// <summary>How a statement reaches the rows of its table: by shard, with what must still filter.</summary>
internal sealed record TableAccess
{
    /// <summary>The table.</summary>
    public required TableDescriptor Table { get; init; }

    /// <summary>What is visited on each shard, in the order of shards.</summary>
    public required IReadOnlyCollection<ShardAccess> Shards { get; init; }

    /// <summary>The bound condition for each row; empty: none.</summary>
    public required ByteString Filter { get; init; }

    /// <summary>Leading key columns that the condition fixes.</summary>
    public int EqualColumns { get; init; }

    /// <summary>Whether the next key column is bounded.</summary>
    public bool IsBounded { get; init; }

    /// <summary>Columns that the condition fixes to one value each.</summary>
    public required IReadOnlyCollection<int> FixedColumns { get; init; }

    /// <summary>The index whose entries are visited; null: the rows themselves.</summary>
    public IndexDescriptor? Index { get; init; }

    /// <summary>Whether <see cref="Shards"/> are those of entries only, whose rows must be visited by their keys then.
    /// </summary>
    public bool IsLookUp { get; init; }

    /// <summary>The table whose version and segments the shards must know: that of the rows, or of a GLOBAL index's
    /// entries.</summary>
    public required TableDescriptor Visited { get; init; }

    /// <summary>The key of the one row that is visited, at its shard; null: others may be, or entries are.</summary>
    public byte[]? OnlyKey
    {
        get
        {
            ShardAccess? only = null;
            foreach (ShardAccess shard in Shards)
            {
                if (only is not null || shard.Ranges.Count > 0 || shard.Keys.Count != 1)
                {
                    return null;
                }

                only = shard;
            }

            return Index is null ? only?.Keys[0] : null;
        }
    }

    /// <summary>How EXPLAIN names what is visited.</summary>
    public string VisitedName => Index is null
        ? Table.Name
        : $"{Table.Name} by {(Index.IsGlobal ? "global" : "local")} index {Index.Name}";

    /// <summary>Whether it visits rows by their keys, or under one value of the shard key each.</summary>
    public bool IsByKey
    {
        get
        {
            if (Index is null && Table.ShardKey.Count > 0 && EqualColumns >= Table.ShardKey.Count)
            {
                return true;
            }

            foreach (ShardAccess shard in Shards)
            {
                if (shard.Ranges.Count > 0)
                {
                    return false;
                }
            }

            return true;
        }
    }

    /// <summary>Whether rows of one shard come in the order of these ascending columns, which are all
    /// <paramref name="count"/> that the order has.</summary>
    public bool IsSortedBy(IReadOnlyList<int> columns, int count)
    {
        return !IsLookUp && KeyOrder.IsSortedBy(
            Index is null ? Table : IndexKeys.OrderOf(Table, Index), IsFixed, columns, count);
    }

    private bool IsFixed(int ordinal)
    {
        foreach (int known in FixedColumns)
        {
            if (known == ordinal)
            {
                return true;
            }
        }

        return false;
    }
}
