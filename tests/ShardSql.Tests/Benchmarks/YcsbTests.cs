using System;
using System.Collections.Generic;
using System.Linq;

using ShardSql.Benchmarks;
using ShardSql.Benchmarks.Workloads.Ycsb;

using Xunit;

namespace ShardSql.Tests.Benchmarks;

public sealed class YcsbTests
{
    [Fact]
    public void KeyOf_manyRecords_areDistinctAndSpreadEvenly()
    {
        const int Records = 30_000;
        const int Ranges = 3;
        long[] keys = [.. Enumerable.Range(0, Records).Select(static number => YcsbRecord.KeyOf(number))];
        Assert.Equal(Records, keys.Distinct().Count());
        Assert.All(keys, static key => Assert.InRange(key, 0, long.MaxValue));
        Assert.All(
            keys.GroupBy(static key => key / ((long.MaxValue / Ranges) + 1)),
            static range => Assert.Equal(Records / Ranges, range.Count(), 300.0));
    }

    [Fact]
    public void CounterOf_whatWasWritten_isReadBack()
    {
        string value = YcsbRecord.ValueOf(42, field: 3, counter: 17, new Random(1));
        Assert.Equal(YcsbRecord.FieldLength, value.Length);
        Assert.Equal(17, YcsbRecord.CounterOf(42, 3, value));
    }

    [Fact]
    public void CounterOf_anotherFieldsValue_isRefused()
    {
        string value = YcsbRecord.ValueOf(42, field: 3, counter: 17, new Random(1));
        Assert.Throws<BenchmarkException>(() => YcsbRecord.CounterOf(42, 4, value));
        Assert.Throws<BenchmarkException>(() => YcsbRecord.CounterOf(43, 3, value));
        Assert.Throws<BenchmarkException>(() => YcsbRecord.CounterOf(42, 3, value[..^1]));
    }

    [Fact]
    public void Inserted_outOfOrder_isVisibleUpToTheFirstGap()
    {
        var inserted = new InsertedRecords(10);
        Assert.Equal([10, 11, 12], [inserted.Take(), inserted.Take(), inserted.Take()]);
        inserted.Acknowledge(12);
        inserted.Acknowledge(11);
        Assert.Equal(10, inserted.Visible);
        Assert.Equal(12, inserted.Acknowledged);
        inserted.Acknowledge(10);
        Assert.Equal(13, inserted.Visible);
    }

    [Fact]
    public void OperationOf_allNumbers_giveEachMixItsShares()
    {
        Assert.Equal("ABCDEF", string.Concat(YcsbMix.All.Select(static mix => mix.Letter).Order()));
        foreach (YcsbMix mix in YcsbMix.All)
        {
            Dictionary<YcsbOperation, int> shares =
                Enumerable.Range(0, 100).Select(mix.OperationOf).CountBy(static operation => operation).ToDictionary();
            Assert.Equal(mix.Read, shares.GetValueOrDefault(YcsbOperation.Read));
            Assert.Equal(mix.Update, shares.GetValueOrDefault(YcsbOperation.Update));
            Assert.Equal(mix.Insert, shares.GetValueOrDefault(YcsbOperation.Insert));
            Assert.Equal(mix.Scan, shares.GetValueOrDefault(YcsbOperation.Scan));
            Assert.Equal(mix.ReadModifyWrite, shares.GetValueOrDefault(YcsbOperation.ReadModifyWrite));
        }
    }
}
