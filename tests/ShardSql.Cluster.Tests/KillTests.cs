using System;
using System.Diagnostics;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Cluster.Tests.Processes;
using ShardSql.Cluster.Tests.Workloads;
using ShardSql.Data;

using Xunit;
using Xunit.Abstractions;

namespace ShardSql.Cluster.Tests;

/// <summary>SIGKILL under load, over files that lose what was not synced: what was acknowledged is there, once.</summary>
public sealed class KillTests(ITestOutputHelper output)
{
    private const int Writers = 6;

    // Node numbers; 0: all at once.
    private static readonly int[] s_kills = [1, 2, 0, 3, 1, 0, 2, 3, 0, 1, 2, 0];

    [Fact]
    public async Task Kill_underLoad_losesNoAcknowledgedCommitAndShowsNoneTwice()
    {
        int seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        await using ProcessCluster cluster = await ProcessCluster.StartAsync(
            new ProcessClusterOptions { LosesUnsynced = true }, output);
        await using ShardSqlDataSource source = cluster.OpenDataSource();
        var ledger = new Ledger(source);
        await ledger.SetUpAsync(Writers);
        using var stop = new CancellationTokenSource();
        Task[] writers = ledger.Start(Writers, seed, stop.Token);
        var random = new Random(seed);
        int rounds = TestLength.Times(1) * s_kills.Length;
        long started = Stopwatch.GetTimestamp();
        for (int round = 0; round < rounds; round++)
        {
            await ledger.Acknowledged.MoreAsync(random.Next(20, 120), writers);
            int kill = s_kills[round % s_kills.Length];
            int[] nodes = kill == 0 ? [.. cluster.Nodes] : [kill];
            await cluster.KillNodesAsync(nodes);
            if (kill != 0)
            {
                await ledger.Acknowledged.MoreAsync(random.Next(20, 60), writers);
            }

            await cluster.StartNodesAsync(nodes);
            await ledger.VerifyAsync();
        }

        await ledger.Acknowledged.MoreAsync(20, writers);
        await stop.CancelAsync();
        await Task.WhenAll(writers);
        await ledger.VerifyAsync();
        output.WriteLine(
            $"{rounds} kills in {Stopwatch.GetElapsedTime(started).TotalSeconds:0.0} s: {ledger.Acknowledged.Count} "
            + $"acknowledged, {ledger.UnknownCount} unknown, {ledger.RefusedCount} refused");
    }
}
