using System;
using System.Collections.Generic;
using System.Threading;

using ShardSql.Execution;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Spillover;
using ShardSql.Primitives;
using ShardSql.Sql.Values;

namespace ShardSql.Gateway.Spillover;

/// <summary>What this gateway's statements say of rows that spill over (sharding.md §4): each gateway finds out
/// for itself. Only statements on such tables come here.</summary>
internal sealed class HotRowWatch : IHotRows
{
    private readonly Lock _gate = new();
    private readonly HotRows _rows = new();
    private readonly ReadRows _read = new();
    private readonly TimeProvider _time;
    private readonly long _started;

    public HotRowWatch(TimeProvider time)
    {
        _time = time;
        _started = time.GetTimestamp();
        Looking = new Onlooker(this);
    }

    /// <inheritdoc />
    public IHotRows Looking { get; }

    private long NowMs => (long)_time.GetElapsedTime(_started).TotalMilliseconds;

    /// <inheritdoc />
    public bool Adds(uint table, ReadOnlySpan<byte> rowKey)
    {
        ulong row = IdOf(rowKey[RowKeyLayout.RowPrefixLength..]);
        lock (_gate)
        {
            return _rows.Add(table, row, NowMs);
        }
    }

    /// <inheritdoc />
    public void Reads(TableDescriptor table, ReadOnlySpan<byte> rowKey, SqlValue[] key)
    {
        ulong row = IdOf(rowKey[RowKeyLayout.RowPrefixLength..]);
        lock (_gate)
        {
            _read.Add(table.Id, key);
            if (table.Spillover?.Trigger == SpilloverTrigger.Auto)
            {
                _rows.AddRead(table.Id, row, NowMs);
            }
        }
    }

    /// <summary>Looks at the rows that are read much.</summary>
    public IReadOnlyList<(uint Table, SqlValue[] Key)> TakeRead()
    {
        lock (_gate)
        {
            return _read.Look();
        }
    }

    /// <summary>A transaction that wrote a row was refused.</summary>
    /// <param name="table">The row's table.</param>
    /// <param name="suffix">Its key, without the table.</param>
    public void Conflicts(uint table, ReadOnlySpan<byte> suffix)
    {
        ulong row = IdOf(suffix);
        lock (_gate)
        {
            _rows.AddConflict(table, row, NowMs);
        }
    }

    private static ulong IdOf(ReadOnlySpan<byte> suffix) => Hash64.Compute(suffix);

    private bool IsHot(uint table, ReadOnlySpan<byte> rowKey)
    {
        ulong row = IdOf(rowKey[RowKeyLayout.RowPrefixLength..]);
        lock (_gate)
        {
            return _rows.IsHot(table, row, NowMs);
        }
    }

    private sealed class Onlooker(HotRowWatch watch) : IHotRows
    {
        public IHotRows Looking => this;

        public bool Adds(uint table, ReadOnlySpan<byte> rowKey) => watch.IsHot(table, rowKey);

        public void Reads(TableDescriptor table, ReadOnlySpan<byte> rowKey, SqlValue[] key)
        {
        }
    }
}
