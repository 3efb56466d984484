using System;
using System.Collections.Generic;
using System.Linq;
using ShardSql.Planning.Partitioning;
using ShardSql.Primitives;
using Xunit;

namespace ShardSql.Tests.Planning.Partitioning;

public sealed class RepartitionerTests
{
    private const int Vertices = 3000;
    private const int Communities = 60;

    private static readonly PartitionOptions s_three = new() { Parts = 3 };

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(37)]
    [InlineData(400)]
    [InlineData(1500)]
    [InlineData(PartitionGraph.VerticesMax)]
    public void Plan_fromHash_obeysMovesMaxAndBounds(int movesMax)
    {
        PartitionGraph graph = Graphs.Communities(Natural(), 5, 6, new Prng(4));
        int[] current = Hashed(seed: 9);

        MovePlan plan = Repartitioner.Plan(
            graph, current, new RepartitionOptions { Partition = s_three, MovesMax = movesMax });

        Assert.InRange(plan.Moves.Count, 0, movesMax);
        Assert.True(plan.After.IsBalanced);
        Assert.Equal(movesMax == 0, plan.IsEmpty);
        Assert.True(plan.IsEmpty || plan.After.Cut < plan.Before.Cut);
        Assert.Equal(plan.After.Assignment, Applied(current, plan.Moves));
        Assert.Equal(graph.Cut([.. plan.After.Assignment]), plan.After.Cut);
        Assert.Equal(plan.Moves.Count, plan.MovedWeight);
    }

    [Fact]
    public void Plan_moreMoves_saveMore()
    {
        PartitionGraph graph = Graphs.Communities(Natural(), 5, 6, new Prng(4));
        long[] cuts =
        [
            .. new[] { 100, 500, 1500, Vertices }.Select(moves => Repartitioner.Plan(
                graph, Hashed(9), new RepartitionOptions { Partition = s_three, MovesMax = moves }).After.Cut),
        ];

        Assert.Equal(cuts.OrderDescending(), cuts);
        long fromScratch = Partitioner.Partition(graph, s_three).Cut;
        Assert.InRange(cuts[^1], 0, fromScratch * 11 / 10);
    }

    [Fact]
    public void Plan_aFifthOfTheCommunitiesRewired_movesAQuarterAtMostAndComesNear()
    {
        var random = new Prng(8);
        int[] before = Natural();
        int[] current = [.. Partitioner.Partition(Graphs.Communities(before, 5, 6, random), s_three).Assignment];
        int[] after = Rewired(before, random);
        PartitionGraph graph = Graphs.Communities(after, 5, 6, random);

        MovePlan plan = Repartitioner.Plan(
            graph, current, new RepartitionOptions { Partition = s_three, MovesMax = Vertices / 4 });

        long fromScratch = Partitioner.Partition(graph, s_three).Cut;
        Assert.InRange(plan.Moves.Count, 1, Vertices / 4);
        Assert.True(
            plan.After.Cut * 100 <= fromScratch * 115,
            $"{plan.Before.Cut} became {plan.After.Cut}, {fromScratch} from scratch");
    }

    [Fact]
    public void Plan_aGoodPartition_isLeftAlone()
    {
        PartitionGraph graph = Graphs.Cliques(6, 20);
        int[] current = [.. Partitioner.Partition(graph, s_three).Assignment];

        MovePlan plan = Repartitioner.Plan(graph, current, new RepartitionOptions { Partition = s_three });

        Assert.True(plan.IsEmpty);
        Assert.Equal(plan.Before, plan.After);
        Assert.Equal((0, 0L), (plan.FoundGainPerMille, plan.MovedWeight));
    }

    [Fact]
    public void Plan_partsNamedOtherwise_keepTheirNames()
    {
        // The best partition is there, with other numbers than a new one would have: nothing moves but one stray.
        PartitionGraph graph = Graphs.Cliques(3, 30);
        int[] current = [.. Enumerable.Range(0, 90).Select(vertex => (vertex + 1) % 3)];
        current[0] = 2;

        MovePlan plan = Repartitioner.Plan(
            graph, current, new RepartitionOptions { Partition = s_three with { BalancePerMille = 1100 } });

        Assert.Equal([new PlannedMove(0, 2, 1)], plan.Moves);
    }

    [Fact]
    public void Plan_lessGainThanAsked_hasNoMovesButTellsTheGain()
    {
        PartitionGraph graph = Graphs.Cliques(3, 30);
        int[] current = [.. Enumerable.Range(0, 90).Select(vertex => vertex % 3)];
        current[0] = 1;
        var options = new RepartitionOptions { Partition = s_three with { BalancePerMille = 1100 } };

        MovePlan plan = Repartitioner.Plan(graph, current, options);
        MovePlan refused = Repartitioner.Plan(
            graph, current, options with { MinGainPerMille = plan.FoundGainPerMille + 1 });

        Assert.Single(plan.Moves);
        Assert.True(refused.IsEmpty);
        Assert.Equal(plan.FoundGainPerMille, refused.FoundGainPerMille);
        Assert.Equal(refused.Before, refused.After);
    }

    [Fact]
    public void Plan_anOverfullPart_isRelievedEvenIfTheCutRises()
    {
        PartitionGraph graph = Graphs.Grid(20, 20);
        int[] current = [.. Enumerable.Range(0, 400).Select(vertex => vertex < 390 ? 0 : 1)];

        MovePlan plan = Repartitioner.Plan(
            graph, current, new RepartitionOptions { Partition = new PartitionOptions { Parts = 2 } });

        Assert.False(plan.Before.IsBalanced);
        Assert.True(plan.After.IsBalanced);
        Assert.InRange(plan.After.Cut, 20, 24);
        Assert.InRange(plan.Moves.Count, 184, 230);
    }

    [Fact]
    public void Plan_sameSeed_isTheSame()
    {
        PartitionGraph graph = Graphs.Communities(Natural(), 10, 6, new Prng(4));
        var options = new RepartitionOptions { Partition = s_three, MovesMax = 700 };

        Assert.Equal(
            Repartitioner.Plan(graph, Hashed(1), options).Moves, Repartitioner.Plan(graph, Hashed(1), options).Moves);
    }

    [Fact]
    public void CrossShare_ofATransactionSample_fallsWithThePlan()
    {
        int[] communityOf = Natural();
        var random = new Prng(12);
        var sample = new TransactionSample();
        var builder = new PartitionGraphBuilder();
        Array.ForEach(communityOf, _ => builder.AddVertex(1));
        for (int i = 0; i < 20_000; i++)
        {
            int first = random.Next(Vertices);
            int second = random.Next(100) < 5
                ? random.Next(Vertices)
                : (first + (Communities * random.Next(Vertices / Communities))) % Vertices;
            sample.Add([first, second], 2);
            builder.AddEdge(first, second, 1);
        }

        MovePlan plan = Repartitioner.Plan(
            builder.Build(), Hashed(9), new RepartitionOptions { Partition = s_three });

        Assert.InRange(sample.CrossPerMillion(plan.Before.Assignment), 600_000, 700_000);
        Assert.InRange(sample.CrossPerMillion(plan.After.Assignment), 1_000, 45_000);
    }

    [Fact]
    public void CrossWeight_countsATransactionOnce()
    {
        var sample = new TransactionSample();
        sample.Add([0, 1, 2], 5);
        sample.Add([0, 1], 3);
        sample.Add([2], 2);

        Assert.Equal(5, sample.CrossWeight([0, 0, 1]));
        Assert.Equal(8, sample.CrossWeight([0, 1, 2]));
        Assert.Equal(800_000, sample.CrossPerMillion([0, 1, 2]));
        Assert.Equal(0, new TransactionSample().CrossPerMillion([]));
    }

    /// <summary>Vertex v is in community v mod 60.</summary>
    private static int[] Natural() => [.. Enumerable.Range(0, Vertices).Select(vertex => vertex % Communities)];

    private static int[] Hashed(ulong seed) =>
        [.. Enumerable.Range(0, Vertices).Select(vertex => (int)(Hash64.Combine(seed, (ulong)vertex / 2) % 3))];

    /// <summary>The members of each fifth community are dealt out among these communities anew.</summary>
    private static int[] Rewired(int[] communityOf, Prng random)
    {
        int[] members = [.. Enumerable.Range(0, communityOf.Length).Where(vertex => communityOf[vertex] % 5 == 0)];
        int[] rewired = [.. communityOf];
        int[] drawn = [.. members.OrderBy(_ => random.NextUInt64())];
        for (int i = 0; i < members.Length; i++)
        {
            rewired[members[i]] = communityOf[drawn[i]];
        }

        return rewired;
    }

    private static int[] Applied(int[] current, IReadOnlyList<PlannedMove> moves)
    {
        int[] assignment = [.. current];
        foreach (PlannedMove move in moves)
        {
            Assert.Equal(move.From, assignment[move.Vertex]);
            Assert.NotEqual(move.From, move.To);
            assignment[move.Vertex] = move.To;
        }

        return assignment;
    }
}
