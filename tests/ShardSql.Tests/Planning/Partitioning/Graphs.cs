using System;
using System.Collections.Generic;
using System.Linq;
using ShardSql.Planning.Partitioning;
using ShardSql.Primitives;

namespace ShardSql.Tests.Planning.Partitioning;

/// <summary>Small graphs whose best partitions are known, and random ones.</summary>
internal static class Graphs
{
    public static PartitionGraph Of(int[] vertexWeights, params (int First, int Second, int Weight)[] edges)
    {
        var builder = new PartitionGraphBuilder();
        foreach (int weight in vertexWeights)
        {
            builder.AddVertex(weight);
        }

        foreach ((int first, int second, int weight) in edges)
        {
            builder.AddEdge(first, second, weight);
        }

        return builder.Build();
    }

    /// <summary>
    /// Cliques in a ring, each joined to the next by one edge; a vertex' clique is its number mod the count.
    /// </summary>
    public static PartitionGraph Cliques(int count, int size)
    {
        var edges = new List<(int, int, int)>();
        for (int clique = 0; clique < count; clique++)
        {
            for (int i = 0; i < size; i++)
            {
                for (int j = 0; j < i; j++)
                {
                    edges.Add(((i * count) + clique, (j * count) + clique, 1));
                }
            }

            edges.Add((clique, (clique + 1) % count, 1));
        }

        return Of([.. Enumerable.Repeat(1, count * size)], [.. edges]);
    }

    public static PartitionGraph Grid(int rows, int columns)
    {
        var edges = new List<(int, int, int)>();
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column++)
            {
                int vertex = (row * columns) + column;
                if (column + 1 < columns)
                {
                    edges.Add((vertex, vertex + 1, 1));
                }

                if (row + 1 < rows)
                {
                    edges.Add((vertex, vertex + columns, 1));
                }
            }
        }

        return Of([.. Enumerable.Repeat(1, rows * columns)], [.. edges]);
    }

    /// <summary>
    /// Random edges, all but some of a hundred inside the communities that the vertices are said to be in.
    /// </summary>
    public static PartitionGraph Communities(int[] communityOf, int noisePercent, int edgesOfAVertex, Prng random)
    {
        int[][] members =
        [
            .. Enumerable.Range(0, communityOf.Max() + 1)
                .Select(community => Enumerable.Range(0, communityOf.Length)
                    .Where(vertex => communityOf[vertex] == community)
                    .ToArray()),
        ];
        var edges = new List<(int, int, int)>();
        for (int i = 0; i < communityOf.Length * edgesOfAVertex; i++)
        {
            int first = random.Next(communityOf.Length);
            int[] own = members[communityOf[first]];
            edges.Add((
                first,
                random.Next(100) < noisePercent ? random.Next(communityOf.Length) : own[random.Next(own.Length)],
                1));
        }

        return Of([.. Enumerable.Repeat(1, communityOf.Length)], [.. edges]);
    }

    /// <summary>Random weights and edges; with luck connected.</summary>
    public static PartitionGraph Random(int vertices, int edges, int weightMax, Prng random) => Of(
        [.. Enumerable.Range(0, vertices).Select(_ => random.Next(1, weightMax + 1))],
        [
            .. Enumerable.Range(0, edges)
                .Select(_ => (random.Next(vertices), random.Next(vertices), random.Next(1, weightMax + 1))),
        ]);

    /// <summary>The least cut of all balanced bisections; −1 where there is none.</summary>
    public static long BestBisection(PartitionGraph graph, long limit)
    {
        long best = -1;
        int[] assignment = new int[graph.VertexCount];
        for (int mask = 0; mask < 1 << graph.VertexCount; mask++)
        {
            for (int vertex = 0; vertex < assignment.Length; vertex++)
            {
                assignment[vertex] = (mask >> vertex) & 1;
            }

            if (graph.PartWeights(assignment, 2).Max() <= limit)
            {
                long cut = graph.Cut(assignment);
                best = best < 0 ? cut : Math.Min(best, cut);
            }
        }

        return best;
    }

    public static ulong HashOf(IEnumerable<int> assignment) =>
        assignment.Aggregate(0UL, (hash, part) => Hash64.Combine(hash, (ulong)part));
}
