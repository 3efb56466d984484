using System;
using System.Collections.Generic;
using ShardSql.Planning.Catalogs;
using ShardSql.Primitives;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Access;

/// <summary>Turns conditions on key columns into the suffixes to visit.</summary>
internal sealed class SuffixPlanner
{
    /// <summary>Most keys, or prefixes of ranges, that one statement names; beyond it the conditions only filter.</summary>
    public const int PointsMax = 10_000;

    private readonly TableDescriptor _table;
    private readonly KeyBuilder _keys;
    private readonly KeyConditions _conditions;

    public SuffixPlanner(TableDescriptor table, KeyBuilder keys, KeyConditions conditions)
    {
        _table = table;
        _keys = keys;
        _conditions = conditions;
    }

    public SuffixPlan Plan()
    {
        if (_conditions.IsContradiction)
        {
            return new SuffixPlan();
        }

        // Equalities come first: where they fix the whole key, the filter does not hold them any more.
        List<SqlValue[]> prefixes = EqualPrefixes(out int columns);
        if (columns == _table.KeyColumns.Count)
        {
            return Points(prefixes);
        }

        if (FromRowSet() is { } rows)
        {
            return Points(rows);
        }

        return columns < _keys.ColumnsBeforeFirstByte
            ? new SuffixPlan { Ranges = [KeyRange.All] }
            : Ranges(prefixes, columns);
    }

    private SuffixPlan Points(List<SqlValue[]> rows)
    {
        var sorted = new SortedDictionary<byte[], SqlValue[]>(ByteKeyComparer.Instance);
        foreach (SqlValue[] row in rows)
        {
            sorted[_keys.Suffix(row)] = row;
        }

        var points = new List<(byte[], SqlValue[])>(sorted.Count);
        foreach ((byte[] suffix, SqlValue[] key) in sorted)
        {
            points.Add((suffix, key));
        }

        return new SuffixPlan { Points = points, EqualColumns = _table.KeyColumns.Count };
    }

    /// <summary>The rows of an IN list over exactly the key columns.</summary>
    private List<SqlValue[]>? FromRowSet()
    {
        foreach ((IReadOnlyList<int> ordinals, IReadOnlyList<SqlValue[]> rows) in _conditions.RowSets)
        {
            if (ordinals.Count != _table.KeyColumns.Count || rows.Count > PointsMax)
            {
                continue;
            }

            var keys = new List<SqlValue[]>(rows.Count);
            int[] places = new int[ordinals.Count];
            for (int i = 0; i < places.Length; i++)
            {
                places[i] = IndexOf(ordinals, _table.KeyColumns[i]);
            }

            if (Array.IndexOf(places, -1) >= 0)
            {
                continue;
            }

            foreach (SqlValue[] row in rows)
            {
                keys.Add(Array.ConvertAll(places, place => row[place]));
            }

            return keys;
        }

        return null;
    }

    /// <summary>All combinations of the values of the leading key columns that are fixed.</summary>
    private List<SqlValue[]> EqualPrefixes(out int columns)
    {
        var prefixes = new List<SqlValue[]> { Array.Empty<SqlValue>() };
        columns = 0;
        while (columns < _table.KeyColumns.Count
            && _conditions.EqualTo(_table.KeyColumns[columns]) is { } values
            && (long)prefixes.Count * values.Count <= PointsMax)
        {
            var longer = new List<SqlValue[]>(prefixes.Count * values.Count);
            foreach (SqlValue[] prefix in prefixes)
            {
                foreach (SqlValue value in values)
                {
                    longer.Add([.. prefix, value]);
                }
            }

            prefixes = longer;
            columns++;
        }

        return prefixes;
    }

    private SuffixPlan Ranges(List<SqlValue[]> prefixes, int columns)
    {
        var ranges = new List<KeyRange>(prefixes.Count);
        bool bounded = false;
        foreach (SqlValue[] prefix in prefixes)
        {
            KeyRange whole = WholeOf(_keys.Suffix(prefix));
            KeyRange range = Bound(whole, prefix, columns);
            bounded |= range != whole;
            if (!KeyBuilder.IsEmpty(range))
            {
                ranges.Add(range);
            }
        }

        ranges.Sort(static (a, b) => ByteKeyComparer.Instance.Compare(a.Start, b.Start));
        return new SuffixPlan { Ranges = ranges, EqualColumns = columns, IsBounded = bounded };
    }

    private KeyRange Bound(KeyRange range, SqlValue[] prefix, int columns)
    {
        int ordinal = _table.KeyColumns[columns];
        if (_conditions.LowerOf(ordinal) is { } lower)
        {
            range = Cut(range, [.. prefix, lower.Value], isLower: true, lower.Inclusive);
        }

        if (_conditions.UpperOf(ordinal) is { } upper)
        {
            range = Cut(range, [.. prefix, upper.Value], isLower: false, upper.Inclusive);
        }

        foreach (RowBound bound in _conditions.RowBounds)
        {
            int matching = 0;
            while (matching < bound.Ordinals.Count
                && columns + matching < _table.KeyColumns.Count
                && bound.Ordinals[matching] == _table.KeyColumns[columns + matching])
            {
                matching++;
            }

            if (matching > 0)
            {
                // Only a part of the row is in key order: the rows equal in that part may qualify.
                bool inclusive = bound.Inclusive || matching < bound.Ordinals.Count;
                SqlValue[] values = [.. prefix, .. FirstOf(bound.Values, matching)];
                range = Cut(range, values, bound.IsLower, inclusive);
            }
        }

        return range;
    }

    private KeyRange Cut(KeyRange range, SqlValue[] values, bool isLower, bool inclusive)
    {
        KeyRange equal = WholeOf(_keys.Suffix(values));
        KeyRange half = isLower
            ? new KeyRange(inclusive ? equal.Start : equal.End ?? [], null)
            : new KeyRange([], inclusive ? equal.End : equal.Start);
        return KeyBuilder.Intersect(range, half);
    }

    private static KeyRange WholeOf(byte[] suffix) => suffix.Length == 0 ? KeyRange.All : KeyRange.Prefix(suffix);

    private static SqlValue[] FirstOf(IReadOnlyList<SqlValue> values, int count)
    {
        var first = new SqlValue[count];
        for (int i = 0; i < count; i++)
        {
            first[i] = values[i];
        }

        return first;
    }

    private static int IndexOf(IReadOnlyList<int> list, int value)
    {
        for (int i = 0; i < list.Count; i++)
        {
            if (list[i] == value)
            {
                return i;
            }
        }

        return -1;
    }
}
