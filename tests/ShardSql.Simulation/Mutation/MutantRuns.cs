using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;

namespace ShardSql.Simulation.Mutation;

/// <summary>The <c>mutants</c> command: one line for each mutant, and at the end one JSON object.</summary>
public sealed class MutantRuns(TextWriter output)
{
    private const int TextMax = 160;

    /// <summary>Runs the mutants of the folder.</summary>
    /// <param name="name">Only those whose name holds this.</param>
    /// <returns>Whether each was caught.</returns>
    public bool Run(string? name)
    {
        var clock = Stopwatch.StartNew();
        var lab = new MutantLab();
        int caught = 0;
        int count = 0;
        foreach (Mutant mutant in Named(name))
        {
            MutantResult result = lab.Run(mutant);
            count++;
            caught += result.IsCaught ? 1 : 0;
            string found = (result.Found ?? mutant.Missed ?? mutant.Rule).ReplaceLineEndings(" ");
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{(result.IsCaught ? "caught" : "MISSED"),-7}{mutant.Name,-40}{mutant.Engine,-8}"
                + $"{result.Elapsed.TotalSeconds,6:F1} s  {found[..int.Min(found.Length, TextMax)]}"));
        }

        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{caught} of {count} caught in {clock.Elapsed.TotalSeconds:F1} s"));
        output.WriteLine(JsonSerializer.Serialize(new SortedDictionary<string, int>(StringComparer.Ordinal)
        {
            ["mutants"] = count,
            ["mutants_caught"] = caught,
        }));
        return count > 0 && caught == count;
    }

    private static IEnumerable<Mutant> Named(string? name) => Mutant.ReadAll(MutantLab.Folder)
        .Where(mutant => name is null || mutant.Name.Contains(name, StringComparison.Ordinal));
}
