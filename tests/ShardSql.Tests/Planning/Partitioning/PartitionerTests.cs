using System;
using System.Collections.Generic;
using System.Linq;
using ShardSql.Planning.Partitioning;
using ShardSql.Primitives;
using Xunit;

namespace ShardSql.Tests.Planning.Partitioning;

public sealed class PartitionerTests
{
    private const ulong PinnedHash = 1428065068561651746;

    [Fact]
    public void Partition_sameSeed_givesThePinnedAssignment()
    {
        PartitionGraph graph = Graphs.Random(2000, 8000, 9, new Prng(1));

        PartitionResult first = Partitioner.Partition(graph, new PartitionOptions { Parts = 5, Seed = 42 });
        PartitionResult again = Partitioner.Partition(graph, new PartitionOptions { Parts = 5, Seed = 42 });
        PartitionResult other = Partitioner.Partition(graph, new PartitionOptions { Parts = 5, Seed = 43 });

        Assert.Equal(first.Assignment, again.Assignment);
        Assert.NotEqual(first.Assignment, other.Assignment);

        // The same on every machine: a change of this hash is a change of every plan for the same statement.
        Assert.Equal(PinnedHash, Graphs.HashOf(first.Assignment));
    }

    [Fact]
    public void Partition_edgesAddedInAnotherOrder_givesTheSame()
    {
        var random = new Prng(5);
        (int, int, int)[] edges =
            [.. Enumerable.Range(0, 900).Select(_ => (random.Next(300), random.Next(300), random.Next(1, 5)))];
        int[] weights = [.. Enumerable.Repeat(1, 300)];
        var options = new PartitionOptions { Parts = 4 };

        Assert.Equal(
            Partitioner.Partition(Graphs.Of(weights, edges), options).Assignment,
            Partitioner.Partition(Graphs.Of(weights, [.. edges.Reverse()]), options).Assignment);
    }

    [Theory]
    [InlineData(2, 1030)]
    [InlineData(3, 1000)]
    [InlineData(7, 1030)]
    [InlineData(16, 1200)]
    [InlineData(40, 1010)]
    public void Partition_randomGraphs_keepsBoundsAndCountsItsCut(int parts, int balance)
    {
        for (ulong seed = 1; seed <= 5; seed++)
        {
            var random = new Prng(seed);
            PartitionGraph graph = Graphs.Random(400 + random.Next(1500), 4000, 1 + random.Next(4), random);

            PartitionResult result = Partitioner.Partition(
                graph, new PartitionOptions { Parts = parts, BalancePerMille = balance, Seed = seed });

            Assert.True(result.IsBalanced);
            long share = (graph.TotalVertexWeight + parts - 1) / parts;
            long limit = Math.Max(share, graph.TotalVertexWeight * balance / (1000L * parts));
            Assert.All(result.PartWeights, weight => Assert.InRange(weight, 0, limit));
            Assert.Equal(graph.TotalVertexWeight, result.PartWeights.Sum());
            Assert.All(result.Assignment, part => Assert.InRange(part, 0, parts - 1));
            Assert.Equal(CutByPairs(graph, result.Assignment), result.Cut);
        }
    }

    [Fact]
    public void Partition_shares_areKept()
    {
        PartitionGraph graph = Graphs.Grid(40, 40);

        PartitionResult result = Partitioner.Partition(
            graph, new PartitionOptions { Parts = 3, Shares = [1, 2, 5], BalancePerMille = 1020 });

        Assert.InRange(result.PartWeights[0], 180, 204);
        Assert.InRange(result.PartWeights[1], 380, 408);
        Assert.InRange(result.PartWeights[2], 980, 1020);
        Assert.InRange(result.ImbalancePerMille, 1000, 1020);
        Assert.True(result.Cut <= 75, $"Two straight lines would cut 60 to 80 edges, not {result.Cut}.");
    }

    [Theory]
    [InlineData(4, 25, 2)]
    [InlineData(6, 20, 3)]
    [InlineData(8, 12, 8)]
    [InlineData(12, 30, 4)]
    public void Partition_ringOfCliques_cutsOneEdgeBetweenParts(int cliques, int size, int parts)
    {
        PartitionGraph graph = Graphs.Cliques(cliques, size);

        PartitionResult result = Partitioner.Partition(graph, new PartitionOptions { Parts = parts });

        Assert.Equal(parts, result.Cut);
        Assert.All(
            Enumerable.Range(0, graph.VertexCount),
            vertex => Assert.Equal(result.Assignment[vertex % cliques], result.Assignment[vertex]));
    }

    [Fact]
    public void Partition_grid_cutsAStraightLine()
    {
        PartitionResult halves = Partitioner.Partition(
            Graphs.Grid(20, 50), new PartitionOptions { Parts = 2, Cycles = 3 });
        PartitionResult quarters = Partitioner.Partition(
            Graphs.Grid(32, 32), new PartitionOptions { Parts = 4, Cycles = 3, BalancePerMille = 1050 });

        Assert.Equal(20, halves.Cut);
        Assert.InRange(quarters.Cut, 60, 70);
    }

    [Fact]
    public void Partition_hiddenCommunities_areFound()
    {
        // 60 communities of 50 in three parts: what is cut is noise, and next to no community is torn.
        int[] communityOf = [.. Enumerable.Range(0, 3000).Select(vertex => vertex % 60)];
        PartitionGraph graph = Graphs.Communities(communityOf, noisePercent: 5, edgesOfAVertex: 6, new Prng(3));

        PartitionResult result = Partitioner.Partition(graph, new PartitionOptions { Parts = 3 });

        int strays = 0;
        foreach (IGrouping<int, int> community in Enumerable.Range(0, 3000).GroupBy(vertex => communityOf[vertex]))
        {
            strays += 50 - Enumerable.Range(0, 3).Max(part => community.Count(v => result.Assignment[v] == part));
        }

        Assert.InRange(strays, 0, 30);
        Assert.True(result.Cut * 1000 < graph.TotalEdgeWeight * 36, $"{result.Cut} of {graph.TotalEdgeWeight}");
    }

    [Fact]
    public void Partition_smallRandomGraphs_isAsGoodAsTheBestOfAll()
    {
        int best = 0;
        for (ulong seed = 1; seed <= 60; seed++)
        {
            var random = new Prng(seed);
            int vertices = 6 + random.Next(9);
            PartitionGraph graph = Graphs.Random(vertices, vertices * 2, 5, random);
            var options = new PartitionOptions { Parts = 2, BalancePerMille = 1150, Seed = seed };
            long limit = Math.Max((graph.TotalVertexWeight + 1) / 2, graph.TotalVertexWeight * 1150 / 2000);
            long optimum = Graphs.BestBisection(graph, limit);

            PartitionResult result = Partitioner.Partition(graph, options);

            Assert.Equal(optimum >= 0, result.IsBalanced);
            Assert.True(!result.IsBalanced || result.Cut >= optimum, "Nothing is better than the best.");
            best += !result.IsBalanced || result.Cut == optimum ? 1 : 0;
        }

        Assert.InRange(best, 59, 60);
    }

    [Fact]
    public void Partition_aVertexHeavierThanItsShare_saysThatTheBoundIsBroken()
    {
        PartitionGraph graph = Graphs.Of([100, 1, 1, 1, 1], (0, 1, 1), (1, 2, 1), (2, 3, 1), (3, 4, 1));

        PartitionResult result = Partitioner.Partition(graph, new PartitionOptions { Parts = 2 });

        Assert.False(result.IsBalanced);
        Assert.Equal(100, result.PartWeights.Max());
        Assert.InRange(result.ImbalancePerMille, 1923, 1924);
    }

    [Fact]
    public void Partition_fewHeavyVertices_areDealtOutAsTheyFit()
    {
        PartitionGraph graph = Graphs.Of(
            [7, 7, 6, 6, 5, 5, 4, 4, 4], (0, 1, 9), (2, 3, 9), (4, 5, 9), (6, 7, 9), (7, 8, 9));

        PartitionResult result = Partitioner.Partition(
            graph, new PartitionOptions { Parts = 3, BalancePerMille = 1125 });

        Assert.True(result.IsBalanced);
    }

    [Fact]
    public void Partition_degenerateGraphs_areServed()
    {
        Assert.Empty(Partitioner.Partition(Graphs.Of([]), new PartitionOptions { Parts = 3 }).Assignment);
        Assert.Equal([0, 0], Partitioner.Partition(Graphs.Of([1, 1]), new PartitionOptions { Parts = 1 }).Assignment);
        PartitionResult roomy = Partitioner.Partition(Graphs.Of([1, 1]), new PartitionOptions { Parts = 5 });
        Assert.Equal(2, roomy.Assignment.Distinct().Count());
        PartitionResult apart = Partitioner.Partition(
            Graphs.Of([.. Enumerable.Repeat(1, 1000)]), new PartitionOptions { Parts = 4, BalancePerMille = 1000 });
        Assert.Equal([250, 250, 250, 250], apart.PartWeights);
        PartitionResult weightless = Partitioner.Partition(
            Graphs.Of([0, 0, 0], (0, 1, 1), (1, 2, 1)), new PartitionOptions { Parts = 2 });
        Assert.True(weightless.IsBalanced);
    }

    private static long CutByPairs(PartitionGraph graph, IReadOnlyList<int> assignment)
    {
        long cut = 0;
        for (int vertex = 0; vertex < graph.VertexCount; vertex++)
        {
            for (int i = 0; i < graph.Neighbours(vertex).Length; i++)
            {
                int other = graph.Neighbours(vertex)[i];
                cut += vertex < other && assignment[vertex] != assignment[other] ? graph.WeightsOfEdges(vertex)[i] : 0;
            }
        }

        return cut;
    }
}
