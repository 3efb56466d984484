using System;
using System.Collections.Generic;
using ShardSql.Planning.Catalogs;

namespace ShardSql.Planning.Access;

/// <summary>In which order the rows of one shard come.</summary>
internal static class KeyOrder
{
    /// <summary>Whether rows of one shard come in the order of these ascending columns, which are all
    /// <paramref name="count"/> that the order has.</summary>
    /// <param name="table">The table, for its key.</param>
    /// <param name="isFixed">Whether a column has one value in all rows.</param>
    /// <param name="columns">Ordinals of the columns.</param>
    /// <param name="count">How many the order has.</param>
    public static bool IsSortedBy(TableDescriptor table, Func<int, bool> isFixed, IReadOnlyList<int> columns, int count)
    {
        if (columns.Count < count)
        {
            return false;
        }

        // Hash buckets come first in the key, so only one bucket is in the order of its columns.
        int place = 0;
        if (table.Placement == PlacementKind.Hash)
        {
            foreach (int ordinal in table.ShardKey)
            {
                if (!isFixed(ordinal))
                {
                    return false;
                }
            }
        }

        foreach (int column in columns)
        {
            if (isFixed(column))
            {
                continue;
            }

            while (place < table.KeyColumns.Count && table.KeyColumns[place] != column
                && isFixed(table.KeyColumns[place]))
            {
                place++;
            }

            if (place == table.KeyColumns.Count)
            {
                // The whole key is named: no two rows are equal so far.
                return true;
            }

            if (table.KeyColumns[place] != column)
            {
                return false;
            }

            place++;
        }

        return true;
    }
}
