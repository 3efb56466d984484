using System.Collections.Generic;
using ShardSql.Execution.Plans;
using ShardSql.Primitives;

namespace ShardSql.Execution;

/// <summary>
/// Goes along the entries of an index and visits the row of each, a slice of entries at a time, in the order of the
/// entries. An entry without its row is passed over: it can only be met where other transactions commit between two
/// slices, and then validation refuses what was read.
/// </summary>
internal sealed class EntryCursor : IRowCursor
{
    private readonly AccessCursor _entries;
    private readonly WriteOverlay _overlay;
    private readonly TableShape _table;
    private readonly byte[] _rowPrefix;
    private readonly List<byte[]> _slice = [];
    private readonly List<byte[]> _neededKeys = [];
    private readonly List<KeyValuePair<byte[], byte[]>> _rows = [];
    private bool _asksRows;
    private int _taken;

    public EntryCursor(AccessPath path, TableShape table, WriteOverlay overlay)
    {
        _entries = new AccessCursor(path, overlay);
        _overlay = overlay;
        _table = table;
        _rowPrefix = RowKeyLayout.RowPrefix(table.TableId);
    }

    /// <inheritdoc />
    public IReadOnlyList<byte[]> NeededKeys => _asksRows ? _neededKeys : _entries.NeededKeys;

    /// <inheritdoc />
    public KeyRange NeededRange => _entries.NeededRange;

    /// <inheritdoc />
    public bool TryTake(out KeyValuePair<byte[], byte[]> row)
    {
        if (_taken < _rows.Count)
        {
            row = _rows[_taken++];
            return true;
        }

        row = default;
        return false;
    }

    /// <inheritdoc />
    public FragmentState Advance()
    {
        _rows.Clear();
        _taken = 0;
        _slice.Clear();
        while (_slice.Count < AccessCursor.SliceRows && _entries.TryTake(out KeyValuePair<byte[], byte[]> entry))
        {
            _slice.Add([.. _rowPrefix, .. IndexEntry.SuffixOf(entry.Value, _table.Name)]);
        }

        if (_slice.Count == 0)
        {
            return _entries.Advance();
        }

        foreach (byte[] key in _slice)
        {
            if (!_overlay.TryGet(key, out _))
            {
                _neededKeys.Add(key);
            }
        }

        _asksRows = _neededKeys.Count > 0;
        if (_asksRows)
        {
            return FragmentState.NeedKeys;
        }

        TakeSlice([]);
        return FragmentState.Yielded;
    }

    /// <inheritdoc />
    public void SupplyKeys(IReadOnlyList<byte[]?> values)
    {
        if (!_asksRows)
        {
            _entries.SupplyKeys(values);
            return;
        }

        Invariant.Check(values.Count == _neededKeys.Count, "Each key that was asked for has an answer.");
        _asksRows = false;
        TakeSlice(values);
    }

    /// <inheritdoc />
    public void SupplyRange(IReadOnlyList<KeyValuePair<byte[], byte[]>> rows, bool exhausted) =>
        _entries.SupplyRange(rows, exhausted);

    private void TakeSlice(IReadOnlyList<byte[]?> values)
    {
        int answered = 0;
        foreach (byte[] key in _slice)
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
    }
}
