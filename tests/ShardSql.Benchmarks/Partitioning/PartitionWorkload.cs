using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using System.Text;
using System.Threading.Tasks;
using ShardSql.Benchmarks.Comparing;
using ShardSql.Benchmarks.Reports;
using ShardSql.Benchmarks.Workloads;
using ShardSql.Planning.Partitioning;

namespace ShardSql.Benchmarks.Partitioning;

/// <summary>
/// Row 9: our partitioner against METIS' on the same graphs, at the same imbalance, in turn, with a new seed each
/// round; beside it what a plan after a drift moves, and what the telemetry costs.
/// </summary>
internal sealed class PartitionWorkload : IWorkload
{
    private const int BalancePerMille = 1030;
    private const double CutGoal = 1.00;
    private const double TimeGoal = 3.00;

    private static readonly int[] s_parts = [3, 9];

    public string Name => "partition";

    public string Rows => "9";

    public string? Missing => MetisProgram.IsInstalled ? null : "gpmetis is not installed (Debian: metis).";

    public Task RunAsync(CompareRun run)
    {
        var metis = new MetisProgram(run.FolderOf(Name));
        var text = new StringBuilder();
        text.Append(
            "## Partitioning\n\n"
            + "Cut and time are means over the rounds, each with a seed of its own; imbalance is the worst.\n"
            + "Time is the partitioning alone, on one thread; gpmetis' is the one that it prints.\n\n"
            + "| graph | vertices, edges | parts | cut, share of all: ours / gpmetis | ratio "
            + "| worst imbalance: ours / gpmetis | ms: ours / gpmetis | ratio |\n|---|---|---|---|---|---|---|---|\n");
        IReadOnlyList<(string Name, PartitionGraph Graph)> graphs = TestGraphs.All();
        WarmUp(graphs);
        var contests = new List<PartitionContest>();
        foreach ((string name, PartitionGraph graph) in graphs)
        {
            metis.Write(graph);
            foreach (int parts in s_parts)
            {
                PartitionContest contest = Hold(run, metis, graph, parts);
                contests.Add(contest);
                string line = Line(name, graph, contest);
                run.Say(line);
                text.Append(line).Append('\n');
            }
        }

        run.Add(Row("cut, share of the edges' weight", "", contests, contest => contest.CutShares, CutGoal));
        run.Add(Row("partitioning time", "ms", contests, contest => contest.Times, TimeGoal));
        text.Append('\n').Append(CrossShardReport.Make(metis, s_parts, BalancePerMille));
        text.Append('\n').Append(DriftReport.Make(metis, s_parts, BalancePerMille));
        text.Append('\n').Append(TelemetryCost.Measure());
        run.AddSection(text.ToString());
        return Task.CompletedTask;
    }

    private static PartitionContest Hold(CompareRun run, MetisProgram metis, PartitionGraph graph, int parts)
    {
        var contest = new PartitionContest(graph, parts, BalancePerMille);
        for (int round = 1; round <= run.RoundCount; round++)
        {
            (int[] theirs, double theirMs) = metis.Run(parts, BalancePerMille, round);
            long began = Stopwatch.GetTimestamp();
            PartitionResult ours = Partitioner.Partition(
                graph, new PartitionOptions { Parts = parts, BalancePerMille = BalancePerMille, Seed = (ulong)round });
            contest.Add(ours, Stopwatch.GetElapsedTime(began).TotalMilliseconds, theirs, theirMs);
        }

        return contest;
    }

    /// <summary>
    /// The compiler at run time is done with all paths before the first is timed; METIS' did that long ago.
    /// </summary>
    private static void WarmUp(IReadOnlyList<(string Name, PartitionGraph Graph)> graphs)
    {
        foreach ((_, PartitionGraph graph) in graphs)
        {
            Partitioner.Partition(graph, new PartitionOptions { Parts = s_parts[^1] });
        }
    }

    private static ResultRow Row(
        string what,
        string unit,
        List<PartitionContest> contests,
        Func<PartitionContest, (double Ours, double Theirs)> figure,
        double goal)
    {
        double[] ratios = [.. contests.Select(figure).Select(pair => pair.Ours / pair.Theirs).Order()];
        double ratio = GeometricMean(ratios);
        return new ResultRow
        {
            Row = 9,
            Measure = $"{what}, geometric mean of {contests.Count} partitions",
            Unit = unit,
            Clients = 1,
            Ours = GeometricMean(contests.Select(contest => figure(contest).Ours)),
            Peer = GeometricMean(contests.Select(contest => figure(contest).Theirs)),
            PeerName = "gpmetis",
            Ratio = ratio,
            RatioMin = ratios[0],
            RatioMax = ratios[^1],
            Goal = Goal.AtMost(goal).ToString(),
            Met = Goal.AtMost(goal).IsMetBy(ratio),
            OursP50Ms = 0,
            PeerP50Ms = 0,
            OursP99Ms = 0,
            PeerP99Ms = 0,
            OursCpuMicroseconds = 0,
            PeerCpuMicroseconds = 0,
            OursServerCpuMicroseconds = 0,
            PeerServerCpuMicroseconds = 0,
            OursRolledBack = 0,
            PeerRolledBack = 0,
        };
    }

    private static double GeometricMean(IEnumerable<double> values)
    {
        double[] logarithms = [.. values.Select(value => Math.Log(value))];
        return Math.Exp(logarithms.Average());
    }

    private static string Line(string name, PartitionGraph graph, PartitionContest contest) => string.Create(
        CultureInfo.InvariantCulture,
        $"| {name} | {graph.VertexCount}, {graph.EdgeCount} | {contest.Parts} "
        + $"| {contest.CutShares.Ours:0.0000} / {contest.CutShares.Theirs:0.0000} "
        + $"| {contest.CutShares.Ours / contest.CutShares.Theirs:0.000} "
        + $"| {contest.Imbalances.Ours:0.000} / {contest.Imbalances.Theirs:0.000} "
        + $"| {contest.Times.Ours:0} / {contest.Times.Theirs:0} | {contest.Times.Ours / contest.Times.Theirs:0.00} |");
}
