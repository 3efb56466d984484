using System;
using System.Data;
using System.Threading.Tasks;
using Dapper;
using Xunit;

namespace ShardSql.Data.Tests.Cluster;

/// <summary>Streams that break around COMMIT: the outcome is asked for, nothing is done twice.</summary>
[Collection(ClusterCollection.Name)]
public sealed class LostConnectionTests(ClusterFixture cluster)
{
    [Theory]
    [InlineData(1, 2)]
    [InlineData(1, 101)]
    public async Task A_commit_whose_reply_is_lost_is_found_to_be_committed(int left, int right)
    {
        string table = await CreateAsync(left, right);
        using var lossy = new LossyGateway(cluster.Cluster.Gateway);
        await using ShardSqlDataSource source = SourceOf(lossy);
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        await using ShardSqlTransaction transaction = await connection.BeginTransactionAsync();
        await connection.ExecuteAsync(
            $"UPDATE {table} SET n = n + 1 WHERE id IN ({left}, {right})", transaction: transaction);
        lossy.Arm(LossyGateway.Loss.Reply);
        await transaction.CommitAsync();
        Assert.Equal(1, lossy.Broken);
        Assert.Equal(2, await cluster.ScalarAsync<long>($"SELECT sum(n) FROM {table}"));
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(1, 101)]
    public async Task A_commit_that_never_arrived_is_found_to_be_rolled_back(int left, int right)
    {
        string table = await CreateAsync(left, right);
        using var lossy = new LossyGateway(cluster.Cluster.Gateway);
        await using ShardSqlDataSource source = SourceOf(lossy);
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        await using ShardSqlTransaction transaction = await connection.BeginTransactionAsync();
        await connection.ExecuteAsync(
            $"UPDATE {table} SET n = n + 1 WHERE id IN ({left}, {right})", transaction: transaction);
        lossy.Arm(LossyGateway.Loss.Request);
        var lost = await Assert.ThrowsAsync<ShardSqlException>(() => transaction.CommitAsync());
        Assert.Equal(("08006", ShardSqlOutcome.RolledBack), (lost.SqlState, lost.Outcome));
        Assert.Equal(ConnectionState.Broken, connection.State);
        Assert.Equal(0, await cluster.ScalarAsync<long>($"SELECT sum(n) FROM {table}"));
    }

    [Fact]
    public async Task Work_whose_connections_break_is_run_again_and_done_once()
    {
        string table = await CreateAsync(1, 101);
        using var lossy = new LossyGateway(cluster.Cluster.Gateway);
        await using ShardSqlDataSource source = SourceOf(lossy);
        int runs = 0;
        foreach (LossyGateway.Loss loss in new[] { LossyGateway.Loss.Request, LossyGateway.Loss.Reply })
        {
            bool lost = false;
            await source.ExecuteInTransactionAsync(async (connection, transaction, token) =>
            {
                runs++;
                await connection.ExecuteAsync($"UPDATE {table} SET n = n + 1", transaction: transaction);
                if (!lost)
                {
                    lost = true;
                    lossy.Arm(loss);
                }
            });
        }

        Assert.Equal(3, runs);
        Assert.Equal(4, await cluster.ScalarAsync<long>($"SELECT sum(n) FROM {table}"));
    }

    [Theory]
    [InlineData("UPDATE {0} SET n = n + 1 WHERE id = 1")]
    [InlineData("UPDATE {0} SET n = n + 1 WHERE id IN (1, 101)")]
    public async Task A_statement_of_its_own_is_done_once_or_says_that_its_reply_is_lost(string statement)
    {
        string table = await CreateAsync(1, 101);
        string text = statement.Replace("{0}", table, StringComparison.Ordinal);
        using var lossy = new LossyGateway(cluster.Cluster.Gateway);
        await using ShardSqlDataSource source = SourceOf(lossy);
        await using (ShardSqlConnection connection = await source.OpenConnectionAsync())
        {
            lossy.Arm(LossyGateway.Loss.Reply);
            var lost = await Assert.ThrowsAsync<ShardSqlException>(() => connection.ExecuteAsync(text));
            Assert.Equal(("40003", ShardSqlOutcome.Unknown, false), (lost.SqlState, lost.Outcome, lost.IsTransient));
            Assert.Contains("id=", lost.Message, StringComparison.Ordinal);
        }

        long once = await cluster.ScalarAsync<long>($"SELECT sum(n) FROM {table}");
        Assert.InRange(once, 1, 2);
    }

    private static ShardSqlDataSource SourceOf(LossyGateway lossy) =>
        ShardSqlDataSource.Create($"Server=inproc:{lossy.Name};Timeout=60");

    private async Task<string> CreateAsync(int left, int right)
    {
        string table = await cluster.CreateSpreadTableAsync();
        await cluster.ExecuteAsync($"INSERT INTO {table} VALUES ({left}, 0), ({right}, 0)");
        return table;
    }
}
