using System;
using System.Collections.Generic;

namespace ShardSql.Planning.Partitioning;

/// <summary>Names for the parts of a new partition, so that as many vertices as may be stay where they are.</summary>
internal static class PartNames
{
    /// <summary>
    /// For each new part the old one that it becomes: pairs by falling overlap, where the new part's weight keeps the
    /// old one's bound. Where shares differ so much that some part finds no name, all keep their own.
    /// </summary>
    public static int[] After(int[] homes, int[] fresh, PartitionGraph graph, PartBounds bounds)
    {
        int parts = bounds.Limits.Length;
        long[] weights = graph.PartWeights(fresh, parts);
        int[] names = new int[parts];
        Array.Fill(names, -1);
        bool[] taken = new bool[parts];
        int named = 0;
        foreach ((int part, int home) in ByOverlap(homes, fresh, parts))
        {
            bool fits = weights[part] <= bounds.Limits[home] || bounds.Limits[part] <= bounds.Limits[home];
            if (names[part] < 0 && !taken[home] && fits)
            {
                (names[part], taken[home]) = (home, true);
                named++;
            }
        }

        for (int part = 0; named < parts && part < parts; part++)
        {
            names[part] = part;
        }

        return names;
    }

    private static List<(int Part, int Home)> ByOverlap(int[] homes, int[] fresh, int parts)
    {
        long[] overlaps = new long[parts * parts];
        for (int vertex = 0; vertex < homes.Length; vertex++)
        {
            overlaps[(fresh[vertex] * parts) + homes[vertex]]++;
        }

        var pairs = new List<(int Part, int Home)>(overlaps.Length);
        for (int i = 0; i < overlaps.Length; i++)
        {
            pairs.Add((i / parts, i % parts));
        }

        // Equal overlaps by number: List.Sort is not stable.
        pairs.Sort((a, b) =>
        {
            int one = (a.Part * parts) + a.Home;
            int other = (b.Part * parts) + b.Home;
            int byOverlap = overlaps[other].CompareTo(overlaps[one]);
            return byOverlap != 0 ? byOverlap : one.CompareTo(other);
        });
        return pairs;
    }
}
