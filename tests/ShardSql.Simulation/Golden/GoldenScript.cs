using System;
using System.Collections.Generic;
using System.IO;

namespace ShardSql.Simulation.Golden;

/// <summary>
/// A golden transcript: a text file of commands, each after <c>"&gt; "</c>, and the lines that running them gave. Running
/// it gives the same file again, or the file is rewritten when <c>UPDATE_GOLDEN=1</c> is set. Comments (<c>#</c>) and
/// blank lines are kept.
/// </summary>
public static class GoldenScript
{
    private const string CommandPrefix = "> ";
    private const string OutputPrefix = "  ";

    /// <summary>A folder of this repository.</summary>
    public static string FolderOf(string relativeToRoot)
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "ShardSql.sln")))
            {
                return Path.Combine(folder.FullName, relativeToRoot);
            }
        }

        throw new DirectoryNotFoundException("The test runs outside of its repository.");
    }

    /// <summary>Runs a script and compares.</summary>
    /// <param name="path">The file.</param>
    /// <param name="execute">Runs a command and gives its lines.</param>
    /// <returns>What differs, or null.</returns>
    public static string? Run(string path, Func<string, IEnumerable<string>> execute)
    {
        string before = File.ReadAllText(path);
        var lines = new List<string>();
        foreach (string line in before.TrimEnd('\n').Split('\n'))
        {
            if (line.StartsWith(CommandPrefix, StringComparison.Ordinal))
            {
                lines.Add(line);
                foreach (string output in execute(line[CommandPrefix.Length..].Trim()))
                {
                    lines.Add(OutputPrefix + output);
                }
            }
            else if (!line.StartsWith(OutputPrefix, StringComparison.Ordinal))
            {
                lines.Add(line);
            }
        }

        string after = string.Join('\n', lines) + "\n";
        if (after == before)
        {
            return null;
        }

        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            File.WriteAllText(path, after);
            return null;
        }

        return FirstDifference(path, before.Split('\n'), after.Split('\n'));
    }

    private static string FirstDifference(string path, string[] before, string[] after)
    {
        int i = 0;
        while (i < before.Length && i < after.Length && before[i] == after[i])
        {
            i++;
        }

        return $"{Path.GetFileName(path)} differs in line {i + 1} (UPDATE_GOLDEN=1 rewrites it):\n"
            + $"was: {(i < before.Length ? before[i] : "(end)")}\nnow: {(i < after.Length ? after[i] : "(end)")}";
    }
}
