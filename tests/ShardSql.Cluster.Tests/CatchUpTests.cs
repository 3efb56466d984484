using System;
using System.Diagnostics;
using System.Threading.Tasks;

using ShardSql.Cluster.Tests.Processes;
using ShardSql.Cluster.Tests.Workloads;
using ShardSql.Data;
using ShardSql.Gateway.Hosting;
using ShardSql.Primitives;
using ShardSql.Storage.Nodes;

using Xunit;
using Xunit.Abstractions;

namespace ShardSql.Cluster.Tests;

/// <summary>A node that was away has, in the end, what the others have: by log, or by snapshot where the log is cut.
/// </summary>
public sealed class CatchUpTests(ITestOutputHelper output)
{
    private const int Rows = 400;
    private static readonly NodeId s_away = new(3);
    private static readonly ShardId s_shard = new(1);
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(180);

    [Fact]
    public async Task Restart_afterBeingAway_catchesUpByLog()
    {
        var nodes = new TunedNodes(1, options => options);
        await using EmbeddedCluster cluster = await StartAsync(nodes, "by-log");
        await using ShardSqlDataSource source = ShardSqlDataSource.Create(cluster.ConnectionString);
        await nodes.KillNodeAsync(s_away);
        await FillAsync(source, 0);
        await nodes.StartNodeAsync(s_away);
        await AssertSameStateAsync(nodes, source);
        Assert.Equal(0, await InstalledAsync(nodes));
        await AssertServesWithoutAsync(nodes, source, Rows);
    }

    [Fact]
    public async Task Restart_afterTheLogWasCut_installsASnapshot()
    {
        var nodes = new TunedNodes(1, options => options with
        {
            FlushRows = 50,
            LogSlotsKept = 1,
            HorizonLagMs = 50,
            CloseLagMs = 500,
            CloseEveryMs = 50,
        });
        await using EmbeddedCluster cluster = await StartAsync(nodes, "by-snapshot");
        await using ShardSqlDataSource source = ShardSqlDataSource.Create(cluster.ConnectionString);
        await FillAsync(source, 0);
        Slot applied = await nodes.Running(s_away).InspectAsync(core => core.Replicas[s_shard].Machine.Applied);
        await nodes.KillNodeAsync(s_away);

        // It may have led; after a read the client knows who does now.
        await source.QueryAsync("SELECT v FROM item WHERE id = 0");
        int batches = 1;
        long started = Stopwatch.GetTimestamp();
        while (await LogFirstAsync(nodes) <= applied.Next)
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < s_timeout, $"the log was not cut behind {applied}");
            await FillAsync(source, batches++);
        }

        output.WriteLine($"cut after {batches} batches of {Rows} rows: it had slot {applied}, the log begins at {await LogFirstAsync(nodes)}");
        await nodes.StartNodeAsync(s_away);
        await AssertSameStateAsync(nodes, source);
        Assert.True(await InstalledAsync(nodes) > 0, "no snapshot was installed");
        await AssertServesWithoutAsync(nodes, source, batches * Rows);
    }

    private static async Task<EmbeddedCluster> StartAsync(TunedNodes nodes, string name)
    {
        EmbeddedCluster cluster = await EmbeddedCluster.StartAsync(
            new EmbeddedClusterOptions { Name = name }, nodes, null, default);
        await using ShardSqlDataSource source = ShardSqlDataSource.Create(cluster.ConnectionString);
        await source.ExecuteAsync("CREATE TABLE item (id INT PRIMARY KEY, v TEXT NOT NULL)");
        return cluster;
    }

    private static async Task FillAsync(ShardSqlDataSource source, int batch)
    {
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        for (int id = batch * Rows; id < (batch + 1) * Rows; id++)
        {
            await connection.ExecuteAsync($"INSERT INTO item (id, v) VALUES ({id}, 'value {id}')");
        }
    }

    private static Task<Slot> LogFirstAsync(TunedNodes nodes) =>
        nodes.Running(nodes.LeaderOf(s_shard)).InspectAsync(core => core.Replicas[s_shard].Paxos.LogFirst);

    private static Task<long> InstalledAsync(TunedNodes nodes) =>
        nodes.Running(s_away).InspectAsync(core => core.Replicas[s_shard].SnapshotsInstalled);

    private static Task<(Slot Applied, ulong Hash)> StateAsync(TunedNodes nodes, NodeId node) =>
        nodes.Running(node).InspectAsync(core =>
        {
            ShardReplica replica = core.Replicas[s_shard];
            return (replica.Machine.Applied, replica.Machine.StateHash);
        });

    // Both are asked again, with a read between, until they stand at the same slot.
    private async Task AssertSameStateAsync(TunedNodes nodes, ShardSqlDataSource source)
    {
        long started = Stopwatch.GetTimestamp();
        while (true)
        {
            (Slot applied, ulong hash) = await StateAsync(nodes, nodes.LeaderOf(s_shard));
            (Slot appliedAway, ulong hashAway) = await StateAsync(nodes, s_away);
            if (applied == appliedAway)
            {
                output.WriteLine($"both at slot {applied} after {Stopwatch.GetElapsedTime(started).TotalMilliseconds:0} ms");
                Assert.Equal(hash, hashAway);
                return;
            }

            Assert.True(Stopwatch.GetElapsedTime(started) < s_timeout, $"leader at {applied}, node away at {appliedAway}");
            await source.QueryAsync("SELECT v FROM item WHERE id = 0");
        }
    }

    // With another node gone, the one that was away is needed for every answer, and may give it.
    private static async Task AssertServesWithoutAsync(TunedNodes nodes, ShardSqlDataSource source, int rows)
    {
        NodeId leader = nodes.LeaderOf(s_shard);
        await nodes.KillNodeAsync(leader == s_away ? new NodeId(1) : leader);
        Assert.Equal((long)rows, (await source.QueryAsync("SELECT COUNT(*) FROM item WHERE v LIKE 'value %'"))[0][0]);
        Assert.Equal(1, await source.ExecuteAsync("INSERT INTO item (id, v) VALUES (-1, 'more')"));
    }
}
