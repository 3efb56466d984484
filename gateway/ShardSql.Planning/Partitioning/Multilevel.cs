using System;
using System.Collections.Generic;
using ShardSql.Primitives;

namespace ShardSql.Planning.Partitioning;

/// <summary>Down to a small graph and back up: the frame of both a first partition and a V-cycle.</summary>
internal static class Multilevel
{
    /// <summary>Vertices of the smallest graph for each part.</summary>
    private const int CoarsestOfAPart = 15;

    /// <summary>A cluster weighs at most this many tenths of the average in the smallest graph.</summary>
    private const int HeaviestTenths = 15;

    /// <summary>Most levels; each has notably fewer vertices than the one before.</summary>
    private const int LevelsMax = 64;

    /// <summary>Contraction ends when a level keeps more than this many of a hundred vertices.</summary>
    private const int SlowPercent = 95;

    /// <summary>First partitions of the smallest graph, of which the best is refined.</summary>
    private const int FirstTriesMin = 4;

    /// <summary>The same where it is so small that they cost next to nothing.</summary>
    private const int FirstTriesMax = 32;

    /// <summary>Vertices and edges that all first partitions together may look at.</summary>
    private const int FirstTriesWork = 8000;

    /// <summary>A partition from nothing.</summary>
    public static int[] Descend(PartitionGraph graph, PartBounds bounds, Prng random)
    {
        List<Level> levels = Coarsen(new Level(graph, null, null, null), bounds, random);
        PartitionGraph smallest = levels[^1].Graph;
        int[]? best = null;
        (long Over, long Cut) bestWorth = (long.MaxValue, long.MaxValue);
        int tries = FirstTriesWork / (smallest.VertexCount + smallest.EdgeCount + 1);
        tries = Math.Clamp(tries, FirstTriesMin, FirstTriesMax);
        for (int attempt = 0; attempt < tries; attempt++)
        {
            int[] assignment = InitialPartition.Find(smallest, bounds, random);
            PartState state = Improve(levels[^1], assignment, bounds, random);
            (long Over, long Cut) worth = (state.Over, smallest.Cut(assignment));
            if (worth.CompareTo(bestWorth) < 0)
            {
                (best, bestWorth) = (assignment, worth);
            }
        }

        Invariant.Check(best is not null, "There is a best of several tries.");
        return Ascend(levels, best, bounds, random);
    }

    /// <summary>
    /// A partition that starts with each cluster where most of it lives: clusters that drifted apart come together
    /// again with few moves. Does not look at the end of the budget.
    /// </summary>
    public static int[] Gather(PartitionGraph graph, PartBounds bounds, Prng random, MoveBudget budget)
    {
        List<Level> levels = Coarsen(new Level(graph, null, null, budget.WithoutEnd()), bounds, random);
        int[] assignment = new int[levels[^1].Graph.VertexCount];
        for (int vertex = 0; vertex < assignment.Length; vertex++)
        {
            assignment[vertex] = levels[^1].Budget!.MainHome(vertex);
        }

        Improve(levels[^1], assignment, bounds, random);
        return Ascend(levels, assignment, bounds, random);
    }

    /// <summary>Contracts inside the parts, and refines on the way back: never worse where it was balanced.</summary>
    public static int[] Cycle(
        PartitionGraph graph, int[] assignment, PartBounds bounds, Prng random, MoveBudget? budget = null)
    {
        List<Level> levels = Coarsen(new Level(graph, null, assignment, budget), bounds, random);
        int[] coarse = levels[^1].Assignment!.AsSpan().ToArray();
        Improve(levels[^1], coarse, bounds, random);
        return Ascend(levels, coarse, bounds, random);
    }

    private static List<Level> Coarsen(Level finest, PartBounds bounds, Prng random)
    {
        int enough = CoarsestOfAPart * bounds.Limits.Length;
        long weightMax = Math.Max(finest.Graph.TotalVertexWeight * HeaviestTenths / 10 / enough, 1);
        var levels = new List<Level> { finest };
        while (levels.Count < LevelsMax && levels[^1].Graph.VertexCount > enough)
        {
            Level fine = levels[^1];
            (int[] cluster, int count) = Clustering.Find(fine.Graph, fine.Assignment, weightMax, random);
            if (count > (long)fine.Graph.VertexCount * SlowPercent / 100)
            {
                break;
            }

            levels.Add(fine.Contract(cluster, count));
        }

        return levels;
    }

    private static int[] Ascend(List<Level> levels, int[] assignment, PartBounds bounds, Prng random)
    {
        for (int level = levels.Count - 1; level > 0; level--)
        {
            int[] cluster = levels[level].Cluster!;
            int[] fine = new int[cluster.Length];
            for (int vertex = 0; vertex < fine.Length; vertex++)
            {
                fine[vertex] = assignment[cluster[vertex]];
            }

            assignment = fine;
            Improve(levels[level - 1], assignment, bounds, random);
        }

        return assignment;
    }

    private static PartState Improve(Level level, int[] assignment, PartBounds bounds, Prng random)
    {
        var state = new PartState(level.Graph, assignment, bounds, level.Budget);
        Rebalancer.Run(state);
        new KWayRefiner(state, random, level.Budget).Refine();
        return state;
    }

    /// <summary>A graph, the clusters of the level before, the parts that contraction must keep, and homes.</summary>
    private sealed record Level(PartitionGraph Graph, int[]? Cluster, int[]? Assignment, MoveBudget? Budget)
    {
        public Level Contract(int[] cluster, int count) => new(
            Contraction.Contract(Graph, cluster, count),
            cluster,
            Assignment is null ? null : Contraction.Lift(Assignment, cluster, count),
            Budget?.Contract(cluster, count));
    }
}
