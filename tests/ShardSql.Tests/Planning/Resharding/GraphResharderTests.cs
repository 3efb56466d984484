using System;
using System.Collections.Generic;
using System.Linq;

using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Maps;
using ShardSql.Planning.Moves;
using ShardSql.Planning.Resharding;
using ShardSql.Planning.TransactionGraph;
using ShardSql.Primitives;

using Xunit;

namespace ShardSql.Tests.Planning.Resharding;

/// <summary>Rows whose transactions hide communities from the hash.</summary>
public sealed class GraphResharderTests
{
    private const int Shards = 3;
    private const int Rows = 90;
    private const int Community = 10;
    private const int Transactions = 4_000;

    [Fact]
    public void Plan_ofHiddenCommunities_bringsThemTogetherAndKeepsTheBalance()
    {
        (SystemState state, TransactionGraphSnapshot known) = Communities();
        ReshardPlan plan = Plan(state, known, new ReshardOptions());
        Assert.InRange(plan.CrossBeforePerMillion, 500_000, 900_000);
        Assert.InRange(plan.CrossAfterPerMillion, 0, plan.CrossBeforePerMillion * 8 / 100);
        Assert.InRange(plan.SkewAfterPerMille, 1_000, 1_200);
        Assert.InRange(plan.Moves.Count, 20, Rows * 2 / 3);

        SystemState after = MapPlanner.MoveRanges(state.Map, plan.Moves, coalesces: true).Aggregate(state, MapSteps.After);
        Assert.All(Enumerable.Range(0, Rows / Community), community => Assert.Single(
            Enumerable.Range(0, Community).Select(i => OwnerOf(after, (community * Community) + i)).Distinct()));
        Assert.Empty(Plan(after, known, new ReshardOptions()).Moves);
    }

    [Fact]
    public void Plan_ofTheSameGraph_isTheSame()
    {
        (SystemState state, TransactionGraphSnapshot known) = Communities();
        string Text() => string.Join(
            ' ', Plan(state, known, new ReshardOptions { Seed = 7 }).Moves.Select(move => $"{move.Range}>{move.To}"));
        Assert.Equal(Text(), Text());
    }

    [Fact]
    public void Plan_withFewMoves_movesNoMore()
    {
        (SystemState state, TransactionGraphSnapshot known) = Communities();
        ReshardPlan few = Plan(state, known, new ReshardOptions { MovesMax = 12 });
        Assert.InRange(few.Moves.Count, 1, 12);
        Assert.InRange(few.CrossAfterPerMillion, 1, few.CrossBeforePerMillion - 1);
    }

    [Fact]
    public void Plan_thatGainsTooLittle_movesNothingAndSaysHowMuchItWouldHave()
    {
        (SystemState state, TransactionGraphSnapshot known) = Communities();
        ReshardPlan plan = Plan(state, known, new ReshardOptions { MovesMax = 2, MinGainPerMille = 900 });
        Assert.Empty(plan.Moves);
        Assert.InRange(plan.FoundGainPerMille, 1, 899);
        Assert.Equal(plan.CrossBeforePerMillion, plan.CrossAfterPerMillion);
    }

    [Fact]
    public void Plan_ofTablesThatAreNotMeant_leavesThemWhereTheyAre()
    {
        (SystemState state, TransactionGraphSnapshot known) = Communities();
        Assert.Empty(GraphResharder.Plan(state, known, static _ => false, new ReshardOptions()).Moves);
    }

    [Fact]
    public void Plan_ofRowsThatNobodyTouchesTogether_movesNothing()
    {
        SystemState state = State();
        ReshardPlan plan = Plan(state, Watched(state, static random => [random.Next(Rows)]), new ReshardOptions());
        Assert.Empty(plan.Moves);
        Assert.Equal(0, plan.CrossBeforePerMillion);
    }

    [Fact]
    public void Balance_ofOneHotShard_spreadsItsSegments()
    {
        SystemState state = State();
        var weights = state.Map.Segments.ToDictionary(
            static segment => segment.Id, static segment => segment.Shard.Value == 1 ? 100L : 1L);
        ReshardPlan plan = SegmentBalancer.Plan(state, weights, static _ => true, new ReshardOptions());
        Assert.InRange(plan.SkewBeforePerMille, 2_500, 3_000);
        Assert.InRange(plan.SkewAfterPerMille, 1_000, plan.SkewBeforePerMille / 2);
        Assert.All(plan.Moves, move => Assert.NotEqual(1u, move.To.Value));
        Assert.Empty(SegmentBalancer.Plan(state, weights, static _ => false, new ReshardOptions()).Moves);
    }

    [Fact]
    public void Balance_ofOneHotSegment_movesNothingToAndFro()
    {
        SystemState state = State();
        var weights = new Dictionary<SegmentId, long> { [state.Map.Segments[0].Id] = 100 };
        ReshardPlan plan = SegmentBalancer.Plan(state, weights, static _ => true, new ReshardOptions());
        Assert.Empty(plan.Moves);
        Assert.Equal(plan.SkewBeforePerMille, plan.SkewAfterPerMille);
    }

    private static ReshardPlan Plan(SystemState state, TransactionGraphSnapshot known, ReshardOptions options) =>
        GraphResharder.Plan(state, known, static _ => true, options);

    private static (SystemState State, TransactionGraphSnapshot Known) Communities()
    {
        SystemState state = State();
        return (state, Watched(state, static random =>
        {
            int community = random.Next(Rows / Community) * Community;
            return [community + random.Next(Community), community + random.Next(Community)];
        }));
    }

    private static SystemState State() => WatchedRows.State(Shards);

    private static TransactionGraphSnapshot Watched(SystemState state, Func<Prng, int[]> next) =>
        WatchedRows.Of(state, Transactions, next);

    private static ShardId OwnerOf(SystemState state, int id) => state.Map.Find(WatchedRows.KeyOf(state, id))!.Shard;
}
