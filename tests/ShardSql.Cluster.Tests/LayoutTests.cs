using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading.Tasks;

using ShardSql.Cluster.Tests.Processes;
using ShardSql.Cluster.Tests.Workloads;
using ShardSql.Data;

using Xunit;
using Xunit.Abstractions;

namespace ShardSql.Cluster.Tests;

/// <summary>A node joins a running cluster, and another is drained under load while a leader is killed: nothing that was
/// acknowledged is lost, and the job ends by itself. A new shard is filled by whoever is left.</summary>
public sealed class LayoutTests(ITestOutputHelper output)
{
    private const int Writers = 4;
    private const int LooksMax = 20_000;
    private const int Rates = 12_000;

    [Fact]
    public async Task Drain_withALeaderKilledInTheMiddle_losesNothingAndEnds()
    {
        int seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        await using ProcessCluster cluster = await ProcessCluster.StartAsync(
            new ProcessClusterOptions { Gateways = 2, Files = FileFaults.LoseUnsynced }, output);
        await using ShardSqlDataSource all = cluster.OpenDataSource();
        using LedgerRun ledger = await LedgerRun.StartAsync(all, Writers, seed);
        string address = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{FreePorts.Take()}");
        await all.ExecuteAsync($"ADD NODE n4 AT '{address}'");
        string folder = Directory.CreateTempSubdirectory("cluster-tests-").FullName;
        try
        {
            await using ServerProcess fourth = ServerProcess.Launch(
                ["serve", "--role", "node", "--listen", address, "--data", folder, "--join", cluster.NodeAddress(1)]);
            await fourth.ReadyAsync();
            await UntilAsync(all, "SELECT state FROM shard.nodes WHERE node = 'n4'", "up");
            await all.ExecuteAsync("TRANSFER LEADER OF SHARD s1 TO NODE n1");
            object job = (await all.QueryAsync("DRAIN NODE n2 WITH (wait = '0s')"))[0][0];
            await UntilAsync(all, $"SELECT state FROM shard.job_steps WHERE job_id = {job} AND action LIKE 'add replica%' AND state = 'running'", "running");
            await cluster.KillNodesAsync(1);
            await ledger.MoreAsync(20);
            await cluster.StartNodesAsync(1);
            Assert.Equal("succeeded", (await all.QueryAsync($"WAIT JOB {job} TIMEOUT '120s'"))[0][2]);
            await all.ExecuteAsync("REMOVE NODE n2");
            await cluster.KillNodesAsync(2);
            await ledger.EndAsync();
            List<object[]> replicas = await all.QueryAsync("SELECT DISTINCT replicas FROM shard.shards_details");
            Assert.Equal(["n1, n3, n4"], replicas.Select(static row => (string)row[0]));
            output.WriteLine(ledger.Figures);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Kill_ofTheGatewayThatFillsANewShard_leavesItToAnotherAndAllCopiesAreEqual()
    {
        await using ProcessCluster cluster = await ProcessCluster.StartAsync(
            new ProcessClusterOptions { Gateways = 2, History = "500ms" }, output);
        await using ShardSqlDataSource dying = cluster.OpenDataSourceOf(1);
        await using ShardSqlDataSource source = cluster.OpenDataSourceOf(2, "Command Timeout=120");
        await using ShardSqlDataSource all = cluster.OpenDataSource();
        await using RateWriters writers = await RateWriters.StartAsync(all, Rates, Writers);
        await writers.MoreAsync(20);
        object job = (await dying.QueryAsync("CREATE SHARD s4 ON NODES (n1, n2, n3) WITH (wait = '0s')"))[0][0];
        await UntilAsync(source, $"SELECT phase FROM shard.jobs WHERE job_id = {job} AND rows_copied > 0", "copying");
        await cluster.KillGatewayAsync(1);
        long copied = (long)(await source.QueryAsync($"SELECT rows_copied FROM shard.jobs WHERE job_id = {job}"))[0][0];
        Assert.InRange(copied, 1, Rates - 1);
        long began = Stopwatch.GetTimestamp();
        object[] ended = (await source.QueryAsync($"WAIT JOB {job} TIMEOUT '120s'"))[0];
        Assert.Equal("succeeded", ended[2]);
        output.WriteLine(
            $"{copied} of {Rates} rows were copied; the others came in {Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s "
            + $"beside {writers.Acknowledged.Count} writes");
        await writers.MoreAsync(20);
        await writers.EndAsync();
        for (int shard = 1; shard <= 4; shard++)
        {
            // A row that lies there alone is joined there, with the copy that is there.
            await source.ExecuteAsync($"CREATE TABLE probe{shard} (least int PRIMARY KEY) SINGLE ON SHARD {shard}");
            await source.ExecuteAsync($"INSERT INTO probe{shard} VALUES (0)");
            string join = $"SELECT code, n FROM probe{shard} JOIN rate ON code >= least";
            Assert.Contains($"s{shard}", (string)(await source.QueryAsync("EXPLAIN " + join))[0][0], StringComparison.Ordinal);
            writers.Verify(await source.QueryAsync(join));
        }
    }

    private static async Task UntilAsync(ShardSqlDataSource source, string query, string expected)
    {
        for (int look = 0; look < LooksMax; look++)
        {
            if ((await source.QueryAsync(query)).Any(row => (string)row[0] == expected))
            {
                return;
            }
        }

        throw new TimeoutException($"{query} does not come to {expected}");
    }
}
