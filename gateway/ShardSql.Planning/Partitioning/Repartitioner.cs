using System;
using System.Collections.Generic;
using ShardSql.Primitives;
using ShardSql.Sql;

namespace ShardSql.Planning.Partitioning;

/// <summary>
/// Changes a partition in place, whole clusters at a time, under a budget of moves and with a price for each. Three
/// ways are tried and the best is planned: from the present parts; with clusters gathered where most of each lives;
/// and from nothing, with new parts named after the old ones that they share most with. Where the last two move more
/// than is allowed, the moves that matter least are taken back.
/// </summary>
public static class Repartitioner
{
    /// <summary>Edges are made at most so many times heavier while a plan is sought.</summary>
    private const int MagnificationMax = 256;

    /// <summary>
    /// Moves are tried at the price asked for, and at so many times as much, and so on up to the dearest.
    /// </summary>
    private const int DearerFactor = 2;
    private const int DearestFactor = 8;

    /// <summary>Cycles from the present partition: the first moves clusters, the second corrects.</summary>
    private const int Cycles = 2;

    /// <summary>Most cycles from the best that was found.</summary>
    private const int SettlingMax = 16;

    /// <summary>The moves from a partition to a better one.</summary>
    public static MovePlan Plan(PartitionGraph graph, ReadOnlySpan<int> current, RepartitionOptions options)
    {
        Check(graph, current, options);
        int[] homes = current.ToArray();
        var bounds = new PartBounds(graph.TotalVertexWeight, options.Partition);
        PartitionResult before = Partitioner.Describe(graph, homes, bounds);
        if (options.Partition.Parts == 1 || graph.VertexCount == 0 || options.MovesMax == 0)
        {
            return new MovePlan([], before, before, 0, 0);
        }

        PartitionGraph magnified = Magnify(graph);
        int[] best = Best(magnified, homes, bounds, options);
        return Describe(graph, before, best, bounds, options);
    }

    private static int[] Best(PartitionGraph graph, int[] homes, PartBounds bounds, RepartitionOptions options)
    {
        var budget = MoveBudget.Of(homes, options.Partition.Parts, options.MovesMax, Price(graph, options));
        var random = new Prng(options.Partition.Seed);
        var found = new List<int[]>
        {
            Within(graph, Afresh(graph, homes, bounds, options.Partition), bounds, budget, random),
        };

        // At a higher price a search spends a budget that can run out on what is worth most.
        for (int factor = 1; factor <= DearestFactor; factor *= DearerFactor)
        {
            MoveBudget priced = budget.AtPrice((int)Math.Min((long)budget.Price * factor, PriceMax(graph)));
            found.Add(Cycle(graph, homes, bounds, priced, random));
            found.Add(Within(graph, Multilevel.Gather(graph, bounds, random, priced), bounds, priced, random));
        }

        int[] best = homes;
        foreach (int[] assignment in found)
        {
            if (Worth(graph, assignment, bounds, budget).CompareTo(Worth(graph, best, bounds, budget)) < 0)
            {
                best = assignment;
            }
        }

        return Settle(graph, best, bounds, budget, random);
    }

    /// <summary>Cycles from the best until one brings nothing: after a drift the first few bring home what was torn apart, and
    /// those that follow spend what is left of the budget on clusters that would be better off elsewhere.</summary>
    private static int[] Settle(
        PartitionGraph graph, int[] assignment, PartBounds bounds, MoveBudget budget, Prng random)
    {
        for (int cycle = 0; cycle < SettlingMax; cycle++)
        {
            int[] next = Multilevel.Cycle(graph, assignment, bounds, random, budget);
            if (Worth(graph, next, bounds, budget).CompareTo(Worth(graph, assignment, bounds, budget)) >= 0)
            {
                break;
            }

            assignment = next;
        }

        return assignment;
    }

    /// <summary>The same graph with heavier edges, in whose unit a small price of a move can be told.</summary>
    private static PartitionGraph Magnify(PartitionGraph graph)
    {
        long room = PartitionGraph.WeightTotalMax / 2;
        long factor = Math.Min(MagnificationMax, room / Math.Max(1, graph.TotalEdgeWeight));
        if (factor <= 1)
        {
            return graph;
        }

        int[] weights = graph.EdgeWeights.AsSpan().ToArray();
        for (int i = 0; i < weights.Length; i++)
        {
            weights[i] *= (int)factor;
        }

        return new PartitionGraph(graph.VertexWeights, graph.Offsets, graph.Targets, weights);
    }

    private static int Price(PartitionGraph graph, RepartitionOptions options)
    {
        long vertices = graph.VertexCount;
        long price = graph.TotalEdgeWeight * 2 / vertices * options.MovePricePerMille / 1000;

        return (int)Math.Min(options.MovePricePerMille == 0 ? 0 : Math.Max(1, price), PriceMax(graph));
    }

    /// <summary>Homes are like edges: all prices together must fit beside the edges' weights.</summary>
    private static long PriceMax(PartitionGraph graph) =>
        (PartitionGraph.WeightTotalMax - graph.TotalEdgeWeight) / graph.VertexCount;

    private static int[] Cycle(
        PartitionGraph graph, int[] assignment, PartBounds bounds, MoveBudget budget, Prng random)
    {
        for (int cycle = 0; cycle < Cycles; cycle++)
        {
            assignment = Multilevel.Cycle(graph, assignment, bounds, random, budget);
        }

        return assignment;
    }

    private static int[] Afresh(PartitionGraph graph, int[] homes, PartBounds bounds, PartitionOptions options)
    {
        int[] fresh = [.. Partitioner.Partition(graph, options).Assignment];
        int[] names = PartNames.After(homes, fresh, graph, bounds);
        for (int vertex = 0; vertex < fresh.Length; vertex++)
        {
            fresh[vertex] = names[fresh[vertex]];
        }

        return fresh;
    }

    /// <summary>
    /// With the price of moves in view some find the way home; then as many go home as the budget asks.
    /// </summary>
    private static int[] Within(
        PartitionGraph graph, int[] wished, PartBounds bounds, MoveBudget budget, Prng random)
    {
        int[] assignment = Multilevel.Cycle(graph, wished, bounds, random, budget.WithoutEnd());
        if (budget.Away(assignment) <= budget.Most)
        {
            return assignment;
        }

        ReturnHome.Run(new PartState(graph, assignment, bounds, budget), budget);
        return budget.Away(assignment) <= budget.Most
            ? Multilevel.Cycle(graph, assignment, bounds, random, budget)
            : assignment;
    }

    /// <summary>
    /// What counts, in this order: the budget of moves, the bounds of parts, the cut with the price of moves.
    /// </summary>
    private static (long Beyond, long Over, long Objective) Worth(
        PartitionGraph graph, int[] assignment, PartBounds bounds, MoveBudget budget)
    {
        long away = budget.Away(assignment);
        long over = bounds.Overweight(graph.PartWeights(assignment, bounds.Limits.Length));
        return (Math.Max(0, away - budget.Most), over, graph.Cut(assignment) + (away * budget.Price));
    }

    private static MovePlan Describe(
        PartitionGraph graph, PartitionResult before, int[] found, PartBounds bounds, RepartitionOptions options)
    {
        PartitionResult after = Partitioner.Describe(graph, found, bounds);
        long saved = before.Cut - after.Cut;
        int gain = before.Cut == 0 ? 0 : (int)Math.Max(saved * 1000 / before.Cut, -1000);
        bool repairsBalance = !before.IsBalanced && after.ImbalancePerMille < before.ImbalancePerMille;
        var moves = new List<PlannedMove>();
        long movedWeight = 0;
        if (repairsBalance || (saved > 0 && gain >= options.MinGainPerMille))
        {
            for (int vertex = 0; vertex < found.Length; vertex++)
            {
                if (found[vertex] != before.Assignment[vertex])
                {
                    moves.Add(new PlannedMove(vertex, before.Assignment[vertex], found[vertex]));
                    movedWeight += graph.VertexWeight(vertex);
                }
            }
        }

        Invariant.Check(moves.Count <= options.MovesMax, "A plan keeps its budget of moves.");
        return new MovePlan(moves, before, moves.Count == 0 ? before : after, movedWeight, gain);
    }

    private static void Check(PartitionGraph graph, ReadOnlySpan<int> current, RepartitionOptions options)
    {
        options.Partition.Check(graph.VertexCount);
        Invariant.Check(current.Length == graph.VertexCount, "Every vertex is somewhere now.");
        foreach (int part in current)
        {
            Invariant.Check((uint)part < (uint)options.Partition.Parts, "Every vertex is in one of the parts now.");
        }

        if (options.MovesMax < 0
            || options.MinGainPerMille is < 0 or > 1000
            || options.MovePricePerMille is < 0 or > 1000)
        {
            throw new SqlException(
                SqlStates.InvalidParameterValue,
                "moves are not negative, and the least gain and the price of a move are 0 to 1000 thousandths");
        }
    }
}
