using System;
using System.Collections.Generic;
using ShardSql.Primitives;

namespace ShardSql.Planning.Partitioning;

/// <summary>
/// A first partition of a small graph by recursive bisection: each half is grown from random vertices by the greatest
/// gain or dealt out at random, refined, and the best of several is kept.
/// </summary>
internal sealed class InitialPartition
{
    private const int Tries = 5;

    private readonly PartBounds _bounds;
    private readonly Prng _random;
    private readonly int[] _assignment;

    private InitialPartition(int vertices, PartBounds bounds, Prng random)
    {
        _bounds = bounds;
        _random = random;
        _assignment = new int[vertices];
    }

    public static int[] Find(PartitionGraph graph, PartBounds bounds, Prng random)
    {
        var initial = new InitialPartition(graph.VertexCount, bounds, random);
        int[] all = new int[graph.VertexCount];
        for (int vertex = 0; vertex < all.Length; vertex++)
        {
            all[vertex] = vertex;
        }

        initial.Divide(graph, all, 0, bounds.Limits.Length);
        return initial._assignment;
    }

    /// <summary>Gives the vertices of a subgraph, known outside as <paramref name="names"/>, to some parts.</summary>
    private void Divide(PartitionGraph graph, int[] names, int firstPart, int parts)
    {
        if (parts == 1)
        {
            foreach (int name in names)
            {
                _assignment[name] = firstPart;
            }

            return;
        }

        int left = parts / 2;
        int[] sides = Bisect(graph, SidesOf(graph.TotalVertexWeight, firstPart, left, parts));
        for (int side = 0; side < 2; side++)
        {
            (PartitionGraph half, int[] halfNames) = Induce(graph, names, sides, side);
            Divide(half, halfNames, side == 0 ? firstPart : firstPart + left, side == 0 ? left : parts - left);
        }
    }

    /// <summary>
    /// Targets and limits of two sides; what the parts may exceed is spread over the bisections to come.
    /// </summary>
    private PartBounds SidesOf(long total, int firstPart, int left, int parts)
    {
        int depth = 1;
        while (1 << depth < parts)
        {
            depth++;
        }

        ReadOnlySpan<long> targets = _bounds.Targets.AsSpan(firstPart, parts);
        ReadOnlySpan<long> limits = _bounds.Limits.AsSpan(firstPart, parts);
        long all = Math.Max(1, Sum(targets));
        long leftTarget = (long)((Int128)total * Sum(targets[..left]) / all);
        long rightTarget = total - leftTarget;
        long slack = Math.Max(0, Sum(limits) - total) / depth;
        long leftSlack = (long)((Int128)slack * Sum(targets[..left]) / all);
        return new PartBounds([leftTarget, rightTarget], [leftTarget + leftSlack, rightTarget + slack - leftSlack]);
    }

    private static long Sum(ReadOnlySpan<long> values)
    {
        long sum = 0;
        foreach (long value in values)
        {
            sum += value;
        }

        return sum;
    }

    private int[] Bisect(PartitionGraph graph, PartBounds bounds)
    {
        int[]? best = null;
        (long Over, long Cut) bestWorth = (long.MaxValue, long.MaxValue);
        for (int attempt = 0; attempt < Tries; attempt++)
        {
            PartState state = attempt % 3 == 2 ? Scatter(graph, bounds) : Grow(graph, bounds);
            Rebalancer.Run(state);
            new KWayRefiner(state, _random).Refine();
            (long Over, long Cut) worth = (state.Over, graph.Cut(state.Assignment));
            if (worth.CompareTo(bestWorth) < 0)
            {
                (best, bestWorth) = (state.Assignment, worth);
            }
        }

        Invariant.Check(best is not null, "There is a best of several tries.");
        return best;
    }

    /// <summary>
    /// Sides at random: where growing goes astray the same way from everywhere, refinement starts elsewhere.
    /// </summary>
    private PartState Scatter(PartitionGraph graph, PartBounds bounds)
    {
        int[] sides = new int[graph.VertexCount];
        long left = 0;
        foreach (int vertex in Shuffle.Numbers(graph.VertexCount, _random))
        {
            bool isLeft = left + (graph.VertexWeights[vertex] / 2) < bounds.Targets[0];
            sides[vertex] = isLeft ? 0 : 1;
            left += isLeft ? graph.VertexWeights[vertex] : 0;
        }

        return new PartState(graph, sides, bounds);
    }

    /// <summary>All vertices on side 1, then those of the greatest gain go to side 0 until it has its share.</summary>
    private PartState Grow(PartitionGraph graph, PartBounds bounds)
    {
        int[] sides = new int[graph.VertexCount];
        Array.Fill(sides, 1);

        // While it grows side 1 holds everything: only side 0 has a bound.
        var state = new PartState(graph, sides, bounds);
        var heap = new GainHeap(graph.VertexCount);
        int[] starts = Shuffle.Numbers(graph.VertexCount, _random);
        int nextStart = 0;
        while (state.Weights[0] < bounds.Targets[0])
        {
            if (heap.Count == 0)
            {
                while (nextStart < starts.Length && sides[starts[nextStart]] == 0)
                {
                    nextStart++;
                }

                if (nextStart == starts.Length)
                {
                    break;
                }

                heap.Set(starts[nextStart++], 0);
            }

            int vertex = heap.Pop();
            if (state.Weights[0] + graph.VertexWeights[vertex] > bounds.Limits[0])
            {
                continue;
            }

            state.Move(vertex, 0);
            foreach (int neighbour in graph.Neighbours(vertex))
            {
                if (sides[neighbour] == 1)
                {
                    heap.Set(neighbour, state.Connection(neighbour, 0) - state.Connection(neighbour, 1));
                }
            }
        }

        return state;
    }

    private static (PartitionGraph Graph, int[] Names) Induce(PartitionGraph graph, int[] names, int[] sides, int side)
    {
        int[] numbers = new int[graph.VertexCount];
        var inside = new List<int>();
        for (int vertex = 0; vertex < numbers.Length; vertex++)
        {
            numbers[vertex] = inside.Count;
            if (sides[vertex] == side)
            {
                inside.Add(vertex);
            }
        }

        int[] offsets = new int[inside.Count + 1];
        int[] vertexWeights = new int[inside.Count];
        int[] insideNames = new int[inside.Count];
        var targets = new List<int>();
        var weights = new List<int>();
        for (int i = 0; i < inside.Count; i++)
        {
            int vertex = inside[i];
            vertexWeights[i] = graph.VertexWeights[vertex];
            insideNames[i] = names[vertex];
            for (int edge = graph.Offsets[vertex]; edge < graph.Offsets[vertex + 1]; edge++)
            {
                if (sides[graph.Targets[edge]] == side)
                {
                    targets.Add(numbers[graph.Targets[edge]]);
                    weights.Add(graph.EdgeWeights[edge]);
                }
            }

            offsets[i + 1] = targets.Count;
        }

        return (new PartitionGraph(vertexWeights, offsets, [.. targets], [.. weights]), insideNames);
    }
}
