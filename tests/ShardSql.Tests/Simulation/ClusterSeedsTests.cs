using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Linq;

using ShardSql.Simulation.Cluster;
using ShardSql.Simulation.Cluster.Workloads;

using Xunit;

namespace ShardSql.Tests.Simulation;

/// <summary>A slice of the seeds that the simulator runs for hours elsewhere: whole clusters under faults.</summary>
public sealed class ClusterSeedsTests
{
    private const long LoadMs = 20_000;
    private static readonly ulong s_seedsPerCase = Environment.GetEnvironmentVariable("SHARDSQL_LONG") == "1" ? 10UL : 4;

    [Theory]
    [InlineData(1)]
    [InlineData(11)]
    [InlineData(21)]
    [InlineData(31)]
    public void Run_slice_of_seeds_shows_no_anomaly(ulong first)
    {
        long transactions = 0;
        for (ulong seed = first; seed < first + s_seedsPerCase; seed++)
        {
            ClusterReport report = SimulatedCluster.Run(new ClusterOptions { Seed = seed, LoadMs = LoadMs });
            Assert.True(
                report.Anomalies.Count == 0,
                $"seed {seed}: {string.Join(Environment.NewLine, report.Anomalies)}");
            transactions += report.Transactions;
        }

        Assert.True(transactions > 1_000, $"only {transactions} transactions committed");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Run_with_jobs_of_all_kinds_shows_no_anomaly(ulong seed)
    {
        var options = new ClusterOptions { Seed = seed, LoadMs = LoadMs, Kinds = WorkloadKinds.Jobs };
        ClusterReport report = SimulatedCluster.Run(options);
        Assert.True(report.Anomalies.Count == 0, string.Join(Environment.NewLine, report.Anomalies));
        Assert.Contains(report.Reached.Keys, static what => what.EndsWith("Succeeded", StringComparison.Ordinal));
        Assert.Equal(report.TraceHash, SimulatedCluster.Run(options).TraceHash);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Run_with_replicas_added_and_removed_shows_no_anomaly(ulong seed)
    {
        var options = new ClusterOptions { Seed = seed, LoadMs = LoadMs, Kinds = WorkloadKinds.Layouts };
        ClusterReport report = SimulatedCluster.Run(options);
        Assert.True(report.Anomalies.Count == 0, string.Join(Environment.NewLine, report.Anomalies));
        Assert.Contains("replica made again", report.Reached.Keys);
        Assert.Equal(report.TraceHash, SimulatedCluster.Run(options).TraceHash);
    }

    // A process was killed between a flush and its sync; what its next life read there, and cut the log behind, a power
    // cut took back.
    [Theory]
    [InlineData(24)]
    [InlineData(1068)]
    [InlineData(5025)]
    public void Run_seed_that_found_a_defect_shows_no_anomaly(ulong seed) =>
        Assert.Empty(SimulatedCluster.Run(new ClusterOptions { Seed = seed }).Anomalies);

    [Fact]
    public void Run_same_seed_twice_gives_the_same_trace()
    {
        var options = new ClusterOptions { Seed = 3, LoadMs = 5_000 };

        ClusterReport first = SimulatedCluster.Run(options);
        ClusterReport second = SimulatedCluster.Run(options);

        Assert.Equal(first.TraceHash, second.TraceHash);
        Assert.NotEqual(first.TraceHash, SimulatedCluster.Run(options with { Seed = 6 }).TraceHash);
    }

    [Fact]
    public void Run_same_seed_in_another_process_gives_the_same_trace()
    {
        const ulong seed = 3;
        const long loadMs = 5_000;
        ClusterReport here = SimulatedCluster.Run(new ClusterOptions { Seed = seed, LoadMs = loadMs });
        var start = new ProcessStartInfo
        {
            FileName = Environment.ProcessPath is { } host && host.EndsWith("dotnet", StringComparison.Ordinal)
                ? host : "dotnet",
            RedirectStandardOutput = true,
        };
        foreach (string argument in (IEnumerable<string>)
            [typeof(SimulatedCluster).Assembly.Location, "--seeds", "1", "--first", Text(seed), "--load", Text(loadMs)])
        {
            start.ArgumentList.Add(argument);
        }

        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();

        Assert.Equal(0, process.ExitCode);
        Assert.Contains($"seed {seed} trace {here.TraceHash:x16} ", output, StringComparison.Ordinal);
        Assert.StartsWith("{\"anomalies\":0", output.TrimEnd().Split('\n').Last(), StringComparison.Ordinal);
    }

    private static string Text(IFormattable number) => number.ToString(null, CultureInfo.InvariantCulture);
}
