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
            assignment = Balanced(graph, Multilevel.Descend(graph, bounds, random), bounds);
            for (int cycle = 0; cycle < options.Cycles; cycle++)
            {
                assignment = Multilevel.Cycle(graph, assignment, bounds, random);
            }
        }

        return Describe(graph, assignment, bounds);
    }

    /// <summary>The partition, or where it breaks a bound and a plain filling does not, that one.</summary>
    private static int[] Balanced(PartitionGraph graph, int[] assignment, PartBounds bounds)
    {
        long over = bounds.Overweight(graph.PartWeights(assignment, bounds.Limits.Length));
        if (over == 0)
        {
            return assignment;
        }

        int[] filled = HeaviestFirst.Fill(graph, bounds);
        return bounds.Overweight(graph.PartWeights(filled, bounds.Limits.Length)) < over ? filled : assignment;
    }

    internal static PartitionResult Describe(PartitionGraph graph, int[] assignment, PartBounds bounds)
    {
        long[] weights = graph.PartWeights(assignment, bounds.Limits.Length);
        int imbalance = bounds.ImbalancePerMille(weights);
        bool isBalanced = bounds.Overweight(weights) == 0;
        return new PartitionResult(assignment, graph.Cut(assignment), weights, imbalance, isBalanced);
    }
}
