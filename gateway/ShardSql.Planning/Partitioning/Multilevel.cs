using System;
using System.Collections.Generic;
using ShardSql.Primitives;

namespace ShardSql.Planning.Partitioning;

/// <summary>Down to a small graph and back up: the frame of both a first partition and a V-cycle.</summary>
internal static class Multilevel
{
    /// <summary>Vertices of the smallest graph for each part.</summary>
    private const int CoarsestOfAPart = 60;

    /// <summary>Most levels; each has notably fewer vertices than the one before.</summary>
    private const int LevelsMax = 64;

    /// <summary>Contraction ends when a level keeps more than this many of a hundred vertices.</summary>
    private const int SlowPercent = 95;

    /// <summary>First partitions of the smallest graph, of which the best is refined.</summary>
    private const int FirstTries = 4;

    /// <summary>A partition from nothing.</summary>
    public static int[] Descend(PartitionGraph graph, PartBounds bounds, Prng random)
    {
        List<Level> levels = Coarsen(graph, null, bounds, random);
        PartitionGraph smallest = levels[^1].Graph;
        int[]? best = null;
        (long Over, long Cut) bestWorth = (long.MaxValue, long.MaxValue);
        for (int attempt = 0; attempt < FirstTries; attempt++)
        {
            int[] assignment = InitialPartition.Find(smallest, bounds, random);
            PartState state = Improve(smallest, assignment, bounds, random);
            (long Over, long Cut) worth = (state.Overweight(), smallest.Cut(assignment));
            if (worth.CompareTo(bestWorth) < 0)
            {
                (best, bestWorth) = (assignment, worth);
            }
        }

        Invariant.Check(best is not null, "There is a best of several tries.");
        return Ascend(levels, best, bounds, random);
    }

    /// <summary>Contracts inside the parts, and refines on the way back: never worse where it was balanced.</summary>
    public static int[] Cycle(PartitionGraph graph, int[] assignment, PartBounds bounds, Prng random)
    {
        List<Level> levels = Coarsen(graph, assignment, bounds, random);
        int[] coarse = levels[^1].Blocks!;
        Improve(levels[^1].Graph, coarse, bounds, random);
        return Ascend(levels, coarse, bounds, random);
    }

    private static List<Level> Coarsen(PartitionGraph graph, int[]? blocks, PartBounds bounds, Prng random)
    {
        int enough = CoarsestOfAPart * bounds.Limits.Length;
        long weightMax = Math.Max(graph.TotalVertexWeight * 3 / 2 / enough, 1);
        var levels = new List<Level> { new(graph, null, blocks) };
        while (levels.Count < LevelsMax && levels[^1].Graph.VertexCount > enough)
        {
            Level fine = levels[^1];
            (int[] cluster, int count) = Clustering.Find(fine.Graph, fine.Blocks, weightMax, random);
            if (count > (long)fine.Graph.VertexCount * SlowPercent / 100)
            {
                break;
            }

            PartitionGraph coarse = Contraction.Contract(fine.Graph, cluster, count);
            levels.Add(new Level(coarse, cluster, fine.Blocks is null ? null : Lift(fine.Blocks, cluster, count)));
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
            Improve(levels[level - 1].Graph, assignment, bounds, random);
        }

        return assignment;
    }

    private static PartState Improve(PartitionGraph graph, int[] assignment, PartBounds bounds, Prng random)
    {
        var state = new PartState(graph, assignment, bounds);
        Rebalancer.Run(state);
        new KWayRefiner(state, random).Refine();
        return state;
    }

    /// <summary>The blocks of clusters that lie each inside one block.</summary>
    private static int[] Lift(int[] blocks, int[] cluster, int count)
    {
        int[] lifted = new int[count];
        for (int vertex = 0; vertex < cluster.Length; vertex++)
        {
            lifted[cluster[vertex]] = blocks[vertex];
        }

        return lifted;
    }

    /// <summary>A graph, the cluster of each vertex of the level before, and the parts that it must keep.</summary>
    private sealed record Level(PartitionGraph Graph, int[]? Cluster, int[]? Blocks);
}
