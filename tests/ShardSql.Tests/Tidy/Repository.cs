using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.CompilerServices;

namespace ShardSql.Tests.Tidy;

/// <summary>The source tree that this test was built from: what a person wrote, by paths from its root.</summary>
internal static class Repository
{
    private static readonly string[] s_notWritten = ["bin", "obj", "TestResults"];

    /// <summary>Its root folder.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Files with an ending, with '/' between folders, in ordinal order.</summary>
    public static IReadOnlyList<string> Files(string ending) =>
        [.. Walk(Root).Where(path => path.EndsWith(ending, StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    /// <summary>What is in a file.</summary>
    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    /// <summary>Whether a tool made it.</summary>
    public static bool IsGenerated(string path) => path.Contains("/Generated/", StringComparison.Ordinal);

    private static IEnumerable<string> Walk(string folder)
    {
        foreach (string file in Directory.EnumerateFiles(folder))
        {
            yield return Path.GetRelativePath(Root, file).Replace('\\', '/');
        }

        foreach (string inner in Directory.EnumerateDirectories(folder))
        {
            string name = Path.GetFileName(inner);
            if (!name.StartsWith('.') && !s_notWritten.Contains(name))
            {
                foreach (string file in Walk(inner))
                {
                    yield return file;
                }
            }
        }
    }

    private static string FindRoot([CallerFilePath] string here = "")
    {
        string? folder = Path.GetDirectoryName(here);
        while (folder is not null && !File.Exists(Path.Combine(folder, "ShardSql.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? throw new InvalidOperationException($"no ShardSql.sln above {here}");
    }
}
