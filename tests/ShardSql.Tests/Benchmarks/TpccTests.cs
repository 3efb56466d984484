using System;
using System.Collections.Generic;
using System.Linq;

using ShardSql.Benchmarks.Workloads.Tpcc;

using Xunit;

namespace ShardSql.Tests.Benchmarks;

public sealed class TpccTests
{
    private const int Draws = 100_000;

    [Theory]
    [InlineData(1_023, 259, 1, 3_000)]
    [InlineData(8_191, 5_987, 1, 100_000)]
    [InlineData(255, 223, 0, 999)]
    [InlineData(TpccScale.CustomerA, 17, 1, TpccScale.Customers)]
    public void NURand_manyDraws_stayInRangeAndAreNotUniform(int a, int c, int x, int y)
    {
        var random = new Random(1);
        int[] counts = new int[y + 1];
        for (int i = 0; i < Draws; i++)
        {
            int drawn = TpccRandom.NURand(random, a, c, x, y);
            Assert.InRange(drawn, x, y);
            counts[drawn]++;
        }

        // The tenth that is drawn most has far more than a tenth.
        int tenth = (y - x + 1) / 10;
        Assert.InRange(counts.OrderDescending().Take(tenth).Sum() / (double)Draws, 0.25, 0.99);
    }

    [Fact]
    public void NURand_withoutA_isUniform()
    {
        var random = new Random(2);
        Dictionary<int, int> counts = Enumerable.Range(0, Draws)
            .Select(_ => TpccRandom.NURand(random, 0, 7, 1, 10))
            .CountBy(static drawn => drawn)
            .ToDictionary();
        Assert.Equal(Enumerable.Range(1, 10), counts.Keys.Order());
        Assert.All(counts.Values, static count => Assert.Equal(Draws / 10, count, 400.0));
    }

    [Theory]
    [InlineData(0, "BARBARBAR")]
    [InlineData(371, "PRICALLYOUGHT")]
    [InlineData(999, "EINGEINGEING")]
    public void LastNameOf_number_isASyllableForEachDigit(int number, string name) =>
        Assert.Equal(name, TpccRandom.LastNameOf(number));

    [Fact]
    public void LastNameOf_moreThanThreeDigits_isRefused() =>
        Assert.Throws<ArgumentOutOfRangeException>(static () => TpccRandom.LastNameOf(1_000));

    [Fact]
    public void NextLastName_manyDraws_areNamesThatWereLoaded()
    {
        var random = new Random(3);
        HashSet<string> loaded =
        [
            .. Enumerable.Range(1, TpccScale.Customers)
                .Select(customer => TpccRandom.LastNameOfCustomer(random, customer)),
        ];
        Assert.All(Enumerable.Range(0, 10_000), _ => Assert.Contains(TpccRandom.NextLastName(random), loaded));
    }

    [Fact]
    public void NextKind_manyDraws_haveTheMixsShares()
    {
        var random = new Random(4);
        Dictionary<TpccKind, int> counts = Enumerable.Range(0, Draws)
            .Select(_ => TpccMix.NextKind(random))
            .CountBy(static kind => kind)
            .ToDictionary();
        Assert.Equal(0.45, counts[TpccKind.NewOrder] / (double)Draws, 0.005);
        Assert.Equal(0.43, counts[TpccKind.Payment] / (double)Draws, 0.005);
        Assert.Equal(0.04, counts[TpccKind.OrderStatus] / (double)Draws, 0.005);
        Assert.Equal(0.04, counts[TpccKind.Delivery] / (double)Draws, 0.005);
        Assert.Equal(0.04, counts[TpccKind.StockLevel] / (double)Draws, 0.005);
    }

    [Fact]
    public void NextOrder_manyDraws_areAsTheSpecificationSays()
    {
        var random = new Random(5);
        var mix = new TpccMix(new TpccLedger(new TpccScale(3)), warehouse: 2);
        Order[] orders = [.. Enumerable.Range(0, 20_000).Select(_ => mix.NextOrder(random))];
        OrderedItem[] lines = [.. orders.SelectMany(static order => order.Lines)];
        Assert.Equal(Enumerable.Range(5, 11), orders.Select(static order => order.Lines.Count).Distinct().Order());
        Assert.Equal(Enumerable.Range(1, 10), orders.Select(static order => order.District).Distinct().Order());
        Assert.Equal(Enumerable.Range(1, 10), lines.Select(static line => line.Quantity).Distinct().Order());
        Assert.Equal(Enumerable.Range(1, 3), lines.Select(static line => line.Supplier).Distinct().Order());
        Assert.Equal(0.01, lines.Count(static line => line.Supplier != 2) / (double)lines.Length, 0.002);
        int rolledBack = lines.Count(static line => line.Item > TpccScale.Items);
        Assert.Equal(0.01, rolledBack / (double)orders.Length, 0.003);
    }

    [Theory]
    [InlineData(1, 1, new[] { 1 })]
    [InlineData(3, 1, new[] { 2, 3 })]
    [InlineData(3, 3, new[] { 1, 2 })]
    public void NextOther_warehouse_isAnyOther_whereThereIsOne(int warehouses, int own, int[] others)
    {
        var random = new Random(6);
        var scale = new TpccScale(warehouses);
        Assert.Equal(others, Enumerable.Range(0, 100).Select(_ => scale.NextOther(random, own)).Distinct().Order());
    }
}
