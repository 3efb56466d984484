using ShardSql.Gateway.Spillover;
using Xunit;

namespace ShardSql.Tests.Gateway;

/// <summary>A merge that fails is tried again, at once where deltas have come or gone, else less and less often.</summary>
public sealed class FullRowsTests
{
    private static readonly byte[] s_row = [1, 2];

    [Fact]
    public void IsDue_ofARowThatStaysFull_comesLessAndLessOften()
    {
        var rows = new FullRows();
        int tried = 0;
        for (long nowMs = 0; nowMs < 1_000_000; nowMs += 250)
        {
            if (rows.IsDue([1, 2], deltas: 3, nowMs))
            {
                tried++;
                rows.Add([1, 2], deltas: 3, nowMs);
            }
        }

        // After 0, 1, 3, 7, 15, 31 and 63 s, then each minute.
        Assert.Equal(7 + ((1_000_000 - 63_000 - 1) / (int)FullRows.WaitMaxMs), tried);
    }

    [Theory]
    [InlineData(3, 999, false)]
    [InlineData(3, 1_000, true)]
    [InlineData(4, 1, true)]
    [InlineData(3, -1, true)]
    public void IsDue_whereDeltasHaveComeOrTimeHasPassed_isSo(int deltas, long nowMs, bool expected)
    {
        var rows = new FullRows();
        rows.Add(s_row, deltas: 3, nowMs: 0);
        Assert.Equal(expected, rows.IsDue(s_row, deltas, nowMs));
        Assert.True(rows.IsDue([7], deltas: 3, nowMs: 1));
    }

    [Fact]
    public void Keep_forgetsWhatIsNotThere()
    {
        var rows = new FullRows();
        rows.Add(s_row, deltas: 3, nowMs: 0);
        rows.Keep([[1, 2], [7]]);
        Assert.False(rows.IsDue(s_row, deltas: 3, nowMs: 1));
        rows.Keep([]);
        Assert.True(rows.IsDue(s_row, deltas: 3, nowMs: 1));
    }
}
