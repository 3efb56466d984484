using System;
using System.Collections.Generic;
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
/// acknowledged is lost, and the job ends by itself.</summary>
public sealed class LayoutTests(ITestOutputHelper output)
{
    private const int Writers = 4;
    private const int LooksMax = 20_000;

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
