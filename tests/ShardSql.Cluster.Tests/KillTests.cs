using System;
using System.Linq;
using System.Threading.Tasks;

using ShardSql.Cluster.Tests.Processes;
using ShardSql.Cluster.Tests.Workloads;
using ShardSql.Data;
using ShardSql.Gateway.Hosting;
using ShardSql.Primitives;

using Xunit;
using Xunit.Abstractions;

namespace ShardSql.Cluster.Tests;

/// <summary>SIGKILL under load, over files that lose what was not synced: what was acknowledged is there, once.</summary>
public sealed class KillTests(ITestOutputHelper output)
{
    private const int Writers = 6;

    // Of each kind in the first ones, which are all that is done by default.
    private const int FirstStrikes = 6;

    private static readonly Strike[] s_strikes =
    [
        new(StrikeKind.KillNode, 1), new(StrikeKind.KillNode, 2), new(StrikeKind.KillAllNodes),
        new(StrikeKind.KillGateway, 1), new(StrikeKind.KillNode, 3), new(StrikeKind.KillAllNodes),
        new(StrikeKind.KillNode, 1), new(StrikeKind.KillNode, 2), new(StrikeKind.KillAllNodes),
        new(StrikeKind.KillNode, 3), new(StrikeKind.KillAllNodes),
    ];

    [Fact]
    public async Task Kill_ofProcessesUnderLoad_losesNoAcknowledgedCommitAndShowsNoneTwice()
    {
        int seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        await using ProcessCluster cluster = await ProcessCluster.StartAsync(
            new ProcessClusterOptions { Gateways = 2, Files = FileFaults.LoseUnsynced }, output);
        await using ShardSqlDataSource source = cluster.OpenDataSource();
        using LedgerRun ledger = await LedgerRun.StartAsync(source, Writers, seed);
        var random = new Random(seed);
        var nemesis = new Nemesis(cluster, () => ledger.MoreAsync(30));
        int rounds = TestLength.IsLong ? TestLength.Times(1) * s_strikes.Length : FirstStrikes;
        for (int round = 0; round < rounds; round++)
        {
            await ledger.MoreAsync(random.Next(20, 120));
            await nemesis.StrikeAsync(s_strikes[round % s_strikes.Length]);
            await ledger.VerifyAsync();
        }

        await ledger.EndAsync();
        output.WriteLine($"{rounds} kills in {ledger.Figures}");
    }

    /// <summary>
    /// With bounds so small that shards are flushed and their logs cut all the time, so that kills fall into that too.
    /// </summary>
    [Fact]
    public async Task Kill_ofNodesThatFlushAllTheTime_losesNoAcknowledgedCommitAndShowsNoneTwice()
    {
        int seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var nodes = new TunedNodes(
            3,
            options => options with
            {
                FlushRows = 40,
                LogSlotsKept = 20,
                LogSegmentsMax = 1,
                HorizonLagMs = 2_000,
                CloseLagMs = 1_000,
                CloseEveryMs = 100,
            },
            losesUnsynced: true);
        await using EmbeddedCluster cluster = await EmbeddedCluster.StartAsync(
            new EmbeddedClusterOptions { Name = "flushing" }, nodes, null, default);
        await using ShardSqlDataSource source = ShardSqlDataSource.Create(cluster.ConnectionString);
        // A node that ends by itself ends the test, with its reason.
        Task failed = nodes.Failed.ContinueWith(reason => throw reason.Result, TaskScheduler.Default);
        using LedgerRun ledger = await LedgerRun.StartAsync(source, Writers, seed, failed);
        int rounds = TestLength.Times(6);
        for (int round = 0; round < rounds; round++)
        {
            await ledger.MoreAsync(random.Next(50, 200));
            NodeId[] killed = round % 3 == 2 ? [.. nodes.All] : [nodes.All[random.Next(nodes.All.Count)]];
            await Task.WhenAll(killed.Select(nodes.KillNodeAsync));
            if (killed.Length == 1)
            {
                await ledger.MoreAsync(random.Next(50, 200));
            }

            await Task.WhenAll(killed.Select(node => nodes.StartNodeAsync(node)));
            await ledger.VerifyAsync();
        }

        await ledger.EndAsync();
        Assert.False(nodes.Failed.IsCompleted);
        output.WriteLine($"{rounds} kills in {ledger.Figures}");
        (long flushes, long installed) = await nodes.CountersAsync();
        output.WriteLine($"since the last starts {flushes} flushes, {installed} snapshots installed");
        Assert.True(flushes > 0, "nothing was flushed");
    }
}
