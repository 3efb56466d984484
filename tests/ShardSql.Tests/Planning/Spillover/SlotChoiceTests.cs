using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Spillover;
using ShardSql.Primitives;
using Xunit;

namespace ShardSql.Tests.Planning.Spillover;

/// <summary>Types of transactions keep out of each other's way, and no slot is hotter than the others.</summary>
public sealed class SlotChoiceTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 1)]
    [InlineData(4, 2)]
    [InlineData(7, 2)]
    [InlineData(9, 3)]
    [InlineData(16, 4)]
    [InlineData(SpilloverDescriptor.SlotsMax, 8)]
    public void Parts_ofTypes_areTheSameOrApart_andAllSlotsAreInOne(int count, int parts)
    {
        int[] slots = Slots(count);
        var seen = new SortedSet<string>(StringComparer.Ordinal);
        var covered = new SortedSet<int>();
        int members = 0;
        for (ulong type = 0; type < 1_000; type++)
        {
            int[] part = SlotChoice.PartOf(slots, Hash64.Combine(0, type), bucket: 3).ToArray();
            members += seen.Add(string.Join(' ', part)) ? part.Length : 0;
            covered.UnionWith(part);
        }

        Assert.Equal((parts, count, count), (seen.Count, members, covered.Count));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(7)]
    [InlineData(16)]
    [InlineData(SpilloverDescriptor.SlotsMax)]
    public void Slots_overManyTypes_areAsLikely(int count)
    {
        var random = new Prng(11);
        AssertEven(Slots(count), _ => SlotChoice.Of(Slots(count), random.NextUInt64(), random.NextUInt64() % 64, random.NextUInt64()));
    }

    [Fact]
    public void Slots_ofOneType_areAsLikely_andNoOthers()
    {
        var random = new Prng(12);
        int[] slots = Slots(16);
        int[] part = SlotChoice.PartOf(slots, Type("deposit"), bucket: 5).ToArray();
        Assert.Equal(4, part.Length);
        AssertEven(part, _ => SlotChoice.Of(slots, Type("deposit"), bucket: 5, random.NextUInt64()));
    }

    [Fact]
    public void Choice_isAFunctionOfTypeBucketAndRandom()
    {
        int[] slots = Slots(16);
        int[] once = [.. Enumerable.Range(0, 100).Select(i => SlotChoice.Of(slots, Type("deposit"), 5, (ulong)i))];
        Assert.Equal(once, Enumerable.Range(0, 100).Select(i => SlotChoice.Of(slots, Type("deposit"), 5, (ulong)i)));
    }

    [Fact]
    public void TwoTypes_meetInFewBuckets()
    {
        string[] types = ["deposit", "withdrawal", "refund", "transfer", "fee", "interest"];
        int[] slots = Slots(16);
        for (int i = 0; i < types.Length; i++)
        {
            for (int other = 0; other < i; other++)
            {
                int met = Enumerable.Range(0, 64).Count(bucket =>
                    SlotChoice.PartOf(slots, Type(types[i]), (ulong)bucket)
                        .SequenceEqual(SlotChoice.PartOf(slots, Type(types[other]), (ulong)bucket)));

                // One of four buckets is what chance gives.
                Assert.InRange(met, 1, 32);
            }
        }
    }

    private static int[] Slots(int count) => [.. Enumerable.Range(0, count)];

    private static ulong Type(string name) => Hash64.Compute(Encoding.UTF8.GetBytes(name));

    private static void AssertEven(int[] slots, Func<int, int> choose)
    {
        const int Each = 4_000;
        var counts = slots.ToDictionary(static slot => slot, static _ => 0);
        for (int i = 0; i < Each * slots.Length; i++)
        {
            counts[choose(i)]++;
        }

        Assert.All(counts.Values, count => Assert.InRange(count, Each * 9 / 10, Each * 11 / 10));
    }
}
