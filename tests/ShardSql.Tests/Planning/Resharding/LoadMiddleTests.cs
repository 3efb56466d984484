using System;
using System.Linq;

using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Maps;
using ShardSql.Planning.Resharding;
using ShardSql.Planning.TransactionGraph;
using ShardSql.Primitives;

using Xunit;

namespace ShardSql.Tests.Planning.Resharding;

/// <summary>Where a segment's load has its middle.</summary>
public sealed class LoadMiddleTests
{
    private static readonly SystemState s_state = WatchedRows.State(
        2, "CREATE TABLE t (id int PRIMARY KEY) SHARD BY RANGE (id) SPLIT AT VALUES (1000)");

    [Fact]
    public void Of_rowsOfUnequalHeat_dividesTheLoadAndNotTheRows()
    {
        // Rows 0 to 9, of which 8 and 9 are touched as often as all others together.
        LoadMiddle middle = Middle(static random => [random.Next(2) == 0 ? random.Next(8) : 8 + random.Next(2)]);
        Assert.Equal(WatchedRows.KeyOf(s_state, 8), middle.Key);
        Assert.Equal(10, middle.Keys);
    }

    [Fact]
    public void Of_oneVeryHotRow_putsItAloneOnOneSide()
    {
        LoadMiddle middle = Middle(static random => [random.Next(10) > 0 ? 3 : random.Next(10)]);
        Assert.Contains(middle.Key, new[] { WatchedRows.KeyOf(s_state, 3), WatchedRows.KeyOf(s_state, 4) });
    }

    [Fact]
    public void Of_rowsOfAnotherSegment_takesNoAccountOfThem()
    {
        LoadMiddle middle = Middle(static random => [random.Next(4), 1_000 + random.Next(50)]);
        Assert.Equal(4, middle.Keys);
        Assert.Equal(WatchedRows.KeyOf(s_state, 2), middle.Key);
    }

    [Theory]
    [InlineData(100, 10, true)]
    [InlineData(2_000, 1, false)]
    public void Of_whatSaysTooLittle_isNone(int transactions, int rows, bool isRarelyTouched)
    {
        LoadMiddle middle = Middle(random => [random.Next(rows)], transactions);
        Assert.Null(middle.Key);
        Assert.Equal(isRarelyTouched, middle.Touches < LoadMiddle.TouchesMin);
        Assert.Equal(rows, middle.Keys);
    }

    [Fact]
    public void Of_rowsThatAreNotKnownOneByOne_isNone()
    {
        LoadMiddle middle = Middle(static random => [random.Next(900)], 20_000, keys: 16);
        Assert.Null(middle.Key);
        Assert.InRange(middle.KnownPerMille, 0, LoadMiddle.KnownPerMilleMin - 1);
        Assert.True(middle.Touches >= LoadMiddle.TouchesMin);
    }

    private static LoadMiddle Middle(Func<Prng, int[]> next, int transactions = 4_000, int? keys = null)
    {
        TelemetryOptions options = keys is { } few ? new TelemetryOptions { Keys = few } : new TelemetryOptions();
        Segment first = s_state.Map.OfGroup(s_state.Catalog.Require("t", 0).GroupId)[0];
        return LoadMiddle.Of(s_state, WatchedRows.Of(s_state, transactions, next, options), first);
    }
}
