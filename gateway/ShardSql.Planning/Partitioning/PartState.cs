using System;
using ShardSql.Primitives;

namespace ShardSql.Planning.Partitioning;

/// <summary>
/// A partition while it changes: the parts' weights and, for each vertex and part, the edge weight between them (and
/// the price of a home, where there is a budget), kept up to date by every move, so that a gain is a subtraction.
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
        Over = bounds.Overweight(Weights);
        _budget = budget;
        _connections = new int[graph.VertexCount * Parts];
        for (int vertex = 0; vertex < graph.VertexCount; vertex++)
        {
            Span<int> row = _connections.AsSpan(vertex * Parts, Parts);
            for (int i = graph.Offsets[vertex]; i < graph.Offsets[vertex + 1]; i++)
            {
                row[assignment[graph.Targets[i]]] += graph.EdgeWeights[i];
            }
        }

        if (budget is not null)
        {
            Away = budget.Away(assignment);
            PriceHomes(budget);
        }
    }

    public PartitionGraph Graph { get; }

    public int[] Assignment { get; }

    public PartBounds Bounds { get; }

    public int Parts { get; }

    public long[] Weights { get; }

    /// <summary>By how much parts weigh more than they may, together.</summary>
    public long Over { get; private set; }

    /// <summary>
    /// How much one part may be overfull on the way from one balanced state to the next: without it heavy vertices
    /// could not change places.
    /// </summary>
    public long Tolerance { get; set; }

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
    /// The part with room to which a move gains most, −1 if none has room; equal gains go to the part that is least
    /// full.
    /// </summary>
    public int BestTarget(int vertex, out long gain)
    {
        int own = Assignment[vertex];
        int weight = Graph.VertexWeights[vertex];
        ReadOnlySpan<int> row = _connections.AsSpan(vertex * Parts, Parts);
        long tolerance = Over == 0 ? Tolerance : 0;
        int best = -1;
        gain = long.MinValue;
        long bestRoom = 0;
        for (int part = 0; part < row.Length; part++)
        {
            long room = Bounds.Limits[part] - Weights[part] - weight + tolerance;
            if (part == own || room < 0)
            {
                continue;
            }

            if (row[part] > gain || (row[part] == gain && room > bestRoom))
            {
                if (_budget is { IsTight: true } && !Affords(vertex, own, part))
                {
                    continue;
                }

                (best, gain, bestRoom) = (part, row[part], room);
            }
        }

        gain -= row[own];
        return best;
    }

    private bool Affords(int vertex, int from, int to)
    {
        int change = _budget!.Change(vertex, from, to);
        return change <= 0 || Away + change <= _budget.Most;
    }

    private void PriceHomes(MoveBudget budget)
    {
        for (int vertex = 0; vertex < Graph.VertexCount; vertex++)
        {
            ReadOnlySpan<int> living = budget.LivingOf(vertex);
            for (int part = 0; part < living.Length; part++)
            {
                _connections[(vertex * Parts) + part] += living[part] * budget.Price;
            }
        }
    }

    /// <summary>Moves a vertex; the connections of its neighbours follow.</summary>
    public void Move(int vertex, int to)
    {
        int from = Assignment[vertex];
        int weight = Graph.VertexWeights[vertex];
        Over -= OverOf(from) + OverOf(to);
        Weights[from] -= weight;
        Weights[to] += weight;
        Over += OverOf(from) + OverOf(to);
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

    private long OverOf(int part) => Math.Max(0, Weights[part] - Bounds.Limits[part]);
}
