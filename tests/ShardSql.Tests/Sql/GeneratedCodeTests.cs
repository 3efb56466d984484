using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using Xunit;

namespace ShardSql.Tests.SqlLanguage;

public sealed class GeneratedCodeTests
{
    private static readonly string[] s_tools = ["npm", "node", "bash"];

    [GeneratorFact]
    public void Generate_gives_what_is_committed()
    {
        string root = FindRoot();
        string output = Directory.CreateTempSubdirectory("shardsql-grammar").FullName;
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(
                "bash", [Path.Combine(root, "grammar", "generate.sh"), output])
            {
                RedirectStandardError = true,
            })!;
            string errors = process.StandardError.ReadToEnd();
            process.WaitForExit();
            Assert.True(process.ExitCode == 0, errors);
            foreach (string file in Directory.GetFiles(output))
            {
                string committed = Path.Combine(root, "grammar", "ShardSql.Sql", "Generated", Path.GetFileName(file));
                Assert.Equal(File.ReadAllText(committed), File.ReadAllText(file));
            }

            Assert.Equal(2, Directory.GetFiles(output).Length);
        }
        finally
        {
            Directory.Delete(output, recursive: true);
        }
    }

    private static string FindRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "ShardSql.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? throw new InvalidOperationException("the repository's root was not found");
    }

    private static bool IsOnPath(string tool) => (Environment.GetEnvironmentVariable("PATH") ?? string.Empty)
        .Split(Path.PathSeparator).Any(p => File.Exists(Path.Combine(p, tool)));

    /// <summary>Needs npm and its registry: runs where SHARDSQL_CHECK_GENERATED is set and the tools are
    /// there.</summary>
    private sealed class GeneratorFactAttribute : FactAttribute
    {
        public GeneratorFactAttribute()
        {
            if (Environment.GetEnvironmentVariable("SHARDSQL_CHECK_GENERATED") is null || !s_tools.All(IsOnPath))
            {
                Skip = "set SHARDSQL_CHECK_GENERATED=1 where bash, node and npm are to be had";
            }
        }
    }
}
