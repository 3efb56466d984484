using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;

namespace ShardSql.Simulation.Mutation;

/// <summary>
/// A rule of the product that is broken on purpose, to prove that a checker notices: a text file with headers
/// (<c>name: value</c>), then the text to find in a source file, after a line <c>--- find</c>, and what stands there
/// instead, between the lines <c>--- replace</c> and <c>--- end</c>.
/// </summary>
public sealed record Mutant
{
    private const string FindLine = "\n--- find\n";
    private const string ReplaceLine = "\n--- replace\n";
    private const string EndLine = "\n--- end";

    /// <summary>The file's name without its extension.</summary>
    public required string Name { get; init; }

    /// <summary>What is broken.</summary>
    public required string Rule { get; init; }

    /// <summary>Which list of bug classes it comes from.</summary>
    public required string Origin { get; init; }

    /// <summary>The source file, from the root of the repository.</summary>
    public required string File { get; init; }

    /// <summary>The text that stands there exactly once.</summary>
    public required string Find { get; init; }

    /// <summary>What stands there in the mutant.</summary>
    public required string Replace { get; init; }

    /// <summary>Who should notice: see <see cref="MutantEntry"/>.</summary>
    public required string Engine { get; init; }

    /// <summary>The first seed.</summary>
    public ulong First { get; init; } = 1;

    /// <summary>Seeds at most.</summary>
    public ulong Seeds { get; init; } = 1;

    /// <summary>Virtual time of load in each seed of a cluster, ms.</summary>
    public long LoadMs { get; init; } = 20_000;

    /// <summary>The run of the engine that is known to notice it and comes before the others, which follow where it does not;
    /// null: none. See <see cref="MutantEntry.RunsOf"/>.</summary>
    public string? Notice { get; init; }

    /// <summary>Whether the default test run holds it, because it is caught at once.</summary>
    public bool IsQuick { get; init; }

    /// <summary>Why nothing notices it today; null for one that must be caught.</summary>
    public string? Missed { get; init; }

    /// <summary>The folder of the product project that holds the source file.</summary>
    public string Project => string.Join('/', File.Split('/').Take(2));

    /// <summary>All mutants of a folder, by name.</summary>
    public static IReadOnlyList<Mutant> ReadAll(string folder) =>
        [.. Directory.GetFiles(folder, "*.txt").Order(StringComparer.Ordinal).Select(Read)];

    /// <summary>Reads a mutant's file.</summary>
    /// <exception cref="InvalidDataException">The file is not one.</exception>
    public static Mutant Read(string path) =>
        Parse(Path.GetFileNameWithoutExtension(path), System.IO.File.ReadAllText(path));

    /// <summary>Reads the text of a mutant's file.</summary>
    /// <exception cref="InvalidDataException">The text is not one of a mutant.</exception>
    public static Mutant Parse(string name, string text)
    {
        int find = text.IndexOf(FindLine, StringComparison.Ordinal);
        int replace = text.IndexOf(ReplaceLine, StringComparison.Ordinal);
        int end = text.LastIndexOf(EndLine, StringComparison.Ordinal);
        if (find < 0 || replace < find || end < replace)
        {
            throw new InvalidDataException($"The mutant {name} has no text to find and replace.");
        }

        SortedDictionary<string, string> headers = Headers(name, text[..find]);
        string Header(string key) => headers.TryGetValue(key, out string? value)
            ? value : throw new InvalidDataException($"The mutant {name} does not say its {key}.");
        long Number(string key, long otherwise) => headers.TryGetValue(key, out string? value)
            ? long.Parse(value, CultureInfo.InvariantCulture) : otherwise;

        int replaceEnd = replace + ReplaceLine.Length;
        return new Mutant
        {
            Name = name,
            Rule = Header("rule"),
            Origin = Header("origin"),
            File = Header("file"),
            Engine = Header("engine"),
            First = (ulong)Number("first", 1),
            Seeds = (ulong)Number("seeds", 1),
            LoadMs = Number("load", 20_000),
            Notice = headers.GetValueOrDefault("notice"),
            IsQuick = headers.ContainsKey("quick"),
            Missed = headers.GetValueOrDefault("missed"),
            Find = text[(find + FindLine.Length)..replace],
            Replace = end < replaceEnd ? "" : text[replaceEnd..end],
        };
    }

    private static SortedDictionary<string, string> Headers(string name, string text)
    {
        var headers = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon < 0 || !headers.TryAdd(line[..colon], line[(colon + 1)..].Trim()))
            {
                throw new InvalidDataException($"The mutant {name} has a line that says nothing: {line}");
            }
        }

        return headers;
    }
}
