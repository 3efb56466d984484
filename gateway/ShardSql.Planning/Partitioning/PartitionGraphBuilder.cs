using System;
using System.Collections.Generic;
using ShardSql.Primitives;
using ShardSql.Sql;

namespace ShardSql.Planning.Partitioning;

/// <summary>
/// Collects vertices and edges in any order; parallel edges add up, loops are dropped. Refuses with 54000 what is
/// beyond the limits of <see cref="PartitionGraph"/>.
/// </summary>
public sealed class PartitionGraphBuilder
{
    private readonly List<int> _vertexWeights = [];
    private readonly List<(int First, int Second, int Weight)> _edges = [];
    private long _vertexTotal;
    private long _edgeTotal;

    /// <summary>Vertices so far.</summary>
    public int VertexCount => _vertexWeights.Count;

    /// <summary>Adds a vertex and returns its number: 0, 1, 2 and so on.</summary>
    public int AddVertex(int weight)
    {
        Invariant.Check(weight >= 0, "A vertex weighs nothing or more.");
        Refuse(_vertexWeights.Count >= PartitionGraph.VerticesMax, "vertices", PartitionGraph.VerticesMax);
        Refuse(_vertexTotal + weight > PartitionGraph.WeightTotalMax, "vertex weight", PartitionGraph.WeightTotalMax);
        _vertexTotal += weight;
        _vertexWeights.Add(weight);
        return _vertexWeights.Count - 1;
    }

    /// <summary>Adds weight between two vertices.</summary>
    public void AddEdge(int first, int second, int weight)
    {
        Invariant.Check(weight > 0, "An edge weighs something.");
        Invariant.Check((uint)first < (uint)VertexCount && (uint)second < (uint)VertexCount, "An edge joins vertices.");
        if (first == second)
        {
            return;
        }

        Refuse(_edges.Count >= PartitionGraph.EdgesMax, "edges", PartitionGraph.EdgesMax);
        Refuse(_edgeTotal + weight > PartitionGraph.WeightTotalMax, "edge weight", PartitionGraph.WeightTotalMax);
        _edgeTotal += weight;
        _edges.Add((first, second, weight));
    }

    /// <summary>The graph of what was added.</summary>
    public PartitionGraph Build()
    {
        int[] offsets = new int[VertexCount + 1];
        foreach ((int first, int second, _) in _edges)
        {
            offsets[first + 1]++;
            offsets[second + 1]++;
        }

        for (int i = 0; i < VertexCount; i++)
        {
            offsets[i + 1] += offsets[i];
        }

        int[] targets = new int[offsets[^1]];
        int[] weights = new int[offsets[^1]];
        int[] next = offsets.AsSpan(0, VertexCount).ToArray();
        foreach ((int first, int second, int weight) in _edges)
        {
            (targets[next[first]], weights[next[first]++]) = (second, weight);
            (targets[next[second]], weights[next[second]++]) = (first, weight);
        }

        Merge(offsets, targets, weights);
        return new PartitionGraph([.. _vertexWeights], offsets, targets, weights);
    }

    /// <summary>Sorts each row and adds up parallel edges, so that the order of adding does not show.</summary>
    private static void Merge(int[] offsets, int[] targets, int[] weights)
    {
        int end = 0;
        int start = 0;
        for (int vertex = 0; vertex + 1 < offsets.Length; vertex++)
        {
            int stop = offsets[vertex + 1];
            Array.Sort(targets, weights, start, stop - start);
            int row = end;
            for (int i = start; i < stop; i++)
            {
                if (end > row && targets[end - 1] == targets[i])
                {
                    weights[end - 1] += weights[i];
                }
                else
                {
                    (targets[end], weights[end++]) = (targets[i], weights[i]);
                }
            }

            offsets[vertex + 1] = end;
            start = stop;
        }
    }

    private static void Refuse(bool isBeyond, string what, long limit)
    {
        if (isBeyond)
        {
            throw new SqlException(
                SqlStates.ProgramLimitExceeded, FormattableString.Invariant($"a graph has at most {limit} of {what}"));
        }
    }
}
