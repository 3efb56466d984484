using System;
using System.Collections.Generic;
using System.Linq;

namespace ShardSql.Shell.Printing;

/// <summary>The lines of EXPLAIN as a tree: the verdict's parts below one another, then branches in place of blanks.</summary>
internal static class ExplainTree
{
    private const int BlanksPerLevel = 2;
    private const string VerdictHead = "distribution: ";

    /// <summary>The lines to write.</summary>
    public static IEnumerable<string> Draw(IReadOnlyList<string> lines)
    {
        int first = 0;
        if (lines.Count > 0 && lines[0].StartsWith(VerdictHead, StringComparison.Ordinal))
        {
            first = 1;
            foreach (string part in lines[0].Split("   ", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            {
                yield return part;
            }
        }

        int[] depths = [.. lines.Select(DepthOf)];
        for (int i = first; i < lines.Count; i++)
        {
            yield return Branches(depths, i) + lines[i].TrimStart(' ');
        }
    }

    private static int DepthOf(string line) => (line.Length - line.TrimStart(' ').Length) / BlanksPerLevel;

    private static string Branches(int[] depths, int line)
    {
        int depth = depths[line];
        if (depth == 0)
        {
            return string.Empty;
        }

        string[] levels = [.. Enumerable.Range(1, depth - 1).Select(level => GoesOn(depths, line, level) ? "│  " : "   ")];
        return string.Concat(levels) + (GoesOn(depths, line, depth) ? "├─ " : "└─ ");
    }

    /// <summary>Whether a sibling at a level comes below, before anything of a lower level.</summary>
    private static bool GoesOn(int[] depths, int line, int level)
    {
        for (int i = line + 1; i < depths.Length && depths[i] >= level; i++)
        {
            if (depths[i] == level)
            {
                return true;
            }
        }

        return false;
    }
}
