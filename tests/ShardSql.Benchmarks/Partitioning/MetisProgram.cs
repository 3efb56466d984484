using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.RegularExpressions;
using ShardSql.Planning.Partitioning;

namespace ShardSql.Benchmarks.Partitioning;

/// <summary>METIS' program <c>gpmetis</c> (Debian: metis): its file format, its options, what it prints.</summary>
internal sealed partial class MetisProgram(string folder)
{
    private const string Program = "gpmetis";
    private const string FileName = "metis.graph";

    /// <summary>Whether the program is in the path.</summary>
    public static bool IsInstalled =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator)
            .Any(folder => File.Exists(Path.Combine(folder, Program)));

    /// <summary>
    /// Writes a graph as METIS reads it: a header, then a line for each vertex with its weight and edges.
    /// </summary>
    public void Write(PartitionGraph graph)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{graph.VertexCount} {graph.EdgeCount} 011\n");
        for (int vertex = 0; vertex < graph.VertexCount; vertex++)
        {
            text.Append(graph.VertexWeight(vertex));
            ReadOnlySpan<int> neighbours = graph.Neighbours(vertex);
            ReadOnlySpan<int> weights = graph.WeightsOfEdges(vertex);
            for (int i = 0; i < neighbours.Length; i++)
            {
                text.Append(' ').Append(neighbours[i] + 1).Append(' ').Append(weights[i]);
            }

            text.Append('\n');
        }

        File.WriteAllText(Path.Combine(folder, FileName), text.ToString());
    }

    /// <summary>
    /// Partitions the graph that was written; the time is METIS' own, without reading and writing files.
    /// </summary>
    public (int[] Assignment, double Milliseconds) Run(int parts, int balancePerMille, int seed)
    {
        string file = Path.Combine(folder, FileName);
        string count = parts.ToString(CultureInfo.InvariantCulture);
        string factor = (balancePerMille - 1000).ToString(CultureInfo.InvariantCulture);
        string seedOption = "-seed=" + seed.ToString(CultureInfo.InvariantCulture);
        using var process = new Process
        {
            StartInfo = new ProcessStartInfo(Program, ["-ufactor=" + factor, seedOption, file, count])
            {
                RedirectStandardOutput = true,
            },
        };
        process.Start();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Match time = PartitioningTime().Match(output);
        if (process.ExitCode != 0 || !time.Success)
        {
            throw new BenchmarkException($"{Program} ended with code {process.ExitCode}: {output}");
        }

        IEnumerable<string> lines = File.ReadLines(file + ".part." + count);
        int[] assignment = [.. lines.Select(line => int.Parse(line, CultureInfo.InvariantCulture))];
        return (assignment, double.Parse(time.Groups[1].Value, CultureInfo.InvariantCulture) * 1000);
    }

    [GeneratedRegex(@"Partitioning:\s+([0-9.]+) sec")]
    private static partial Regex PartitioningTime();
}
