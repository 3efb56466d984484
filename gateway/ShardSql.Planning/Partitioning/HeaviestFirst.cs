using System;

namespace ShardSql.Planning.Partitioning;

/// <summary>
/// The last resort where few heavy vertices leave the refinement no room: vertices by falling weight, each to the part
/// with most room, whatever is cut (Graham's longest processing time first).
/// </summary>
internal static class HeaviestFirst
{
    public static int[] Fill(PartitionGraph graph, PartBounds bounds)
    {
        int[] order = new int[graph.VertexCount];
        long[] keys = new long[order.Length];
        for (int vertex = 0; vertex < order.Length; vertex++)
        {
            order[vertex] = vertex;

            // The number tells equal weights apart: Array.Sort is not stable.
            keys[vertex] = ((long)-graph.VertexWeights[vertex] * PartitionGraph.VerticesMax) + vertex;
        }

        Array.Sort(keys, order);
        long[] rooms = bounds.Limits.AsSpan().ToArray();
        int[] assignment = new int[order.Length];
        foreach (int vertex in order)
        {
            int roomiest = 0;
            for (int part = 1; part < rooms.Length; part++)
            {
                roomiest = rooms[part] > rooms[roomiest] ? part : roomiest;
            }

            assignment[vertex] = roomiest;
            rooms[roomiest] -= graph.VertexWeights[vertex];
        }

        return assignment;
    }
}
