using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using Dapper;
using ShardSql.Gateway.Hosting;
using ShardSql.Primitives;
using Xunit;

namespace ShardSql.Data.Tests.Cluster;

/// <summary>A participant dies before it votes: what the others hold prepared is shown, and decided when it is back.</summary>
[Collection(ClusterCollection.Name)]
public sealed class InDoubtTests
{
    private const int LooksMax = 1_000;

    [Fact]
    public async Task Transaction_whose_participant_died_is_in_doubt_until_that_one_is_back()
    {
        await using EmbeddedCluster cluster = await EmbeddedCluster.StartAsync(new EmbeddedClusterOptions
        {
            Name = "doubt-" + Guid.NewGuid().ToString("N"),
            Nodes = 2,
            Shards = 2,
            Replicas = 1,
        });
        await using ShardSqlDataSource source = ShardSqlDataSource.Create(cluster.ConnectionString + ";Retry=None");
        await using ShardSqlConnection writer = await source.OpenConnectionAsync();
        await using ShardSqlConnection watcher = await source.OpenConnectionAsync();
        await writer.ExecuteAsync(
            "CREATE TABLE pairs (id int PRIMARY KEY, n int) SHARD BY RANGE (id) SPLIT AT VALUES (100)");
        string[] homes =
        [
            await writer.QuerySingleAsync<string>("SELECT shard FROM shard.segments WHERE from_key IS NULL"),
            await writer.QuerySingleAsync<string>("SELECT shard FROM shard.segments WHERE to_key IS NULL"),
        ];
        Assert.Equal(["s1", "s2"], homes.Order());
        NodeId second = cluster.LeaderOf(new ShardId(2));

        ShardSqlTransaction transaction = await writer.BeginTransactionAsync();
        await writer.ExecuteAsync("INSERT INTO pairs VALUES (1, 1), (150, 1)", transaction: transaction);
        await cluster.KillNodeAsync(second);
        Task committing = transaction.CommitAsync();
        IDictionary<string, object> held = await FindAsync(watcher);
        Assert.Equal(("s1", "s1, s2", "s2"), ((string)held["shard"], (string)held["participants"], (string)held["waiting_for"]));
        Assert.Equal((1, false), ((int)held["keys_written"], (bool)held["unreachable"]));
        Assert.Equal(
            ["s2"],
            await watcher.QueryAsync<string>("SELECT shard FROM shard.transactions_in_doubt WHERE unreachable"));
        var id = (string)held["txn"];
        dynamic open = await watcher.QuerySingleAsync("RESOLVE TRANSACTION @id", new { id });
        Assert.Equal((id, "undecided"), ((string)open.txn, (string)open.outcome));

        await cluster.StartNodeAsync(second);
        string outcome = "undecided";
        for (int i = 0; i < LooksMax && outcome == "undecided"; i++)
        {
            outcome = (string)(await watcher.QuerySingleAsync("RESOLVE TRANSACTION @id", new { id })).outcome;
        }

        Exception? failure = await Record.ExceptionAsync(() => committing);
        Assert.Contains(outcome, new[] { "committed", "aborted", "not in doubt" });
        long rows = await watcher.ExecuteScalarAsync<long>("SELECT count(*) FROM pairs");
        Assert.Contains(rows, new[] { 0L, 2L });
        Assert.True(failure is not null || rows == 2, "an acknowledged commit holds");
        Assert.Equal(outcome == "committed" ? 2 : rows, rows);
        await transaction.DisposeAsync();
    }

    private static async Task<IDictionary<string, object>> FindAsync(ShardSqlConnection watcher)
    {
        for (int i = 0; i < LooksMax; i++)
        {
            foreach (object row in await watcher.QueryAsync("SHOW TRANSACTIONS IN DOUBT WHERE txn IS NOT NULL"))
            {
                return (IDictionary<string, object>)row;
            }
        }

        throw new TimeoutException("no transaction is in doubt");
    }
}
