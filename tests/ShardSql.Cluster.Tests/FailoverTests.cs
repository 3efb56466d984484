using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading.Tasks;

using ShardSql.Cluster.Tests.Processes;
using ShardSql.Cluster.Tests.Workloads;
using ShardSql.Data;

using Xunit;
using Xunit.Abstractions;

namespace ShardSql.Cluster.Tests;

/// <summary>How long writers wait when a node is killed or stands still.</summary>
public sealed class FailoverTests(ITestOutputHelper output)
{
    private const int Shards = 3;

    // The promise is 2.5 s on a machine of its own, where long runs are made; otherwise the tests share two cores with
    // whatever else runs.
    private static readonly TimeSpan s_failoverMax = TimeSpan.FromSeconds(TestLength.IsLong ? 2.5 : 30);

    [Fact]
    public async Task Kill_ofAnyOfThreeNodes_writersOfEveryShardGoOn()
    {
        await using ProcessCluster cluster = await ProcessCluster.StartAsync(new ProcessClusterOptions(), output);
        await using ShardSqlDataSource source = cluster.OpenDataSource();
        await using ShardWriters writers = await ShardWriters.StartAsync(source, Shards);
        var figures = new List<TimeSpan>();
        for (int round = 0; round < TestLength.Times(1) * cluster.Nodes.Count; round++)
        {
            int node = cluster.Nodes[round % cluster.Nodes.Count];
            await cluster.AllNodesUpAsync(source);
            await writers.FirstSinceAsync(Stopwatch.GetTimestamp());
            long killed = Stopwatch.GetTimestamp();
            await cluster.KillNodesAsync(node);
            figures.AddRange(Report($"node {node} killed", await writers.FirstSinceAsync(killed)));
            await cluster.StartNodeAsync(node);
        }

        output.WriteLine($"longest wait: {figures.Max().TotalMilliseconds:0} ms over {figures.Count} shard failovers");
        Assert.True(figures.Max() < s_failoverMax, $"a shard took {figures.Max()} to be written again");
    }

    [Fact]
    public async Task Pause_ofALeader_writersOfEveryShardGoOnAndTheNodeComesBack()
    {
        await using ProcessCluster cluster = await ProcessCluster.StartAsync(new ProcessClusterOptions(), output);
        await using ShardSqlDataSource source = cluster.OpenDataSource();
        await using ShardWriters writers = await ShardWriters.StartAsync(source, Shards);
        await writers.FirstSinceAsync(Stopwatch.GetTimestamp());
        int node = await ProcessCluster.LeaderOfMostAsync(source);
        long paused = Stopwatch.GetTimestamp();
        cluster.Node(node).Signal(Signals.Stop);
        TimeSpan longest = Report($"node {node} paused", await writers.FirstSinceAsync(paused)).Max();
        cluster.Node(node).Signal(Signals.Continue);
        Report($"node {node} goes on", await writers.FirstSinceAsync(Stopwatch.GetTimestamp()));
        await cluster.AllNodesUpAsync(source);

        // It counts again: without it the cluster could not write now.
        int other = cluster.Nodes.First(one => one != node);
        long killed = Stopwatch.GetTimestamp();
        await cluster.KillNodesAsync(other);
        Report($"node {other} killed", await writers.FirstSinceAsync(killed));
        Assert.True(longest < s_failoverMax, $"a shard took {longest} to be written again");
    }

    private IEnumerable<TimeSpan> Report(string what, Dictionary<string, TimeSpan> times)
    {
        output.WriteLine($"{what}: " + string.Join(", ", times.Select(time => $"{time.Key} {time.Value.TotalMilliseconds:0} ms")));
        return times.Values;
    }
}
