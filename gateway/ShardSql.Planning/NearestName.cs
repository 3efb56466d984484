using System;
using System.Collections.Generic;

namespace ShardSql.Planning;

/// <summary>Finds what a mistyped name was likely meant to be.</summary>
public static class NearestName
{
    private const int EditsMax = 3;

    /// <summary>"Did you mean …?", or null where nothing is near.</summary>
    public static string? Hint(string name, IEnumerable<string> candidates) =>
        Find(name, candidates) is { } nearest ? $"Did you mean \"{nearest}\"?" : null;

    /// <summary>The nearest candidate within a third of the name's length, at most three edits; else null.</summary>
    public static string? Find(string name, IEnumerable<string> candidates)
    {
        string? nearest = null;
        int best = Math.Min(EditsMax, Math.Max(1, (name.Length + 1) / 3)) + 1;
        foreach (string candidate in candidates)
        {
            int edits = Math.Abs(candidate.Length - name.Length) < best ? Distance(name, candidate) : best;
            if (edits < best)
            {
                best = edits;
                nearest = candidate;
            }
        }

        return nearest;
    }

    /// <summary>Edits (insert, delete, change of a character; case for free) that turn one into the other.</summary>
    private static int Distance(string left, string right)
    {
        int[] row = new int[right.Length + 1];
        for (int j = 0; j <= right.Length; j++)
        {
            row[j] = j;
        }

        for (int i = 1; i <= left.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= right.Length; j++)
            {
                bool same = char.ToUpperInvariant(left[i - 1]) == char.ToUpperInvariant(right[j - 1]);
                int change = diagonal + (same ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(change, 1 + Math.Min(row[j], row[j - 1]));
            }
        }

        return row[right.Length];
    }
}
