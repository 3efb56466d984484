using System.Collections.Generic;
using ShardSql.Execution.Plans;
using ShardSql.Sql.Values;

namespace ShardSql.Execution;

/// <summary>The order of ORDER BY: by the keys, then by arrival.</summary>
internal sealed class RowComparer : IComparer<SortedRow>
{
    public RowComparer(IReadOnlyList<SortKey> keys) => Keys = keys;

    /// <summary>The keys in order.</summary>
    public IReadOnlyList<SortKey> Keys { get; }

    /// <summary>Compares the values of the keys.</summary>
    public int CompareKeys(SqlValue[] left, SqlValue[] right)
    {
        for (int i = 0; i < Keys.Count; i++)
        {
            int order = CompareKey(Keys[i], left[i], right[i]);
            if (order != 0)
            {
                return order;
            }
        }

        return 0;
    }

    /// <summary>Compares whole rows by the columns of the keys.</summary>
    public int CompareRows(SqlValue[] left, SqlValue[] right)
    {
        foreach (SortKey key in Keys)
        {
            int order = CompareKey(key, left[(int)key.Column], right[(int)key.Column]);
            if (order != 0)
            {
                return order;
            }
        }

        return 0;
    }

    /// <inheritdoc />
    public int Compare(SortedRow? x, SortedRow? y)
    {
        int order = CompareKeys(x!.Keys, y!.Keys);
        return order != 0 ? order : x.Sequence.CompareTo(y.Sequence);
    }

    private static int CompareKey(SortKey key, SqlValue left, SqlValue right)
    {
        if (left.IsNull || right.IsNull)
        {
            int nulls = right.IsNull.CompareTo(left.IsNull);
            return key.NullsFirst ? nulls : -nulls;
        }

        int order = SqlValue.Compare(left, right);
        return key.Descending ? -order : order;
    }
}
