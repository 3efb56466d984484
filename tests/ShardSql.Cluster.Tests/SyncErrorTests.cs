using System;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Cluster.Tests.Processes;
using ShardSql.Cluster.Tests.Workloads;
using ShardSql.Data;

using Xunit;
using Xunit.Abstractions;

namespace ShardSql.Cluster.Tests;

/// <summary>A disk that breaks under a node: the node ends, and has acknowledged nothing that it did not sync.</summary>
public sealed class SyncErrorTests(ITestOutputHelper output)
{
    private const int Writers = 4;

    [Fact]
    public async Task Sync_thatFails_endsTheNodeAndNothingAcknowledgedIsLost()
    {
        // One node: what it acknowledges is nowhere else.
        await using ProcessCluster cluster = await ProcessCluster.StartAsync(
            new ProcessClusterOptions { Nodes = 1, Replicas = 1, Files = FileFaults.LoseUnsynced }, output);
        await using ShardSqlDataSource source = cluster.OpenDataSource();
        var ledger = new Ledger(source);
        await ledger.SetUpAsync(Writers);
        await RestartAsync(cluster, FileFaults.FailSync);
        using var stop = new CancellationTokenSource();
        Task[] writers = ledger.Start(Writers, seed: 1, stop.Token);

        int code = await cluster.Node(1).ExitAsync();

        Assert.NotEqual(0, code);
        Assert.Contains("failed with error 5", cluster.Node(1).Errors, StringComparison.Ordinal);
        Assert.True(ledger.Acknowledged.Count > 0, "nothing was written before the disk broke");
        await RestartAsync(cluster, FileFaults.LoseUnsynced);
        await ledger.Acknowledged.MoreAsync(20, writers);
        await stop.CancelAsync();
        await Task.WhenAll(writers);
        await ledger.VerifyAsync();
        output.WriteLine($"{ledger.Acknowledged.Count} acknowledged, {ledger.UnknownCount} unknown");
    }

    private static async Task RestartAsync(ProcessCluster cluster, FileFaults files)
    {
        await cluster.KillNodesAsync(1);
        cluster.Files = files;
        await cluster.StartNodeAsync(1);
    }
}
