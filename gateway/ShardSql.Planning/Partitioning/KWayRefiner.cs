using System;
using System.Collections.Generic;
using ShardSql.Primitives;

namespace ShardSql.Planning.Partitioning;

/// <summary>
/// Boundary k-way refinement after Fiduccia and Mattheyses, local as by Sanders and Schulz (multi-try FM): a search
/// starts at a few boundary vertices, moves the vertex of the greatest gain, even a negative one, goes on with its
/// neighbours, and is rolled back to its best prefix. A vertex moves at most once in a round. The cut never rises, and
/// no part is brought above its bound.
/// </summary>
internal sealed class KWayRefiner
{
    private const int RoundsMax = 12;
    private const int SeedsOfASearch = 4;

    /// <summary>A search ends when this many moves brought nothing.</summary>
    private const int StepsInVainMax = 120;

    /// <summary>Rounds end when one gains less than one part in so many of the cut.</summary>
    private const int WorthwhilePart = 1000;

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

    private long Round()
    {
        _round++;
        long total = 0;
        int[] boundary = Boundary();
        Shuffle.InPlace(boundary, _random);
        int next = 0;
        while (next < boundary.Length)
        {
            for (int seeds = 0; seeds < SeedsOfASearch && next < boundary.Length; next++)
            {
                seeds += Offer(boundary[next]) ? 1 : 0;
            }

            total += Search();
        }

        return total;
    }

    private int[] Boundary()
    {
        var boundary = new List<int>();
        for (int vertex = 0; vertex < _state.Graph.VertexCount; vertex++)
        {
            if (_state.IsAtBoundary(vertex) || (_budget is not null && _state.Assignment[vertex] != _budget.Homes[vertex]))
            {
                boundary.Add(vertex);
            }
        }

        return [.. boundary];
    }

    /// <summary>Puts a vertex that has not moved in this round into the heap, with the gain that it has now.</summary>
    private bool Offer(int vertex)
    {
        if (_movedIn[vertex] == _round || _state.BestTarget(vertex, out long gain) < 0)
        {
            return false;
        }

        _heap.Set(vertex, gain);
        return true;
    }

    /// <summary>One local search; returns what its best prefix gained.</summary>
    private long Search()
    {
        long gained = 0;
        long best = 0;
        int bestMoves = 0;
        _moves.Clear();
        while (_heap.Count > 0 && _moves.Count - bestMoves < StepsInVainMax)
        {
            long promised = _heap.TopGain;
            int vertex = _heap.Pop();
            int target = _state.BestTarget(vertex, out long gain);
            if (target < 0)
            {
                continue;
            }

            if (gain < promised)
            {
                // Room or budget went since: it waits for its turn with what it can gain now.
                _heap.Set(vertex, gain);
                continue;
            }

            _moves.Add((vertex, _state.Assignment[vertex]));
            _movedIn[vertex] = _round;
            _state.Move(vertex, target);
            OfferNeighbours(vertex);
            gained += gain;
            if (gained > best)
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
