using System.Linq;
using System.Threading.Tasks;

using ShardSql.Primitives;
using ShardSql.Storage.Nodes;

using Xunit;

namespace ShardSql.Tests.Storage.Nodes;

/// <summary>A node's physical time stays near what most of the nodes say.</summary>
public sealed class PeerClockTests
{
    private const long HourMs = 3_600_000;
    private static readonly NodeTime s_now = new(5_000, 5_000_000, 1_000_000);

    [Theory]
    [InlineData(0, 0)]
    [InlineData(PeerClocks.OffsetMaxMs, 0)]
    [InlineData(HourMs, HourMs - PeerClocks.OffsetMaxMs)]
    [InlineData(-HourMs, PeerClocks.OffsetMaxMs - HourMs)]
    public void Correct_with_two_peers_that_agree_keeps_near_them(long ahead, long correction)
    {
        var clocks = new PeerClocks();
        clocks.Observe(new NodeId(2), s_now.WallMs, s_now.MonotonicMs);
        clocks.Observe(new NodeId(3), s_now.WallMs, s_now.MonotonicMs);
        NodeTime corrected = clocks.Correct(s_now with { WallMs = s_now.WallMs + ahead });
        Assert.Equal(correction, clocks.CorrectionMs);
        Assert.Equal(s_now.WallMs + ahead - correction, corrected.WallMs);
    }

    [Fact]
    public void Correct_with_one_peer_takes_the_clock_as_it_is()
    {
        var clocks = new PeerClocks();
        clocks.Observe(new NodeId(2), s_now.WallMs - HourMs, s_now.MonotonicMs);
        Assert.Equal(s_now, clocks.Correct(s_now));
    }

    [Fact]
    public void Correct_with_peers_that_fell_silent_takes_the_clock_as_it_is()
    {
        var clocks = new PeerClocks();
        clocks.Observe(new NodeId(2), s_now.WallMs, s_now.MonotonicMs);
        clocks.Observe(new NodeId(3), s_now.WallMs, s_now.MonotonicMs);
        var later = new NodeTime(60_000, 60_000_000, s_now.WallMs + HourMs);
        Assert.Equal(later, clocks.Correct(later));
    }

    [Fact]
    public async Task Node_whose_clock_is_an_hour_ahead_keeps_the_time_of_the_others()
    {
        await using NodeHarness harness = NodeHarness.Started(nodes: 3, shards: 2);
        NodeId wrong = harness.LeaderOf(new ShardId(1));
        harness.SetWallOffset(wrong, HourMs);
        harness.Settle(ticks: 100);

        long expected = harness.Now.WallMs + PeerClocks.OffsetMaxMs;
        Assert.Equal(expected, harness[wrong].Now.WallMs);
        Assert.All(
            harness.Layout.Nodes.Where(node => node.Id != wrong),
            node => Assert.Equal(0, harness[node.Id].ClockCorrectionMs));
        Assert.All(
            harness[wrong].Replicas.Values,
            replica => Assert.True(replica.Machine.Closed.PhysicalMs <= expected && replica.Machine.Ceiling.PhysicalMs < expected + HourMs));
    }
}
