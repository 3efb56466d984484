using System;
using System.Linq;

using ShardSql.Benchmarks.Workloads.Tatp;

using Xunit;

namespace ShardSql.Tests.Benchmarks;

public sealed class TatpTests
{
    [Fact]
    public void NextSubscriber_manyDraws_stayInRange()
    {
        var random = new Random(1);
        Assert.All(
            Enumerable.Range(0, 100_000).Select(_ => TatpKeys.NextSubscriber(random)),
            static subscriber => Assert.InRange(subscriber, 1, TatpKeys.Subscribers));
    }

    [Fact]
    public void NumberOf_subscriber_hasFifteenDigits() => Assert.Equal("000000000001234", TatpKeys.NumberOf(1_234));

    [Fact]
    public void NextSubset_manyDraws_giveAllSubsetsOfAtLeastSoMany()
    {
        var random = new Random(2);
        string[] subsets =
        [
            .. Enumerable.Range(0, 10_000)
                .Select(_ => string.Join(',', TatpKeys.NextSubset(random, 1, 1, 2, 3)))
                .Distinct()
                .Order(StringComparer.Ordinal),
        ];
        Assert.Equal(["1", "1,2", "1,2,3", "1,3", "2", "2,3", "3"], subsets);
    }
}
