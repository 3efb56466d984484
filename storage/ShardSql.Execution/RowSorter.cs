using System;
using System.Collections.Generic;
using ShardSql.Execution.Plans;
using ShardSql.Sql.Values;

namespace ShardSql.Execution;

/// <summary>
/// Sorts rows, or keeps the first <c>keep</c> of them in a heap. Rows that compare equal stay in the order of arrival,
/// so that the result is the same everywhere.
/// </summary>
internal sealed class RowSorter
{
    private const int EntryOverheadBytes = 96;

    private readonly RowComparer _comparer;
    private readonly long _keep;
    private readonly MemoryAccount _account;
    private readonly List<SortedRow> _rows = [];
    private readonly PriorityQueue<SortedRow, SortedRow>? _heap;
    private readonly SqlValue[] _scratch;
    private long _sequence;
    private int _next;

    /// <param name="keys">The order.</param>
    /// <param name="keep">So many rows are wanted; <see cref="long.MaxValue"/>: all.</param>
    /// <param name="account">Pays for the rows.</param>
    public RowSorter(IReadOnlyList<SortKey> keys, long keep, MemoryAccount account)
    {
        _comparer = new RowComparer(keys);
        _keep = keep;
        _account = account;
        _scratch = new SqlValue[keys.Count];
        if (keep < long.MaxValue)
        {
            // The last row comes out first, to be replaced by a better one.
            _heap = new PriorityQueue<SortedRow, SortedRow>(
                Comparer<SortedRow>.Create((a, b) => _comparer.Compare(b, a)));
        }
    }

    /// <summary>Takes a row; of it the first <paramref name="visible"/> columns are kept.</summary>
    public void Add(SqlValue[] row, int visible)
    {
        for (int i = 0; i < _scratch.Length; i++)
        {
            _scratch[i] = row[(int)_comparer.Keys[i].Column];
        }

        if (_keep == 0 || (_heap is not null && _heap.Count == _keep && _comparer.CompareKeys(_scratch, _heap.Peek().Keys) >= 0))
        {
            return;
        }

        var entry = new SortedRow(RowCodec.ToBytes(row.AsSpan(0, visible)), (SqlValue[])_scratch.Clone(), _sequence++);
        _account.Reserve(Cost(entry));
        if (_heap is null)
        {
            _rows.Add(entry);
        }
        else if (_heap.Count < _keep)
        {
            _heap.Enqueue(entry, entry);
        }
        else
        {
            _account.Release(Cost(_heap.EnqueueDequeue(entry, entry)));
        }
    }

    /// <summary>No more rows come.</summary>
    public void Finish()
    {
        while (_heap is not null && _heap.TryDequeue(out SortedRow? row, out _))
        {
            _rows.Add(row);
        }

        _rows.Sort(_comparer);
    }

    /// <summary>The next row in order, encoded; its memory is given back.</summary>
    public bool TryTake(out byte[] row)
    {
        if (_next == _rows.Count)
        {
            row = [];
            return false;
        }

        SortedRow entry = _rows[_next];
        _rows[_next++] = null!;
        _account.Release(Cost(entry));
        row = entry.Row;
        return true;
    }

    private static long Cost(SortedRow entry)
    {
        long bytes = EntryOverheadBytes + entry.Row.Length;
        foreach (SqlValue key in entry.Keys)
        {
            bytes += key.EstimateBytes();
        }

        return bytes;
    }
}
