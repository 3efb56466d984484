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

    /// <summary>Whether it visits rows by their keys, or under one value of the shard key each.</summary>
    public bool IsByKey
    {
        get
        {
            if (Table.ShardKey.Count > 0 && EqualColumns >= Table.ShardKey.Count)
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
        if (columns.Count < count)
        {
            return false;
        }

        // Hash buckets come first in the key, so only one bucket is in the order of its columns.
        int place = 0;
        if (Table.Placement == PlacementKind.Hash)
        {
            foreach (int ordinal in Table.ShardKey)
            {
                if (!IsFixed(ordinal))
                {
                    return false;
                }
            }
        }

        foreach (int column in columns)
        {
            if (IsFixed(column))
            {
                continue;
            }

            while (place < Table.KeyColumns.Count && Table.KeyColumns[place] != column
                && IsFixed(Table.KeyColumns[place]))
            {
                place++;
            }

            if (place == Table.KeyColumns.Count)
            {
                // The whole key is named: no two rows are equal so far.
                return true;
            }

            if (Table.KeyColumns[place] != column)
            {
                return false;
            }

            place++;
        }

        return true;
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
