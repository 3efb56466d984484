using System;

namespace ShardSql.Planning.Partitioning;

/// <summary>
/// Brings parts that weigh more than they may under their bound: vertices leave for parts with room, those first that
/// cost least for their weight. Each moves at most once.
/// </summary>
internal static class Rebalancer
{
    /// <summary>Costs are compared in this many parts of a unit of edge weight for a unit of vertex weight.</summary>
    private const long Scale = 256;

    /// <summary>Whether every part keeps its bound now.</summary>
    public static bool Run(PartState state)
    {
        if (state.Over == 0)
        {
            return true;
        }

        var heap = new GainHeap(state.Graph.VertexCount);
        bool[] moved = new bool[state.Graph.VertexCount];
        for (int vertex = 0; vertex < moved.Length; vertex++)
        {
            Offer(state, heap, moved, vertex);
        }

        while (heap.Count > 0)
        {
            long promised = heap.TopGain;
            int vertex = heap.Pop();
            if (!state.IsOver(state.Assignment[vertex]))
            {
                continue;
            }

            int target = state.BestTarget(vertex, out long gain);
            if (target < 0)
            {
                continue;
            }

            long worth = Worth(gain, state.Graph.VertexWeights[vertex]);
            if (worth < promised)
            {
                heap.Set(vertex, worth);
                continue;
            }

            moved[vertex] = true;
            state.Move(vertex, target);
            foreach (int neighbour in state.Graph.Neighbours(vertex))
            {
                Offer(state, heap, moved, neighbour);
            }
        }

        return state.Over == 0;
    }

    private static void Offer(PartState state, GainHeap heap, bool[] moved, int vertex)
    {
        int weight = state.Graph.VertexWeights[vertex];
        if (weight > 0
            && !moved[vertex]
            && state.IsOver(state.Assignment[vertex])
            && state.BestTarget(vertex, out long gain) >= 0)
        {
            heap.Set(vertex, Worth(gain, weight));
        }
    }

    private static long Worth(long gain, int weight) => gain >= 0 ? gain * Scale : gain * Scale / Math.Max(1, weight);
}
