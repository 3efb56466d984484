using ShardSql.Primitives;

using Xunit;

namespace ShardSql.Tests.Primitives;

public sealed class HlcTests
{
    [Fact]
    public void Next_withAClockThatStandsOrGoesBack_risesStrictly()
    {
        var clock = new HlcClock(5);
        HlcTimestamp before = clock.Next(1_000);
        foreach (long now in (long[])[1_000, 999, 0, 1_001, 1_001, 500])
        {
            HlcTimestamp next = clock.Next(now);
            Assert.True(next > before);
            before = next;
        }
    }

    [Fact]
    public void Merge_makesWhatFollowsLarger()
    {
        var clock = new HlcClock(5);
        HlcTimestamp seen = new(HlcTimestamp.FromPhysicalMs(9_000).Time + 3, 900);
        clock.Merge(seen);
        Assert.True(clock.Next(1_000) > seen);
        clock.Merge(HlcTimestamp.FromPhysicalMs(1));
        clock.Merge(HlcTimestamp.Infinity);
        Assert.True(clock.Next(1_000).PhysicalMs == 9_000);
    }

    [Fact]
    public void Stamps_compareByTimeThenSource()
    {
        Assert.True(new HlcTimestamp(1, 9) < new HlcTimestamp(2, 1));
        Assert.True(new HlcTimestamp(2, 1) < new HlcTimestamp(2, 2));
        Assert.True(HlcTimestamp.Zero < new HlcTimestamp(0, 1));
        Assert.True(new HlcTimestamp(ulong.MaxValue, 0) < HlcTimestamp.Infinity);
        Assert.Equal(1_234_567, HlcTimestamp.FromPhysicalMs(1_234_567).PhysicalMs);
    }

    [Fact]
    public void IsTooFarAhead_beyondTheSkew_isTrue()
    {
        Assert.False(HlcClock.IsTooFarAhead(HlcTimestamp.FromPhysicalMs(1_000 + HlcClock.MaxSkewMs), 1_000));
        Assert.True(HlcClock.IsTooFarAhead(HlcTimestamp.FromPhysicalMs(1_001 + HlcClock.MaxSkewMs), 1_000));
    }
}
