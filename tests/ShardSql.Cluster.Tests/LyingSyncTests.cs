using System;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Cluster.Tests.Processes;
using ShardSql.Cluster.Tests.Workloads;
using ShardSql.Data;
using ShardSql.Simulation.Checking;

using Xunit;
using Xunit.Abstractions;

namespace ShardSql.Cluster.Tests;

/// <summary>
/// The tests that kill can fail: nodes whose sync says that it is done and does nothing lose what they acknowledged, and
/// the verdicts that find nothing elsewhere find that.
/// </summary>
public sealed class LyingSyncTests(ITestOutputHelper output)
{
    private const int Clients = 3;
    private const int Commits = 20;

    [Fact]
    public async Task Kill_ofNodesWhoseSyncLies_isFoundAsLostAcknowledgedCommits()
    {
        int seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        await using ProcessCluster cluster = await ProcessCluster.StartAsync(
            new ProcessClusterOptions { Files = FileFaults.LoseUnsynced }, output);
        await using ShardSqlDataSource source = cluster.OpenDataSource();
        var ledger = new Ledger(source);
        var lists = new ListAppend(source);
        await ledger.SetUpAsync(Clients);
        await lists.SetUpAsync();

        // What was set up is safe: nodes that sync as they should lose nothing of it.
        await RestartAllAsync(cluster, FileFaults.LieAboutSync);
        await ledger.VerifyAsync();
        using var stop = new CancellationTokenSource();
        Task[] clients = [.. ledger.Start(Clients, seed, stop.Token), .. lists.Start(Clients, seed, stop.Token)];
        await ledger.Acknowledged.MoreAsync(Commits, clients);
        await lists.Committed.MoreAsync(Commits, clients);
        await stop.CancelAsync();
        await Task.WhenAll(clients);
        await ledger.VerifyAsync();
        Assert.DoesNotContain(await CheckAsync(lists), anomaly => anomaly.Kind == "lost-ack");

        await RestartAllAsync(cluster, FileFaults.LoseUnsynced);
        LedgerVerdict verdict = await ledger.JudgeAsync();
        output.WriteLine($"{ledger.Acknowledged.Count} acknowledged; {verdict}");
        Assert.NotEmpty(verdict.Lost);
        Assert.ThrowsAny<Exception>(verdict.AssertClean);
        Assert.Contains(await CheckAsync(lists), anomaly => anomaly.Kind == "lost-ack");
    }

    private static async Task RestartAllAsync(ProcessCluster cluster, FileFaults files)
    {
        await cluster.KillNodesAsync([.. cluster.Nodes]);
        cluster.Files = files;
        await cluster.StartNodesAsync([.. cluster.Nodes]);
    }

    private static async Task<Anomaly[]> CheckAsync(ListAppend lists) =>
        [.. HistoryChecker.Check(lists.History, await lists.ReadAllAsync()).Anomalies];
}
