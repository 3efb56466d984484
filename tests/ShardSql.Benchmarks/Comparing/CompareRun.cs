using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using ShardSql.Benchmarks.Load;
using ShardSql.Benchmarks.Reports;
using ShardSql.Benchmarks.Servers;

namespace ShardSql.Benchmarks.Comparing;

/// <summary>One run of <c>compare</c>: where servers keep files, how long is measured, and what came out.</summary>
internal sealed class CompareRun(
    CompareSettings settings, string folder, ClusterShape shape, TextWriter output, CancellationToken stop)
{
    private readonly List<ResultRow> _rows = [];
    private readonly List<string> _notes = [];
    private readonly List<string> _sections = [];

    /// <summary>How ours is run.</summary>
    public ClusterShape Shape => shape;

    /// <summary>The figures so far.</summary>
    public IReadOnlyList<ResultRow> Rows => _rows;

    /// <summary>What a reader of the figures must know.</summary>
    public IReadOnlyList<string> Notes => _notes;

    /// <summary>What workloads add below the table.</summary>
    public IReadOnlyList<string> Sections => _sections;

    /// <summary>Rounds of a measure.</summary>
    public int RoundCount => settings.Rounds;

    /// <summary>Length of a window.</summary>
    public TimeSpan Window => settings.Window;

    /// <summary>Warehouses of tpcc.</summary>
    public int Warehouses => settings.Warehouses;

    /// <summary>A new folder for the servers of one workload.</summary>
    public string FolderOf(string workload)
    {
        string path = Path.Combine(folder, workload);
        Directory.CreateDirectory(path);
        return path;
    }

    /// <summary>Says what is done now.</summary>
    public void Say(string line) => output.WriteLine(line);

    /// <summary>Says something that the report says, too.</summary>
    public void Note(string line)
    {
        Say(line);
        _notes.Add(line);
    }

    /// <summary>Adds Markdown to the end of the report.</summary>
    public void AddSection(string text) => _sections.Add(text);

    /// <summary>Notes a figure.</summary>
    public void Add(ResultRow row)
    {
        string number = row.Row is null ? "" : $"row {row.Row}: ";
        string goal = row.Goal is null ? "" : $", goal {row.Goal}: {(row.Met == true ? "met" : "not met")}";
        Say(string.Create(
            CultureInfo.InvariantCulture,
            $"  {number}{row.Measure}, {row.Clients} clients: ours {row.Ours:0.###} {row.Unit}, "
            + $"{row.PeerName} {row.Peer:0.###} {row.Unit}, ratio {row.Ratio:0.00} "
            + $"({row.RatioMin:0.00}-{row.RatioMax:0.00}){goal}"));
        _rows.Add(row);
    }

    /// <summary>Lets the contenders run in turn, in reverse order every other round, and checks each after its window.
    /// </summary>
    public async Task<Rounds> RunAsync(IReadOnlyList<IContender> contenders, int clients, bool isFirst)
    {
        var loops = new List<(IContender Contender, ClosedLoop Loop)>();
        try
        {
            foreach (IContender contender in contenders)
            {
                loops.Add((contender, await ClosedLoop.OpenAsync(contender, clients)));
            }

            var rounds = new Rounds(clients);
            foreach ((_, ClosedLoop loop) in loops)
            {
                stop.ThrowIfCancellationRequested();
                await loop.RunAsync(isFirst ? CompareSettings.FirstWarmUp : CompareSettings.WarmUp);
            }

            for (int round = 0; round < settings.Rounds; round++)
            {
                await RunRoundAsync(loops, rounds);
                loops.Reverse();
            }

            return rounds;
        }
        finally
        {
            foreach ((_, ClosedLoop loop) in loops)
            {
                await loop.DisposeAsync();
            }
        }
    }

    private async Task RunRoundAsync(List<(IContender Contender, ClosedLoop Loop)> loops, Rounds rounds)
    {
        foreach ((IContender contender, ClosedLoop loop) in loops)
        {
            stop.ThrowIfCancellationRequested();
            Task beside = contender.BesideAsync();
            Window window = await loop.RunAsync(settings.Window);
            await beside;
            await contender.CheckAsync();
            Say(string.Create(
                CultureInfo.InvariantCulture,
                $"    {contender.Name}: {window.PerSecond:0} tx/s, p50 {window.P50Ms:0.000} ms, "
                + $"p99 {window.P99Ms:0.00} ms, CPU {window.ServerCpuMicroseconds:0} + "
                + $"{window.ClientCpuMicroseconds:0} us/tx, rolled back {window.RolledBack}"));
            rounds.Add(contender, window);
        }
    }
}
