using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;

namespace ShardSql.Simulation.Mutation;

/// <summary>The <c>mutants</c> command: one line for each mutant.</summary>
public sealed class MutantRuns(TextWriter output)
{
    private const int TextMax = 160;

    /// <summary>Runs the mutants of the folder.</summary>
    /// <param name="name">Only those whose name holds this.</param>
    /// <returns>How many there are, and how many of them were caught.</returns>
    public (int Mutants, int Caught) Run(string? name)
    {
        var clock = Stopwatch.StartNew();
        var lab = new MutantLab();
        int caught = 0;
        int count = 0;
        foreach (Mutant mutant in Named(name))
        {
            count++;
            caught += IsCaught(lab, mutant) ? 1 : 0;
        }

        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{caught} of {count} caught in {clock.Elapsed.TotalSeconds:F1} s"));
        return (count, caught);
    }

    /// <summary>Runs the mutants of the folder, and ends with one line of JSON.</summary>
    /// <param name="name">Only those whose name holds this.</param>
    /// <returns>Whether there is one, and each was caught.</returns>
    public bool RunAlone(string? name)
    {
        (int mutants, int caught) = Run(name);
        output.WriteLine(JsonSerializer.Serialize(new SortedDictionary<string, int>(StringComparer.Ordinal)
        {
            ["mutants"] = mutants,
            ["mutants_caught"] = caught,
        }));
        return mutants > 0 && caught == mutants;
    }

    private bool IsCaught(MutantLab lab, Mutant mutant)
    {
        try
        {
            MutantResult result = lab.Run(mutant);
            Report(result.IsCaught ? "caught" : "MISSED", mutant, result.Elapsed, result.Found ?? mutant.Missed ?? mutant.Rule);
            return result.IsCaught;
        }
        catch (InvalidDataException broken)
        {
            Report("BROKEN", mutant, TimeSpan.Zero, broken.Message);
            return false;
        }
    }

    private void Report(string verdict, Mutant mutant, TimeSpan elapsed, string text)
    {
        text = text.ReplaceLineEndings(" ");
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{verdict,-7}{mutant.Name,-40}{mutant.Engine,-13}{elapsed.TotalSeconds,6:F1} s  {text[..int.Min(text.Length, TextMax)]}"));
    }

    private static IEnumerable<Mutant> Named(string? name) => Mutant.ReadAll(MutantLab.Folder)
        .Where(mutant => name is null || mutant.Name.Contains(name, StringComparison.Ordinal));
}
