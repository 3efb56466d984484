using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Text.Json;

namespace ShardSql.Simulation.Cluster;

/// <summary>Runs seed after seed and sums up what came of them, as text and at the end as one JSON object.</summary>
public sealed class ClusterRuns(TextWriter output)
{
    private readonly Tally _faults = new();
    private readonly Tally _reached = new();
    private readonly Tally _outcomes = new();
    private readonly List<ClusterReport> _failed = [];
    private long _seeds;
    private long _virtualMs;
    private long _events;
    private long _transactions;

    /// <summary>Runs seeds one after the other, all of them or as many as there is time for.</summary>
    /// <param name="first">The first seed.</param>
    /// <param name="count">How many at most.</param>
    /// <param name="loadMs">Virtual time of load in each, ms.</param>
    /// <param name="limit">Real time after which no seed is begun.</param>
    /// <param name="trace">Whether every event is written.</param>
    /// <returns>Whether no seed showed an anomaly.</returns>
    public bool Run(ulong first, ulong count, long loadMs, TimeSpan limit, bool trace)
    {
        var clock = Stopwatch.StartNew();
        for (ulong seed = first; seed < first + count && clock.Elapsed < limit; seed++)
        {
            var options = new ClusterOptions { Seed = seed, LoadMs = loadMs };
            ClusterReport report = SimulatedCluster.Run(options with { Trace = trace ? output : null });
            Add(report);
            if (report.Anomalies.Count > 0 && !trace)
            {
                WriteShrunk(options, report);
            }
        }

        Write(clock.Elapsed);
        return _failed.Count == 0;
    }

    private void Add(ClusterReport report)
    {
        _seeds++;
        _virtualMs += report.VirtualMs;
        _events += report.Events;
        _transactions += report.Transactions;
        _faults.AddAll(report.Faults);
        _reached.AddAll(report.Reached);
        _outcomes.AddAll(report.Outcomes);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"seed {report.Seed} trace {report.TraceHash:x16} {report.VirtualMs / 1_000.0:F1} s "
            + $"{report.Transactions} transactions {report.Plan.Count} faults {report.Anomalies.Count} anomalies"));
        foreach (string anomaly in report.Anomalies)
        {
            output.WriteLine($"  ANOMALY {anomaly}");
        }

        if (report.Anomalies.Count > 0)
        {
            _failed.Add(report);
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

    private void Write(TimeSpan elapsed)
    {
        Write("faults", _faults);
        Write("reached", _reached);
        Write("outcomes", _outcomes);
        long faults = 0;
        foreach (long count in _faults.Counts.Values)
        {
            faults += count;
        }

        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{_seeds} seeds, {_virtualMs / 1_000.0:N0} virtual s in {elapsed.TotalSeconds:F1} s "
            + $"({_virtualMs / 1_000.0 / elapsed.TotalSeconds:F0} a second), {_events:N0} events, "
            + $"{_transactions:N0} transactions, {_failed.Count} seeds with anomalies"));
        output.WriteLine(JsonSerializer.Serialize(new SortedDictionary<string, object>(StringComparer.Ordinal)
        {
            ["seeds"] = _seeds,
            ["virtual_hours"] = Math.Round(_virtualMs / 3_600_000.0, 3),
            ["transactions"] = _transactions,
            ["faults"] = faults,
            ["anomalies"] = _failed.Count,
        }));
    }

    private void Write(string title, Tally tally)
    {
        output.WriteLine(title);
        foreach ((string name, long count) in tally.Counts)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {name,-44}{count,12:N0}"));
        }
    }
}
