using System;
using ShardSql.Primitives;

namespace ShardSql.Planning.Partitioning;

/// <summary>
/// An immutable, undirected graph with weights at vertices (load) and edges (transactions that touched both ends), as
/// compressed rows: each edge stands at both of its ends. No loops, no parallel edges; totals fit into 31 bits, so that
/// a sum of weights never overflows however the graph is contracted.
/// </summary>
public sealed class PartitionGraph
{
    /// <summary>Most vertices of a graph.</summary>
    public const int VerticesMax = 1_000_000;

    /// <summary>Most edges of a graph.</summary>
    public const int EdgesMax = 16_000_000;

    /// <summary>Greatest sum of the vertices' weights, and of the edges' weights.</summary>
    public const long WeightTotalMax = int.MaxValue;

    internal PartitionGraph(int[] vertexWeights, int[] offsets, int[] targets, int[] edgeWeights)
    {
        Invariant.Check(offsets.Length == vertexWeights.Length + 1, "Every vertex has a row, and the last one an end.");
        Invariant.Check(targets.Length >= offsets[^1] && edgeWeights.Length >= offsets[^1], "Every row is there.");
        VertexWeights = vertexWeights;
        Offsets = offsets;
        Targets = targets;
        EdgeWeights = edgeWeights;
        foreach (int weight in vertexWeights)
        {
            TotalVertexWeight += weight;
            HeaviestVertex = Math.Max(HeaviestVertex, weight);
        }

        for (int i = 0; i < offsets[^1]; i++)
        {
            TotalEdgeWeight += edgeWeights[i];
        }

        TotalEdgeWeight /= 2;
    }

    /// <summary>Number of vertices.</summary>
    public int VertexCount => VertexWeights.Length;

    /// <summary>Number of edges, each counted once.</summary>
    public int EdgeCount => Offsets[^1] / 2;

    /// <summary>Sum of the vertices' weights.</summary>
    public long TotalVertexWeight { get; }

    /// <summary>Sum of the edges' weights, each counted once.</summary>
    public long TotalEdgeWeight { get; }

    /// <summary>Weight of the heaviest vertex.</summary>
    public int HeaviestVertex { get; }

    internal int[] VertexWeights { get; }

    internal int[] Offsets { get; }

    internal int[] Targets { get; }

    internal int[] EdgeWeights { get; }

    /// <summary>The weight of a vertex.</summary>
    public int VertexWeight(int vertex) => VertexWeights[vertex];

    /// <summary>The other ends of a vertex's edges.</summary>
    public ReadOnlySpan<int> Neighbours(int vertex) =>
        Targets.AsSpan(Offsets[vertex], Offsets[vertex + 1] - Offsets[vertex]);

    /// <summary>The weights of a vertex's edges, in the order of <see cref="Neighbours"/>.</summary>
    public ReadOnlySpan<int> WeightsOfEdges(int vertex) =>
        EdgeWeights.AsSpan(Offsets[vertex], Offsets[vertex + 1] - Offsets[vertex]);

    /// <summary>The weight of the edges whose ends are in different parts.</summary>
    public long Cut(ReadOnlySpan<int> assignment)
    {
        Invariant.Check(assignment.Length == VertexCount, "Every vertex is in a part.");
        long twice = 0;
        for (int vertex = 0; vertex < VertexCount; vertex++)
        {
            for (int i = Offsets[vertex]; i < Offsets[vertex + 1]; i++)
            {
                if (assignment[Targets[i]] != assignment[vertex])
                {
                    twice += EdgeWeights[i];
                }
            }
        }

        return twice / 2;
    }

    /// <summary>The weight of each part.</summary>
    public long[] PartWeights(ReadOnlySpan<int> assignment, int parts)
    {
        Invariant.Check(assignment.Length == VertexCount, "Every vertex is in a part.");
        long[] weights = new long[parts];
        for (int vertex = 0; vertex < VertexCount; vertex++)
        {
            weights[assignment[vertex]] += VertexWeights[vertex];
        }

        return weights;
    }
}
