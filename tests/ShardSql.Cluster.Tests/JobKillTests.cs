using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading.Tasks;

using ShardSql.Cluster.Tests.Processes;
using ShardSql.Cluster.Tests.Workloads;
using ShardSql.Data;

using Xunit;
using Xunit.Abstractions;

namespace ShardSql.Cluster.Tests;

/// <summary>A job of many steps outlives its gateway and the nodes under it: each step is done once.</summary>
public sealed class JobKillTests(ITestOutputHelper output)
{
    private static readonly int s_rows = TestLength.IsLong ? 120 : 30;

    [Fact]
    public async Task Kill_ofTheGatewayAndOfAllNodesInTheMiddleOfAJob_leavesItToAnotherThatEndsIt()
    {
        await using ProcessCluster cluster = await ProcessCluster.StartAsync(
            new ProcessClusterOptions { Gateways = 2, Files = FileFaults.LoseUnsynced }, output);
        await using ShardSqlDataSource dying = cluster.OpenDataSourceOf(1);
        await using ShardSqlDataSource source = cluster.OpenDataSourceOf(2);
        await source.ExecuteAsync("CREATE TABLE account (id int PRIMARY KEY, n bigint NOT NULL)");
        await source.ExecuteAsync(
            "INSERT INTO account VALUES " + string.Join(", ", Enumerable.Range(0, s_rows).Select(static id => $"({id}, 100)")));
        string keys = string.Join(", ", Enumerable.Range(0, s_rows).Select(static id => $"({id})"));
        object job = (await dying.QueryAsync($"MOVE ROWS OF account KEYS ({keys}) TO SHARD 2 WITH (wait = '0s')"))[0][0];
        await StepsAsync(source, job, 5);
        await cluster.KillGatewayAsync(1);
        await AddAsync(source);
        int left = await StepsAsync(source, job, 5);
        await StepsAsync(source, job, left + 5);
        int[] nodes = [.. cluster.Nodes];
        await cluster.KillNodesAsync(nodes);
        await cluster.StartNodesAsync(nodes);
        await AddAsync(source);
        object[] ended = (await source.QueryAsync($"WAIT JOB {job} TIMEOUT '120s'"))[0];
        Assert.Equal("succeeded", ended[2]);
        List<object[]> steps = await source.QueryAsync($"SELECT step, state FROM shard.job_steps WHERE job_id = {job} ORDER BY step");
        Assert.All(steps, static step => Assert.Equal("succeeded", step[1]));
        output.WriteLine($"{steps.Count} steps, {left} of them done when the gateway was killed");
        Assert.Equal(
            [s_rows * 102L, (long)s_rows],
            (await source.QueryAsync("SELECT sum(n), count(*) FROM account"))[0].Select(
                static value => Convert.ToInt64(value, CultureInfo.InvariantCulture)));
        foreach (int id in Enumerable.Range(0, s_rows))
        {
            object[] plan = (await source.QueryAsync($"EXPLAIN SELECT n FROM account WHERE id = {id}"))[0];
            Assert.Contains("1 of 3 shards: s2", (string)plan[0], StringComparison.Ordinal);
        }
    }

    private static Task AddAsync(ShardSqlDataSource source) => source.ExecuteInTransactionAsync(async (connection, transaction, ended) =>
    {
        await using var command = new ShardSqlCommand("UPDATE account SET n = n + 1", connection) { Transaction = transaction };
        await command.ExecuteNonQueryAsync(ended);
    });

    /// <summary>Looks until so many steps are done, or the job has ended; gives how many are.</summary>
    private static async Task<int> StepsAsync(ShardSqlDataSource source, object job, int wanted)
    {
        while (true)
        {
            object[] row = (await source.QueryAsync($"SELECT steps_done, state FROM shard.jobs WHERE job_id = {job}"))[0];
            if ((int)row[0] >= wanted || (string)row[1] != "running")
            {
                return (int)row[0];
            }
        }
    }
}
