using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;

using ShardSql.Simulation.Mutation;

namespace ShardSql.Simulation.Cluster;

/// <summary>Runs seed after seed and sums up what came of them, as text and at the end as one JSON object.</summary>
public sealed class ClusterRuns(TextWriter output)
{
    private readonly Tally _faults = new();
    private readonly Tally _reached = new();
    private readonly Tally _outcomes = new();
    private long _seeds;
    private long _failedSeeds;
    private long _anomalies;
    private long _virtualMs;
    private long _events;
    private long _transactions;

    /// <summary>Runs seeds one after the other, all of them or as many as there is time for.</summary>
    /// <returns>Whether no seed showed an anomaly, and of a deep run that each rare state was reached.</returns>
    public bool Run(ClusterSuite suite)
    {
        var clock = Stopwatch.StartNew();
        TimeSpan processor = Environment.CpuUsage.TotalTime;
        for (ulong seed = suite.First; seed < suite.First + suite.Count && clock.Elapsed < suite.Limit; seed++)
        {
            ClusterOptions options = suite.StressesStore
                ? StoreUnderStress.From(seed) : new ClusterOptions { Seed = seed, LoadMs = suite.LoadMs, Kinds = suite.Kinds };
            ClusterReport report = SimulatedCluster.Run(options with { Trace = suite.IsTraced ? output : null });
            Add(report);
            if (report.Anomalies.Count > 0 && !suite.IsTraced)
            {
                WriteShrunk(options, report);
            }
        }

        Write("faults", _faults);
        Write("reached", _reached);
        Write("outcomes", _outcomes);
        List<string> missing = WriteMissing(suite.IsDeep);
        WriteSums(clock.Elapsed, Environment.CpuUsage.TotalTime - processor);
        (int Mutants, int Caught)? mutants = suite.WithMutants ? new MutantRuns(output).Run(null) : null;
        WriteJson(mutants, missing);
        return _failedSeeds == 0 && (!suite.IsDeep || missing.Count == 0)
            && (mutants is not { } ran || ran.Mutants == ran.Caught);
    }

    private void Add(ClusterReport report)
    {
        _seeds++;
        _virtualMs += report.VirtualMs;
        _events += report.Events;
        _transactions += report.Transactions;
        _anomalies += report.Anomalies.Count;
        _failedSeeds += report.Anomalies.Count > 0 ? 1 : 0;
        _faults.AddAll(report.Faults);
        _reached.AddAll(report.Reached);
        _outcomes.AddAll(report.Outcomes);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"seed {report.Seed} trace {report.TraceHash:x16} {report.VirtualMs / 1_000.0:F1} s "
            + $"{report.Transactions} transactions {report.Plan.Count} faults {report.Anomalies.Count} anomalies"));
        foreach (string anomaly in report.Anomalies)
        {
            output.WriteLine($"  ANOMALY in seed {report.Seed}: {anomaly}");
        }
    }

    private void WriteShrunk(ClusterOptions options, ClusterReport report)
    {
        IReadOnlyList<int> needed = ClusterShrinker.Shrink(options, report);
        output.WriteLine($"  of {report.Plan.Count} faults these are needed:");
        foreach (int number in needed)
        {
            output.WriteLine("    " + report.Plan[number - 1]);
        }
    }

    // A state that nobody reaches is one that nothing was proved about.
    private List<string> WriteMissing(bool isDeep)
    {
        List<string> missing = [.. ReachGoals.All.Where(goal => !_reached.Counts.ContainsKey(goal))];
        foreach (string goal in missing)
        {
            output.WriteLine($"{(isDeep ? "NEVER REACHED" : "not reached in these seeds")}: {goal}");
        }

        return missing;
    }

    private void WriteSums(TimeSpan elapsed, TimeSpan processor)
    {
        double virtualSeconds = _virtualMs / 1_000.0;
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{_seeds} seeds, {virtualSeconds:N0} virtual s in {elapsed.TotalSeconds:F1} s "
            + $"and {processor.TotalSeconds:F1} s of processor time "
            + $"({virtualSeconds / processor.TotalSeconds:F0} virtual s for each), {_events:N0} events, "
            + $"{_transactions:N0} transactions, {_failedSeeds} seeds with anomalies"));
    }

    private void WriteJson((int Mutants, int Caught)? mutants, List<string> missing) =>
        output.WriteLine(JsonSerializer.Serialize(new SortedDictionary<string, object?>(StringComparer.Ordinal)
        {
            ["seeds"] = _seeds,
            ["virtual_hours"] = Math.Round(_virtualMs / 3_600_000.0, 3),
            ["transactions"] = _transactions,
            ["faults"] = _faults.Counts.Values.Sum(),
            ["anomalies"] = _anomalies,
            ["seeds_with_anomalies"] = _failedSeeds,
            ["reached"] = ReachGoals.All.Count - missing.Count,
            ["reach_goals"] = ReachGoals.All.Count,

            // How many there are is known by their files; how many are caught only by running them.
            ["mutants"] = mutants?.Mutants ?? Mutant.ReadAll(MutantLab.Folder).Count,
            ["mutants_caught"] = mutants?.Caught,
        }));

    private void Write(string title, Tally tally)
    {
        output.WriteLine(title);
        foreach ((string name, long count) in tally.Counts)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {name,-44}{count,12:N0}"));
        }
    }
}
