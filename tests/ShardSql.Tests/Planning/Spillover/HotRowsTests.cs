using System;
using System.Linq;
using ShardSql.Planning.Spillover;
using Xunit;

namespace ShardSql.Tests.Planning.Spillover;

/// <summary>Rows that spill over by themselves: found fast, kept through a lull, let go when calm or read much.</summary>
public sealed class HotRowsTests
{
    private const uint Table = 7;
    private const ulong Row = 42;

    private readonly HotRows _rows = new();
    private long _nowMs = 1_000;

    [Theory]
    [InlineData(HotRows.AddsPerSecond * 2)]
    [InlineData(HotRows.AddsPerSecond * 50)]
    public void Add_many_areHotWithinTwoSteps(int perSecond)
    {
        Assert.False(_rows.Add(Table, Row, _nowMs));
        Assert.True(Add(perSecond, 2 * HotRows.StepMs));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(HotRows.AddsPerSecond / 2)]
    public void Add_fewOrOnes_neverAreHot(int perSecond)
    {
        for (int second = 0; second < 20; second++)
        {
            Assert.False(Add(perSecond, 1_000));
        }
    }

    [Fact]
    public void AddConflict_ofFewUpdates_makesThemHotWithinTwoSteps()
    {
        long until = _nowMs + (2 * HotRows.StepMs);
        bool isHot = false;
        for (; _nowMs < until; _nowMs += 12)
        {
            isHot = _rows.Add(Table, Row, _nowMs);
            _rows.AddConflict(Table, Row, _nowMs);
            _rows.AddConflict(Table, Row + 1, _nowMs);
        }

        Assert.True(isHot);
        Assert.False(_rows.IsHot(Table, Row + 1, _nowMs));
        Assert.False(_rows.IsHot(Table + 1, Row, _nowMs));
    }

    [Fact]
    public void IsHot_afterTheLastUpdate_staysForAWhileAndEndsWithinFiveSeconds()
    {
        Assert.True(Add(10_000, 3_000));
        Assert.True(_rows.IsHot(Table, Row, _nowMs + HotRows.CalmMs - HotRows.StepMs));
        Assert.False(_rows.IsHot(Table, Row, _nowMs + 5_000));
    }

    [Fact]
    public void IsHot_ofARateBetween_staysHotAndStaysCold()
    {
        int between = (HotRows.CalmAddsPerSecond + HotRows.AddsPerSecond) / 2;
        Assert.False(Add(between, 10_000));
        Assert.True(Add(HotRows.AddsPerSecond * 2, 200));
        Assert.True(Add(between, 10_000));
        _nowMs += 5_000;
        Assert.False(Add(between, 1_000));
    }

    [Fact]
    public void AddRead_ofManyReads_endsItWithinFiveSecondsAndKeepsItCold()
    {
        Assert.True(Add(1_000, 500));
        bool isHot = true;
        for (long until = _nowMs + 5_000; _nowMs < until; _nowMs++)
        {
            isHot = _rows.Add(Table, Row, _nowMs);
            for (int i = 0; i <= HotRows.ReadsPerAdd; i++)
            {
                _rows.AddRead(Table, Row, _nowMs);
            }
        }

        Assert.False(isHot);
        Assert.True(Add(1_000, 1_000));
    }

    [Fact]
    public void AddRead_asManyAsUpdates_changesNothing()
    {
        Assert.True(Add(1_000, 100));
        for (long until = _nowMs + 10_000; _nowMs < until; _nowMs++)
        {
            _rows.AddRead(Table, Row, _nowMs);
            Assert.True(_rows.Add(Table, Row, _nowMs));
        }
    }

    [Fact]
    public void Add_ofVeryManyRows_findsTheHotOneAmongThem()
    {
        bool isHot = false;
        for (int i = 0; i < 20_000; i++)
        {
            Assert.False(_rows.Add(Table, 1_000 + (ulong)(i % 5_000), _nowMs + (i / 4)));
            if (i % 4 == 0)
            {
                isHot = _rows.Add(Table, Row, _nowMs + (i / 4));
            }
        }

        Assert.True(isHot);
    }

    [Fact]
    public void Add_ofMoreTablesThanAreKept_forgetsTheOneThatRestedLongest()
    {
        const int Tables = HotRows.RowsMax / HotRows.RowsOfTable;
        for (uint table = 0; table < Tables; table++)
        {
            bool[] hot = [.. Enumerable.Range(0, 100).Select(_ => _rows.Add(table, Row, _nowMs + table))];
            Assert.True(hot[^1]);
        }

        Assert.True(_rows.Add(0, Row, _nowMs + Tables));
        Assert.False(_rows.Add(Tables, Row, _nowMs + Tables));
        Assert.Equal((true, true), (_rows.IsHot(0, Row, _nowMs + Tables), _rows.IsHot(2, Row, _nowMs + Tables)));
        Assert.False(_rows.IsHot(1, Row, _nowMs + Tables));
    }

    [Fact]
    public void Add_allocatesNothing()
    {
        _ = Add(1_000, 100);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10_000; i++)
        {
            _ = _rows.Add(Table, (ulong)i, ++_nowMs);
            _rows.AddConflict(Table, Row, _nowMs);
            _rows.AddRead(Table, Row, _nowMs);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    /// <summary>Adds at a rate for a time; gives whether the row is hot at its end.</summary>
    private bool Add(int perSecond, int forMs)
    {
        long from = _nowMs;
        long made = 0;
        bool isHot = _rows.IsHot(Table, Row, _nowMs);
        for (; _nowMs < from + forMs; _nowMs++)
        {
            for (long due = (_nowMs - from + 1) * perSecond / 1_000; made < due; made++)
            {
                isHot = _rows.Add(Table, Row, _nowMs);
            }
        }

        return isHot;
    }
}
