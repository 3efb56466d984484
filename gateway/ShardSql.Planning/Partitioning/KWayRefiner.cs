using System;
using System.Collections.Generic;
using ShardSql.Primitives;

namespace ShardSql.Planning.Partitioning;

/// <summary>
/// Boundary k-way refinement after Fiduccia and Mattheyses: a round starts with all boundary vertices, moves the one of
/// the greatest gain, even a negative one, goes on with its neighbours, and is rolled back to its best prefix. A vertex
/// moves at most once in a round. The cut never rises, and no part is brought above its bound.
/// </summary>
internal sealed class KWayRefiner
{
    private const int RoundsMax = 12;

    /// <summary>A round ends when this many moves brought nothing.</summary>
    private const int StepsInVainMax = 500;

    /// <summary>
    /// In a small graph it ends sooner: after this part of its vertices, but not after fewer than so many.
    /// </summary>
    private const int VainPart = 8;
    private const int StepsInVainMin = 25;

    /// <summary>Rounds end when one gains less than one part in so many of the cut.</summary>
    private const int WorthwhilePart = 1000;

    /// <summary>Ranks are told apart to this part of a unit of edge weight.</summary>
    private const long RankScale = 64;

    private readonly PartState _state;
    private readonly MoveBudget? _budget;
    private readonly Prng _random;
    private readonly GainHeap _heap;
    private readonly int[] _movedIn;
    private readonly List<(int Vertex, int From)> _moves = [];
    private int _round;

    public KWayRefiner(PartState state, Prng random, MoveBudget? budget = null)
    {
        _state = state;
        _budget = budget;
        _random = random;
        _heap = new GainHeap(state.Graph.VertexCount);
        _movedIn = new int[state.Graph.VertexCount];
    }

    /// <summary>Refines until a round is not worth it; returns the objective's gain.</summary>
    public long Refine()
    {
        long total = 0;
        long cut = _state.Graph.Cut(_state.Assignment);
        _state.Tolerance = _state.Graph.HeaviestVertex;
        for (int round = 0; round < RoundsMax; round++)
        {
            long gain = Round();
            total += gain;
            if (gain * WorthwhilePart <= cut - total)
            {
                break;
            }
        }

        return total;
    }

    /// <summary>One round; returns what its best prefix gained.</summary>
    private long Round()
    {
        _round++;
        int[] boundary = Boundary();
        Shuffle.InPlace(boundary, _random);
        foreach (int vertex in boundary)
        {
            Offer(vertex);
        }

        return Search();
    }

    private int[] Boundary()
    {
        var boundary = new List<int>();
        for (int vertex = 0; vertex < _state.Graph.VertexCount; vertex++)
        {
            if (_state.IsAtBoundary(vertex))
            {
                boundary.Add(vertex);
            }
        }

        return [.. boundary];
    }

    /// <summary>Puts a vertex that has not moved in this round into the heap, with the gain that it has now.</summary>
    private void Offer(int vertex)
    {
        if (_movedIn[vertex] == _round)
        {
            return;
        }

        int target = _state.BestTarget(vertex, out long gain);
        if (target >= 0)
        {
            _heap.Set(vertex, Rank(vertex, target, gain));
        }
    }

    /// <summary>The order of moves: by gain, or where a budget can run out by gain for its use.</summary>
    private long Rank(int vertex, int target, long gain) => _budget is { IsTight: true }
        ? gain * RankScale / Math.Max(1, _budget.Change(vertex, _state.Assignment[vertex], target))
        : gain;

    private long Search()
    {
        int vainMax = Math.Clamp(_state.Graph.VertexCount / VainPart, StepsInVainMin, StepsInVainMax);
        long overBefore = _state.Over;
        long gained = 0;
        long best = 0;
        int bestMoves = 0;
        _moves.Clear();
        while (_heap.Count > 0 && _moves.Count - bestMoves < vainMax)
        {
            long promised = _heap.TopGain;
            int vertex = _heap.Pop();
            int target = _state.BestTarget(vertex, out long gain);
            if (target < 0)
            {
                continue;
            }

            long rank = Rank(vertex, target, gain);
            if (rank < promised)
            {
                // Room or budget went since: it waits for its turn with what it can gain now.
                _heap.Set(vertex, rank);
                continue;
            }

            _moves.Add((vertex, _state.Assignment[vertex]));
            _movedIn[vertex] = _round;
            _state.Move(vertex, target);
            OfferNeighbours(vertex);
            gained += gain;
            if (gained > best && _state.Over <= overBefore)
            {
                best = gained;
                bestMoves = _moves.Count;
            }
        }

        _heap.Clear();
        for (int i = _moves.Count - 1; i >= bestMoves; i--)
        {
            _state.Move(_moves[i].Vertex, _moves[i].From);
        }

        return best;
    }

    private void OfferNeighbours(int vertex)
    {
        PartitionGraph graph = _state.Graph;
        for (int i = graph.Offsets[vertex]; i < graph.Offsets[vertex + 1]; i++)
        {
            int neighbour = graph.Targets[i];
            if (_movedIn[neighbour] != _round && (_heap.Contains(neighbour) || _state.IsAtBoundary(neighbour)))
            {
                Offer(neighbour);
            }
        }
    }
}
