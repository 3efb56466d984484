using System;
using System.Collections.Generic;
using ShardSql.Primitives;

namespace ShardSql.Planning.Partitioning;

/// <summary>
/// Multilevel graph partitioning (Karypis and Kumar; Sanders and Schulz): the graph is contracted to a small one, that
/// is partitioned, and the partition is refined level by level on the way back; then V-cycles contract inside the parts
/// and refine again. Integers only and one seeded source of randomness: the same graph, options and seed give the same
/// partition on every machine.
/// </summary>
public static class Partitioner
{
    /// <summary>Divides a graph into parts so that little edge weight is cut and every part keeps its bound.</summary>
    public static PartitionResult Partition(PartitionGraph graph, PartitionOptions options)
    {
        options.Check(graph.VertexCount);
        var bounds = new PartBounds(graph.TotalVertexWeight, options);
        int[] assignment = new int[graph.VertexCount];
        if (options.Parts > 1 && graph.VertexCount > 0)
        {
            var random = new Prng(options.Seed);
            assignment = Multilevel.Descend(graph, bounds, random);
            for (int cycle = 0; cycle < options.Cycles; cycle++)
            {
                assignment = Multilevel.Cycle(graph, assignment, bounds, random);
            }
        }

        return Describe(graph, assignment, bounds);
    }

    internal static PartitionResult Describe(PartitionGraph graph, int[] assignment, PartBounds bounds)
    {
        long[] weights = graph.PartWeights(assignment, bounds.Limits.Length);
        bool isBalanced = true;
        long imbalance = 0;
        for (int part = 0; part < weights.Length; part++)
        {
            isBalanced &= weights[part] <= bounds.Limits[part];
            long target = Math.Max(1, bounds.Targets[part]);
            imbalance = Math.Max(imbalance, ((weights[part] * 1000) + target - 1) / target);
        }

        int imbalancePerMille = (int)Math.Min(int.MaxValue, imbalance);
        return new PartitionResult(assignment, graph.Cut(assignment), weights, imbalancePerMille, isBalanced);
    }
}
