using System.Collections.Generic;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Access;

/// <summary>What the AND-ed conditions of a WHERE say about columns: the part of it that an access path can use.</summary>
public sealed class KeyConditions
{
    private readonly SortedDictionary<int, IReadOnlyList<SqlValue>> _equal = [];
    private readonly SortedDictionary<int, KeyBound> _lower = [];
    private readonly SortedDictionary<int, KeyBound> _upper = [];
    private readonly List<RowBound> _rowBounds = [];
    private readonly List<(IReadOnlyList<int> Ordinals, IReadOnlyList<SqlValue[]> Rows)> _rowSets = [];

    /// <summary>No row can meet the conditions.</summary>
    public bool IsContradiction { get; private set; }

    /// <summary>Row comparisons.</summary>
    public IReadOnlyList<RowBound> RowBounds => _rowBounds;

    /// <summary>Lists of rows: <c>(a, b) IN ((1, 2), (3, 4))</c>.</summary>
    public IReadOnlyList<(IReadOnlyList<int> Ordinals, IReadOnlyList<SqlValue[]> Rows)> RowSets => _rowSets;

    /// <summary>The values that a column may have, in order and distinct; null: no such condition.</summary>
    public IReadOnlyList<SqlValue>? EqualTo(int ordinal) => _equal.GetValueOrDefault(ordinal);

    /// <summary>What a column must be above.</summary>
    public KeyBound? LowerOf(int ordinal) => _lower.TryGetValue(ordinal, out KeyBound bound) ? bound : null;

    /// <summary>What a column must be below.</summary>
    public KeyBound? UpperOf(int ordinal) => _upper.TryGetValue(ordinal, out KeyBound bound) ? bound : null;

    /// <summary>No row can meet the conditions.</summary>
    public void Contradict() => IsContradiction = true;

    /// <summary>A column has one of these values; with an earlier such condition, one of those that both name.</summary>
    public void RequireEqual(int ordinal, IReadOnlyList<SqlValue> values)
    {
        var distinct = new SortedSet<SqlValue>(values, Comparer<SqlValue>.Create(SqlValue.Compare));
        if (_equal.TryGetValue(ordinal, out IReadOnlyList<SqlValue>? earlier))
        {
            distinct.IntersectWith(earlier);
        }

        _equal[ordinal] = [.. distinct];
        IsContradiction |= distinct.Count == 0;
    }

    /// <summary>A column is above a value.</summary>
    public void RequireLower(int ordinal, KeyBound bound)
    {
        if (_lower.TryGetValue(ordinal, out KeyBound old) && !IsTighter(SqlValue.Compare(bound.Value, old.Value), bound))
        {
            return;
        }

        _lower[ordinal] = bound;
        CheckBounds(ordinal);
    }

    /// <summary>A column is below a value.</summary>
    public void RequireUpper(int ordinal, KeyBound bound)
    {
        if (_upper.TryGetValue(ordinal, out KeyBound old) && !IsTighter(SqlValue.Compare(old.Value, bound.Value), bound))
        {
            return;
        }

        _upper[ordinal] = bound;
        CheckBounds(ordinal);
    }

    /// <summary>Some columns compare with a row of values.</summary>
    public void Require(RowBound bound) => _rowBounds.Add(bound);

    /// <summary>Some columns are one of these rows.</summary>
    public void RequireRows(IReadOnlyList<int> ordinals, IReadOnlyList<SqlValue[]> rows)
    {
        _rowSets.Add((ordinals, rows));
        IsContradiction |= rows.Count == 0;
    }

    private static bool IsTighter(int order, KeyBound bound) => order > 0 || (order == 0 && !bound.Inclusive);

    private void CheckBounds(int ordinal)
    {
        if (LowerOf(ordinal) is { } lower && UpperOf(ordinal) is { } upper)
        {
            int order = SqlValue.Compare(lower.Value, upper.Value);
            IsContradiction |= order > 0 || (order == 0 && !(lower.Inclusive && upper.Inclusive));
        }
    }
}
