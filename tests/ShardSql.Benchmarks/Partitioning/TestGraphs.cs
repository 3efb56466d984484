using System;
using System.Collections.Generic;
using ShardSql.Planning.Partitioning;
using ShardSql.Primitives;

namespace ShardSql.Benchmarks.Partitioning;

/// <summary>The graphs of studies/performance.md §4, about 30,000 vertices each, made from a fixed seed.</summary>
internal static class TestGraphs
{
    private const int Vertices = 30_000;
    private const ulong Seed = 20_261_121;

    /// <summary>All of them, by name.</summary>
    public static IReadOnlyList<(string Name, PartitionGraph Graph)> All() =>
    [
        ("communities of 50, 5 % noise", Communities(size: 50, noisePercent: 5, edgesOfAVertex: 5)),
        ("communities of 500, 20 % noise", Communities(size: 500, noisePercent: 20, edgesOfAVertex: 8)),
        ("Barabási–Albert, m = 4", PreferentialAttachment(edgesOfAVertex: 4)),
        ("TPC-C-like", TransactionGraphs.TpcC(new Prng(Seed)).Graph),
        ("SmallBank with communities", TransactionGraphs.SmallBank(new Prng(Seed)).Graph),
        ("power law, exponent 2.5", PowerLaw(edgesOfAVertex: 5)),
        ("grid 173 × 173", Grid(173)),
        ("small world, 10 % rewired", SmallWorld(reach: 4, rewiredPercent: 10)),
    ];

    /// <summary>Random edges, most of them inside hidden communities.</summary>
    public static PartitionGraph Communities(int size, int noisePercent, int edgesOfAVertex)
    {
        var random = new Prng(Seed);
        int[] names = Permutation(random);
        PartitionGraphBuilder graph = UnitVertices(Vertices);
        for (int i = 0; i < Vertices * edgesOfAVertex; i++)
        {
            int first = random.Next(Vertices);
            int second = random.Next(100) < noisePercent
                ? random.Next(Vertices)
                : (first / size * size) + random.Next(size);
            graph.AddEdge(names[first], names[second], 1);
        }

        return graph.Build();
    }

    /// <summary>Each new vertex joins old ones in proportion to their degrees.</summary>
    private static PartitionGraph PreferentialAttachment(int edgesOfAVertex)
    {
        var random = new Prng(Seed);
        int[] names = Permutation(random);
        PartitionGraphBuilder graph = UnitVertices(Vertices);
        var ends = new List<int>();
        for (int vertex = 0; vertex < Vertices; vertex++)
        {
            int before = ends.Count;
            for (int i = 0; i < edgesOfAVertex; i++)
            {
                int other = before == 0 ? 0 : ends[random.Next(before)];
                graph.AddEdge(names[vertex], names[other], 1);
                ends.Add(other);
                ends.Add(vertex);
            }
        }

        return graph.Build();
    }

    /// <summary>
    /// Ends drawn in proportion to weights of a power law (Chung and Lu): degree i^(−2/3), exponent 2.5.
    /// </summary>
    private static PartitionGraph PowerLaw(int edgesOfAVertex)
    {
        var random = new Prng(Seed);
        int[] names = Permutation(random);
        PartitionGraphBuilder graph = UnitVertices(Vertices);
        for (int i = 0; i < Vertices * edgesOfAVertex; i++)
        {
            graph.AddEdge(names[PowerLawVertex(random)], names[PowerLawVertex(random)], 1);
        }

        return graph.Build();
    }

    /// <summary>Vertex ⌊n u³⌋ for a uniform u has a density that falls as i^(−2/3).</summary>
    private static int PowerLawVertex(Prng random)
    {
        double uniform = random.Next(1 << 30) / (double)(1 << 30);
        return (int)(Vertices * uniform * uniform * uniform);
    }

    private static PartitionGraph Grid(int side)
    {
        PartitionGraphBuilder graph = UnitVertices(side * side);
        for (int row = 0; row < side; row++)
        {
            for (int column = 0; column < side; column++)
            {
                int vertex = (row * side) + column;
                if (column + 1 < side)
                {
                    graph.AddEdge(vertex, vertex + 1, 1);
                }

                if (row + 1 < side)
                {
                    graph.AddEdge(vertex, vertex + side, 1);
                }
            }
        }

        return graph.Build();
    }

    /// <summary>
    /// A ring in which each vertex knows the next few, some of these edges rewired (Watts and Strogatz).
    /// </summary>
    private static PartitionGraph SmallWorld(int reach, int rewiredPercent)
    {
        var random = new Prng(Seed);
        int[] names = Permutation(random);
        PartitionGraphBuilder graph = UnitVertices(Vertices);
        for (int vertex = 0; vertex < Vertices; vertex++)
        {
            for (int step = 1; step <= reach; step++)
            {
                int other = random.Next(100) < rewiredPercent ? random.Next(Vertices) : (vertex + step) % Vertices;
                graph.AddEdge(names[vertex], names[other], 1);
            }
        }

        return graph.Build();
    }

    private static PartitionGraphBuilder UnitVertices(int count)
    {
        var graph = new PartitionGraphBuilder();
        for (int i = 0; i < count; i++)
        {
            graph.AddVertex(1);
        }

        return graph;
    }

    /// <summary>Random names, so that the order of vertices tells nothing.</summary>
    private static int[] Permutation(Prng random)
    {
        int[] names = new int[Vertices];
        for (int i = 0; i < names.Length; i++)
        {
            int other = random.Next(i + 1);
            names[i] = names[other];
            names[other] = i;
        }

        return names;
    }
}
