using System;
using System.Collections.Generic;
using ShardSql.Execution.Plans;
using ShardSql.Primitives;
using ShardSql.Sql.Values;

namespace ShardSql.Execution;

/// <summary>
/// Keeps the entries of the indexes beside the rows that one statement writes. They change when the statement has
/// written its last row, so that what it reads by an index is not what it writes there, and so that rows may exchange
/// their values. A key that takes a value must be free then: it is read, which makes its absence part of the transaction.
/// </summary>
internal sealed class EntryWriter
{
    private const int EntryOverheadBytes = 160;

    private readonly TableShape _table;
    private readonly ExecutionContext _context;
    private readonly TableConstraints _constraints;
    private readonly SortedSet<byte[]> _removed = new(ByteKeyComparer.Instance);
    private readonly SortedDictionary<byte[], (byte[] Value, int Index, SqlValue[]? Row)> _added =
        new(ByteKeyComparer.Instance);
    private readonly List<byte[]> _needed = [];
    private readonly Queue<byte[]> _unchecked = new();
    private long _reserved;
    private bool _begun;

    public EntryWriter(TableShape table, TableConstraints constraints, ExecutionContext context)
    {
        _table = table;
        _constraints = constraints;
        _context = context;
    }

    /// <summary>Whether the table has no such indexes.</summary>
    public bool IsIdle => _table.Indexes.Count == 0;

    /// <summary>Whether keys are asked for.</summary>
    public bool IsAsking => _needed.Count > 0;

    /// <summary>After NeedKeys: the keys that must be free.</summary>
    public IReadOnlyList<byte[]> NeededKeys => _needed;

    /// <summary>A row takes the place of another; null: of none, or none does.</summary>
    public void Write(byte[] rowKey, SqlValue[]? old, SqlValue[]? row)
    {
        ReadOnlySpan<byte> suffix = rowKey.AsSpan(RowKeyLayout.RowPrefixLength);
        for (int i = 0; i < _table.Indexes.Count; i++)
        {
            IndexShape index = _table.Indexes[i];
            byte[]? oldKey = old is null ? null : IndexEntry.Key(_table.TableId, index, old, suffix);
            byte[]? newKey = row is null || index.OnlyRemoves ? null : IndexEntry.Key(_table.TableId, index, row, suffix);
            byte[]? value = newKey is null ? null : IndexEntry.Value(IndexEntry.Columns(index.Stored, row!, suffix));
            if (oldKey is not null && newKey is not null && ByteKeyComparer.Instance.Equals(oldKey, newKey)
                && value.AsSpan().SequenceEqual(IndexEntry.Value(IndexEntry.Columns(index.Stored, old!, suffix))))
            {
                continue;
            }

            if (oldKey is not null && _removed.Add(oldKey))
            {
                Reserve(oldKey.Length);
            }

            if (newKey is not null)
            {
                Add(newKey, value!, i, row!);
            }
        }
    }

    /// <summary>After the last row: NeedKeys, then Done.</summary>
    public FragmentState Finish()
    {
        if (IsIdle)
        {
            return FragmentState.Done;
        }

        if (!_begun)
        {
            _begun = true;
            foreach ((byte[] key, (_, _, SqlValue[]? row)) in _added)
            {
                if (row is not null && !_removed.Contains(key))
                {
                    _unchecked.Enqueue(key);
                }
            }
        }

        while (_needed.Count < AccessCursor.SliceRows && _unchecked.TryDequeue(out byte[]? key))
        {
            if (!_context.Overlay.TryGet(key, out byte[]? written))
            {
                _needed.Add(key);
            }
            else if (written is not null)
            {
                throw Duplicate(key);
            }
        }

        return IsAsking ? FragmentState.NeedKeys : Flush();
    }

    /// <summary>The values of <see cref="NeededKeys"/>; 23505 where there is one.</summary>
    public void SupplyKeys(IReadOnlyList<byte[]?> values)
    {
        Invariant.Check(values.Count == _needed.Count, "Each key that was asked for has an answer.");
        for (int i = 0; i < values.Count; i++)
        {
            if (values[i] is not null)
            {
                throw Duplicate(_needed[i]);
            }
        }

        _needed.Clear();
    }

    private void Add(byte[] key, byte[] value, int index, SqlValue[] row)
    {
        ConstraintErrors.CheckKeyLength(key.Length, _table.Name);
        IndexShape shape = _table.Indexes[index];
        bool exclusive = IndexEntry.IsExclusive(shape.Unique, shape.Columns, row);
        if (!_added.TryAdd(key, (value, index, exclusive ? (SqlValue[])row.Clone() : null)))
        {
            throw _constraints.Duplicate(row, shape.Name, shape.Columns);
        }

        Reserve(key.Length + value.Length);
    }

    private Sql.SqlException Duplicate(byte[] key)
    {
        (_, int index, SqlValue[]? row) = _added[key];
        return _constraints.Duplicate(row!, _table.Indexes[index].Name, _table.Indexes[index].Columns);
    }

    private FragmentState Flush()
    {
        _context.Account.Release(_reserved);
        _reserved = 0;
        foreach (byte[] key in _removed)
        {
            if (!_added.ContainsKey(key))
            {
                _context.Overlay.Put(key, null);
            }
        }

        foreach ((byte[] key, (byte[] value, _, _)) in _added)
        {
            _context.Overlay.Put(key, value);
        }

        _removed.Clear();
        _added.Clear();
        return FragmentState.Done;
    }

    private void Reserve(int bytes)
    {
        _context.Account.Reserve(bytes + EntryOverheadBytes);
        _reserved += bytes + EntryOverheadBytes;
    }
}
