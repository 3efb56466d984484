using System;
using System.Linq;

using ShardSql.Benchmarks.Workloads.Ycsb;

using Xunit;

namespace ShardSql.Tests.Benchmarks;

public sealed class ZipfianRanksTests
{
    private const int Draws = 200_000;

    [Fact]
    public void ShareOf_allRanks_fallsAsThePowerAndSumsToOne()
    {
        var ranks = new ZipfianRanks(1_000);
        Assert.Equal(1, Enumerable.Range(0, 1_000).Sum(rank => ranks.ShareOf(rank)), 9);
        Assert.Equal(Math.Pow(10, ZipfianRanks.Theta), ranks.ShareOf(0) / ranks.ShareOf(9), 9);
    }

    [Fact]
    public void Next_manyDraws_haveTheirShares()
    {
        var ranks = new ZipfianRanks(1_000);
        int[] counts = CountsOf(ranks, seed: 1);
        Assert.Equal(ranks.ShareOf(0), counts[0] / (double)Draws, 0.003);
        Assert.Equal(ranks.ShareOf(1), counts[1] / (double)Draws, 0.003);
        foreach (int top in (int[])[10, 100, 500])
        {
            // Ranks from 2 on are drawn by an approximation, whose error is of some per cent.
            double expected = Enumerable.Range(0, top).Sum(rank => ranks.ShareOf(rank));
            Assert.Equal(expected, counts[..top].Sum() / (double)Draws, 0.02);
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(10)]
    public void Next_fewRanks_givesEachAndNoOther(int count)
    {
        var ranks = new ZipfianRanks(count);
        var random = new Random(count);
        Assert.Equal(
            Enumerable.Range(0, count).Select(static rank => (long)rank),
            Enumerable.Range(0, 10_000).Select(_ => ranks.Next(random)).Distinct().Order());
    }

    [Fact]
    public void GrowTo_inSteps_drawsAsIfMadeAtOnce()
    {
        var grown = new ZipfianRanks(2);
        foreach (long count in (long[])[3, 3, 500, 1_000])
        {
            grown.GrowTo(count);
        }

        Assert.Equal(CountsOf(new ZipfianRanks(1_000), seed: 2), CountsOf(grown, seed: 2));
    }

    [Fact]
    public void GrowTo_less_isRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(static () => new ZipfianRanks(1));
        Assert.Throws<ArgumentOutOfRangeException>(static () => new ZipfianRanks(10).GrowTo(9));
    }

    private static int[] CountsOf(ZipfianRanks ranks, int seed)
    {
        var random = new Random(seed);
        int[] counts = new int[ranks.Count];
        for (int i = 0; i < Draws; i++)
        {
            counts[ranks.Next(random)]++;
        }

        return counts;
    }
}
