using System;
using System.Threading;

using ShardSql.Execution;
using ShardSql.Planning.Spillover;
using ShardSql.Primitives;

namespace ShardSql.Gateway.Spillover;

/// <summary>What this gateway's statements say of rows that spill over by themselves (sharding.md §4): each gateway finds out
/// for itself. Only statements on such tables come here.</summary>
internal sealed class HotRowWatch : IHotRows
{
    private readonly Lock _gate = new();
    private readonly HotRows _rows = new();
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
    public void Reads(uint table, ReadOnlySpan<byte> rowKey)
    {
        ulong row = IdOf(rowKey[RowKeyLayout.RowPrefixLength..]);
        lock (_gate)
        {
            _rows.AddRead(table, row, NowMs);
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

        public void Reads(uint table, ReadOnlySpan<byte> rowKey)
        {
        }
    }
}
