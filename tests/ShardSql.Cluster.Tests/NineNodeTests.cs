using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Cluster.Tests.Processes;
using ShardSql.Cluster.Tests.Workloads;
using ShardSql.Data;

using Xunit;
using Xunit.Abstractions;

namespace ShardSql.Cluster.Tests;

/// <summary>Nine nodes in three groups that have no node in common, as seed 002 has them.</summary>
public sealed class NineNodeTests(ITestOutputHelper output)
{
    private const int Writers = 4;

    [Fact]
    public async Task DisjointGroups_oneNodeOfEachKilled_transactionsAcrossThemGoOn()
    {
        await using ProcessCluster cluster = await ProcessCluster.StartAsync(
            new ProcessClusterOptions { Nodes = 9, Shards = 3, Replicas = 3 }, output);
        await using ShardSqlDataSource source = cluster.OpenDataSource();
        List<object[]> shards = await source.QueryAsync("SELECT replicas FROM shard.shards WHERE shard <> 's0'");
        string[] replicas = [.. shards.SelectMany(row => ((string)row[0]).Split(", "))];
        Assert.Equal(9, replicas.Distinct().Count());
        Assert.Equal(9, replicas.Length);

        var ledger = new Ledger(source);
        await ledger.SetUpAsync(Writers);
        using var stop = new CancellationTokenSource();
        Task[] writers = ledger.Start(Writers, Environment.TickCount, stop.Token);
        await ledger.Acknowledged.MoreAsync(50, writers);
        await cluster.KillNodesAsync(1, 5, 9);
        await ledger.Acknowledged.MoreAsync(100, writers);
        await ledger.VerifyAsync();
        await cluster.StartNodesAsync(1, 5, 9);
        await ledger.Acknowledged.MoreAsync(50, writers);
        await stop.CancelAsync();
        await Task.WhenAll(writers);
        await ledger.VerifyAsync();
    }
}
