using System;
using ShardSql.Primitives;

namespace ShardSql.Planning.Partitioning;

/// <summary>
/// A partition while it changes: the parts' weights and, for each vertex and part, the edge weight between them, kept up
/// to date by every move, so that the gain of a move is a subtraction.
/// </summary>
internal sealed class PartState
{
    private readonly int[] _connections;
    private readonly MoveBudget? _budget;

    public PartState(PartitionGraph graph, int[] assignment, PartBounds bounds, MoveBudget? budget = null)
    {
        Graph = graph;
        Assignment = assignment;
        Bounds = bounds;
        Parts = bounds.Limits.Length;
        Weights = graph.PartWeights(assignment, Parts);
        _budget = budget;
        _connections = new int[graph.VertexCount * Parts];
        for (int vertex = 0; vertex < graph.VertexCount; vertex++)
        {
            Span<int> row = _connections.AsSpan(vertex * Parts, Parts);
            for (int i = graph.Offsets[vertex]; i < graph.Offsets[vertex + 1]; i++)
            {
                row[assignment[graph.Targets[i]]] += graph.EdgeWeights[i];
            }

            if (budget is not null && assignment[vertex] != budget.Homes[vertex])
            {
                Away += budget.Counts[vertex];
            }
        }
    }

    public PartitionGraph Graph { get; }

    public int[] Assignment { get; }

    public PartBounds Bounds { get; }

    public int Parts { get; }

    public long[] Weights { get; }

    /// <summary>How many are away from home.</summary>
    public long Away { get; private set; }

    /// <summary>Edge weight between a vertex and a part.</summary>
    public int Connection(int vertex, int part) => _connections[(vertex * Parts) + part];

    /// <summary>Whether some edge leaves the vertex' part.</summary>
    public bool IsAtBoundary(int vertex)
    {
        ReadOnlySpan<int> row = _connections.AsSpan(vertex * Parts, Parts);
        int own = Assignment[vertex];
        for (int part = 0; part < row.Length; part++)
        {
            if (row[part] != 0 && part != own)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// The part with room to which a move gains most, −1 if none has room; equal gains go to the part that is least full.
    /// </summary>
    public int BestTarget(int vertex, out long gain)
    {
        int own = Assignment[vertex];
        int weight = Graph.VertexWeights[vertex];
        ReadOnlySpan<int> row = _connections.AsSpan(vertex * Parts, Parts);
        int best = -1;
        gain = long.MinValue;
        long bestRoom = 0;
        for (int part = 0; part < row.Length; part++)
        {
            long room = Bounds.Limits[part] - Weights[part] - weight;
            if (part == own || room < 0)
            {
                continue;
            }

            long partGain = row[part];
            if (_budget is not null)
            {
                int change = _budget.Change(vertex, own, part);
                if (change > 0 && Away + change > _budget.Most)
                {
                    continue;
                }

                partGain -= change * _budget.Price;
            }

            if (partGain > gain || (partGain == gain && room > bestRoom))
            {
                (best, gain, bestRoom) = (part, partGain, room);
            }
        }

        gain -= row[own];
        return best;
    }

    /// <summary>Moves a vertex; the connections of its neighbours follow.</summary>
    public void Move(int vertex, int to)
    {
        int from = Assignment[vertex];
        int weight = Graph.VertexWeights[vertex];
        Weights[from] -= weight;
        Weights[to] += weight;
        Assignment[vertex] = to;
        if (_budget is not null)
        {
            Away += _budget.Change(vertex, from, to);
        }

        int[] targets = Graph.Targets;
        int[] weights = Graph.EdgeWeights;
        int end = Graph.Offsets[vertex + 1];
        for (int i = Graph.Offsets[vertex]; i < end; i++)
        {
            int row = targets[i] * Parts;
            _connections[row + from] -= weights[i];
            _connections[row + to] += weights[i];
        }
    }

    /// <summary>Whether a part weighs more than it may.</summary>
    public bool IsOver(int part) => Weights[part] > Bounds.Limits[part];

    /// <summary>Whether every part keeps its bound.</summary>
    public bool IsBalanced() => Overweight() == 0;

    /// <summary>By how much parts weigh more than they may, together.</summary>
    public long Overweight()
    {
        long over = 0;
        for (int part = 0; part < Parts; part++)
        {
            over += Math.Max(0, Weights[part] - Bounds.Limits[part]);
        }

        return over;
    }
}
