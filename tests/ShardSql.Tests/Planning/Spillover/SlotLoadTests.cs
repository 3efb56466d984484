using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Spillover;
using Xunit;

namespace ShardSql.Tests.Planning.Spillover;

/// <summary>Spill shards come soon and go late, within their bounds.</summary>
public sealed class SlotLoadTests
{
    private const int LookMs = 250;

    [Theory]
    [InlineData(2, 5_000, 3, 2)]
    [InlineData(2, 4_000, 2, 30)]
    [InlineData(4, 50_000, 4, 30)]
    [InlineData(2, 150, 1, 10)]
    [InlineData(2, 250, 2, 30)]
    [InlineData(1, 0, 1, 30)]
    public void Look_atASteadyLoad_givesOneMoreSoonOrOneLessLate(int slots, int perSecond, int expected, int seconds)
    {
        (int given, int looks) = Run(new SlotLoad(), Bounds(slots), perSecond, looksMax: 30 * 1_000 / LookMs);
        Assert.Equal((expected, seconds), (given, looks * LookMs / 1_000));
    }

    [Fact]
    public void Look_atLoadThatSwings_changesNothing()
    {
        var load = new SlotLoad();
        for (int i = 0; i < 100; i++)
        {
            (load, int slots) = load.Look(Bounds(2), i % 2 == 0 ? 0 : 10_000, SlotLoad.WindowMs, isWhole: true);
            Assert.Equal(2, slots);
        }
    }

    [Fact]
    public void Look_thatDidNotSeeAll_takesNoneAway()
    {
        var load = new SlotLoad();
        for (int i = 0; i < 100; i++)
        {
            (load, int slots) = load.Look(Bounds(2), 0, SlotLoad.WindowMs, isWhole: i % 5 != 0);
            Assert.Equal(2, slots);
        }
    }

    [Fact]
    public void Look_whereOneLessWouldBeTooFew_takesNoneAway()
    {
        SpilloverDescriptor close = Bounds(2) with { SplitAt = 1_000, MergeAt = 999 };
        Assert.Equal(2, Run(new SlotLoad(), close, 1_500, looksMax: 200).Slots);
        Assert.Equal(1, Run(new SlotLoad(), close, 900, looksMax: 200).Slots);
    }

    private static (int Slots, int Looks) Run(SlotLoad load, SpilloverDescriptor spillover, int perSecond, int looksMax)
    {
        int looks = 0;
        int slots = spillover.Slots;
        while (slots == spillover.Slots && looks < looksMax)
        {
            (load, slots) = load.Look(spillover, perSecond * LookMs / 1_000, LookMs, isWhole: true);
            looks++;
        }

        return (slots, looks);
    }

    private static SpilloverDescriptor Bounds(int slots) => new()
    {
        DeltasTableId = 1, Columns = [2], Slots = slots, SlotsRead = slots, MinSlots = 1, MaxSlots = 4,
    };
}
