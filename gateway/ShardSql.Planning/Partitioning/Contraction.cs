using System;

namespace ShardSql.Planning.Partitioning;

/// <summary>The graph of clusters: weights add up, edges inside a cluster vanish.</summary>
internal static class Contraction
{
    public static PartitionGraph Contract(PartitionGraph fine, int[] cluster, int count)
    {
        (int[] starts, int[] members) = Members(cluster, count);
        int[] vertexWeights = new int[count];
        int[] offsets = new int[count + 1];
        int[] targets = GC.AllocateUninitializedArray<int>(fine.Offsets[^1]);
        int[] weights = GC.AllocateUninitializedArray<int>(fine.Offsets[^1]);
        int[] place = new int[count];
        Array.Fill(place, -1);
        int end = 0;
        for (int coarse = 0; coarse < count; coarse++)
        {
            int row = end;
            for (int m = starts[coarse]; m < starts[coarse + 1]; m++)
            {
                int vertex = members[m];
                vertexWeights[coarse] += fine.VertexWeights[vertex];
                for (int i = fine.Offsets[vertex]; i < fine.Offsets[vertex + 1]; i++)
                {
                    int target = cluster[fine.Targets[i]];
                    if (target == coarse)
                    {
                        continue;
                    }

                    if (place[target] < row)
                    {
                        place[target] = end;
                        (targets[end], weights[end++]) = (target, 0);
                    }

                    weights[place[target]] += fine.EdgeWeights[i];
                }
            }

            offsets[coarse + 1] = end;
        }

        Array.Resize(ref targets, end);
        Array.Resize(ref weights, end);
        return new PartitionGraph(vertexWeights, offsets, targets, weights);
    }

    /// <summary>What all members of a cluster have in common, by cluster.</summary>
    public static int[] Lift(int[] values, int[] cluster, int count)
    {
        int[] lifted = new int[count];
        for (int vertex = 0; vertex < cluster.Length; vertex++)
        {
            lifted[cluster[vertex]] = values[vertex];
        }

        return lifted;
    }

    private static (int[] Starts, int[] Members) Members(int[] cluster, int count)
    {
        int[] starts = new int[count + 1];
        foreach (int coarse in cluster)
        {
            starts[coarse + 1]++;
        }

        for (int i = 0; i < count; i++)
        {
            starts[i + 1] += starts[i];
        }

        int[] next = starts.AsSpan(0, count).ToArray();
        int[] members = new int[cluster.Length];
        for (int vertex = 0; vertex < cluster.Length; vertex++)
        {
            members[next[cluster[vertex]]++] = vertex;
        }

        return (starts, members);
    }
}
