using System;
using System.Collections.Generic;
using ShardSql.Execution.Plans;
using ShardSql.Primitives;

namespace ShardSql.Execution;

/// <summary>
/// Goes along an access path: asks for keys or rows in slices, lays the fragment's own writes over what it is given,
/// and hands the rows out one by one in key order.
/// </summary>
internal sealed class AccessCursor : IRowCursor
{
    /// <summary>Keys or rows asked for at once.</summary>
    public const int SliceRows = 256;

    private readonly AccessPath _path;
    private readonly WriteOverlay _overlay;
    private readonly List<KeyValuePair<byte[], byte[]>> _rows = [];
    private readonly List<byte[]> _neededKeys = [];
    private readonly List<byte[]> _sliceKeys = [];
    private int _taken;
    private int _nextKey;
    private int _nextRange;
    private readonly EntryHomes? _homes;
    private KeyRange? _rest;

    public AccessCursor(AccessPath path, WriteOverlay overlay)
    {
        _path = path;
        _overlay = overlay;
        _homes = EntryHomes.Of(path);
    }

    /// <summary>The keys that are asked for.</summary>
    public IReadOnlyList<byte[]> NeededKeys => _neededKeys;

    /// <summary>The range that is asked for.</summary>
    public KeyRange NeededRange => _rest ?? throw new InvariantException("No range is asked for.");

    /// <summary>The next row, where one is at hand.</summary>
    public bool TryTake(out KeyValuePair<byte[], byte[]> row)
    {
        while (_taken < _rows.Count)
        {
            row = _rows[_taken++];
            if (_homes is null || _homes.Hold(row.Value))
            {
                return true;
            }
        }

        row = default;
        return false;
    }

    /// <summary>Turns to the next slice: NeedKeys, NeedRange, Yielded (rows are at hand without asking) or Done.</summary>
    public FragmentState Advance()
    {
        _rows.Clear();
        _taken = 0;
        if (_nextKey < _path.Keys.Count)
        {
            return NextKeys();
        }

        if (_rest is null && _nextRange < _path.Ranges.Count)
        {
            AccessRange range = _path.Ranges[_nextRange++];
            _rest = new KeyRange(range.Start.ToByteArray(), range.OpenEnd ? null : range.End.ToByteArray());
        }

        return _rest is null ? FragmentState.Done : FragmentState.NeedRange;
    }

    /// <summary>The values of <see cref="NeededKeys"/>, null where a key is absent.</summary>
    public void SupplyKeys(IReadOnlyList<byte[]?> values)
    {
        Invariant.Check(values.Count == _neededKeys.Count, "Each key that was asked for has an answer.");
        int answered = 0;
        foreach (byte[] key in _sliceKeys)
        {
            if (!_overlay.TryGet(key, out byte[]? value))
            {
                value = values[answered++];
            }

            if (value is not null)
            {
                _rows.Add(KeyValuePair.Create(key, value));
            }
        }

        _neededKeys.Clear();
        _sliceKeys.Clear();
    }

    /// <summary>Rows of <see cref="NeededRange"/> from its start on; without a last key the range must be exhausted.
    /// </summary>
    public void SupplyRange(IReadOnlyList<KeyValuePair<byte[], byte[]>> rows, bool exhausted)
    {
        KeyRange range = NeededRange;
        Invariant.Check(exhausted || rows.Count > 0, "A range that goes on has brought a row.");
        KeyRange covered = exhausted ? range : new KeyRange(range.Start, KeyRange.Successor(rows[^1].Key));
        if (_overlay.Count == 0)
        {
            _rows.AddRange(rows);
        }
        else
        {
            Merge(rows, covered);
        }

        _rest = exhausted ? null : range with { Start = covered.End! };
    }

    private FragmentState NextKeys()
    {
        int end = Math.Min(_nextKey + SliceRows, _path.Keys.Count);
        for (; _nextKey < end; _nextKey++)
        {
            byte[] key = _path.Keys[_nextKey].ToByteArray();
            _sliceKeys.Add(key);
            if (!_overlay.TryGet(key, out _))
            {
                _neededKeys.Add(key);
            }
        }

        if (_neededKeys.Count > 0)
        {
            return FragmentState.NeedKeys;
        }

        SupplyKeys([]);
        return FragmentState.Yielded;
    }

    private void Merge(IReadOnlyList<KeyValuePair<byte[], byte[]>> rows, KeyRange covered)
    {
        int next = 0;
        foreach ((byte[] key, byte[]? value) in _overlay.Within(covered))
        {
            while (next < rows.Count && ByteKeyComparer.Instance.Compare(rows[next].Key, key) < 0)
            {
                _rows.Add(rows[next++]);
            }

            if (next < rows.Count && ByteKeyComparer.Instance.Equals(rows[next].Key, key))
            {
                next++;
            }

            if (value is not null)
            {
                _rows.Add(KeyValuePair.Create(key, value));
            }
        }

        for (; next < rows.Count; next++)
        {
            _rows.Add(rows[next]);
        }
    }
}
