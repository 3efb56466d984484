using ShardSql.Planning.Partitioning;
using Xunit;

namespace ShardSql.Tests.Planning.Partitioning;

public sealed class HysteresisGateTests
{
    [Fact]
    public void Offer_worthItTwiceInARow_opensOnce()
    {
        var gate = new HysteresisGate(RatioPerMille: 2000);

        (gate, bool first) = gate.Offer(gain: 200, cost: 100);
        (gate, bool second) = gate.Offer(gain: 250, cost: 100);
        (gate, bool third) = gate.Offer(gain: 900, cost: 100);

        Assert.Equal((false, true, false), (first, second, third));
    }

    [Fact]
    public void Offer_notWorthItBetween_startsAnew()
    {
        var gate = new HysteresisGate(RatioPerMille: 2000);

        (gate, _) = gate.Offer(gain: 200, cost: 100);
        (gate, bool low) = gate.Offer(gain: 199, cost: 100);
        (gate, bool high) = gate.Offer(gain: 200, cost: 100);

        Assert.Equal((false, false, 1), (low, high, gate.Passed));
    }

    [Fact]
    public void Offer_noGain_neverOpensHoweverCheap()
    {
        var gate = new HysteresisGate(RatioPerMille: 0, Needed: 1);

        Assert.False(gate.Offer(gain: 0, cost: 0).IsOpen);
        Assert.True(gate.Offer(gain: 1, cost: 0).IsOpen);
        Assert.True(gate.Offer(gain: long.MaxValue, cost: long.MaxValue).IsOpen);
    }
}
