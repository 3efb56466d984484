namespace ShardSql.Planning.Partitioning;

/// <summary>
/// Takes moves back until a budget holds: of the vertices away from home those return first whose return costs least.
/// </summary>
internal static class ReturnHome
{
    /// <summary>Works on a finest level, where each vertex has one home.</summary>
    public static void Run(PartState state, MoveBudget budget)
    {
        var heap = new GainHeap(state.Graph.VertexCount);
        for (int vertex = 0; vertex < state.Graph.VertexCount; vertex++)
        {
            Offer(state, budget, heap, vertex);
        }

        while (heap.Count > 0 && state.Away > budget.Most)
        {
            int vertex = heap.Pop();
            int home = budget.MainHome(vertex);
            if (state.Weights[home] + state.Graph.VertexWeights[vertex] > state.Bounds.Limits[home])
            {
                // It is offered again when a neighbour leaves; else it stays away.
                continue;
            }

            state.Move(vertex, home);
            foreach (int neighbour in state.Graph.Neighbours(vertex))
            {
                Offer(state, budget, heap, neighbour);
            }
        }
    }

    private static void Offer(PartState state, MoveBudget budget, GainHeap heap, int vertex)
    {
        int own = state.Assignment[vertex];
        int home = budget.MainHome(vertex);
        if (own != home)
        {
            heap.Set(vertex, state.Connection(vertex, home) - state.Connection(vertex, own));
        }
    }
}
