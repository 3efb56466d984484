using System;
using System.Collections.Generic;
using System.Data;
using System.Linq;
using System.Threading.Tasks;
using Dapper;
using Xunit;

namespace ShardSql.Data.Tests.Cluster;

/// <summary>Transactions of a few connections, step by step: what each sees, and who is refused.</summary>
[Collection(ClusterCollection.Name)]
public sealed class SerializableTests(ClusterFixture cluster)
{
    [Fact]
    public async Task A_transaction_reads_its_own_writes_on_all_shards_and_nobody_else_does()
    {
        string table = await CreateAsync();
        await using ShardSqlConnection writer = await cluster.Source.OpenConnectionAsync();
        await using ShardSqlConnection reader = await cluster.Source.OpenConnectionAsync();
        await using ShardSqlTransaction transaction = await writer.BeginTransactionAsync();
        await writer.ExecuteAsync($"INSERT INTO {table} VALUES (2, 2), (102, 2), (202, 2)", transaction: transaction);
        Assert.Equal(
            4, await writer.ExecuteAsync($"UPDATE {table} SET n = n + 100 WHERE id < 200", transaction: transaction));
        Assert.Equal(2, await writer.ExecuteAsync($"DELETE FROM {table} WHERE id >= 200", transaction: transaction));
        (int, long)[] mine = [(1, 110), (2, 102), (101, 110), (102, 102)];
        Assert.Equal(mine, await RowsAsync(writer, table, transaction));
        Assert.Equal(102, await writer.ExecuteScalarAsync<long>(
            $"SELECT n FROM {table} WHERE id = 2", transaction: transaction));
        Assert.Equal(
            424, await writer.ExecuteScalarAsync<long>($"SELECT sum(n) FROM {table}", transaction: transaction));
        Assert.Equal([(1, 10), (101, 10), (201, 10)], await RowsAsync(reader, table));
        await transaction.CommitAsync();
        Assert.Equal(mine, await RowsAsync(reader, table));
    }

    [Fact]
    public async Task Rollback_and_dispose_leave_nothing()
    {
        string table = await CreateAsync();
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        foreach (bool explicitly in new[] { true, false })
        {
            await using ShardSqlTransaction transaction = await connection.BeginTransactionAsync();
            await connection.ExecuteAsync(
                $"UPDATE {table} SET n = 0; INSERT INTO {table} VALUES (3, 3)", transaction: transaction);
            if (explicitly)
            {
                await transaction.RollbackAsync();
            }
        }

        await connection.ExecuteAsync($"BEGIN; DELETE FROM {table}; ROLLBACK");
        Assert.Equal([(1, 10), (101, 10), (201, 10)], await RowsAsync(connection, table));
    }

    [Theory]
    [InlineData(IsolationLevel.Serializable)]
    [InlineData(IsolationLevel.Snapshot)]
    public async Task A_snapshot_does_not_move_while_others_commit(IsolationLevel level)
    {
        string table = await CreateAsync();
        await using ShardSqlConnection reader = await cluster.Source.OpenConnectionAsync();
        await using ShardSqlTransaction transaction = await reader.BeginTransactionAsync(level);
        Assert.Equal(
            10, await reader.ExecuteScalarAsync<long>($"SELECT n FROM {table} WHERE id = 1", transaction: transaction));
        await cluster.ExecuteAsync($"UPDATE {table} SET n = n + 1; INSERT INTO {table} VALUES (2, 2), (103, 3)");
        Assert.Equal([(1, 10), (101, 10), (201, 10)], await RowsAsync(reader, table, transaction));
        await transaction.CommitAsync();
        Assert.Equal(38, await reader.ExecuteScalarAsync<long>($"SELECT sum(n) FROM {table}"));
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(1, 101)]
    public async Task Write_skew_is_refused(int left, int right)
    {
        string table = await cluster.CreateSpreadTableAsync();
        await cluster.ExecuteAsync($"INSERT INTO {table} VALUES ({left}, 10), ({right}, 10)");
        await using ShardSqlConnection first = await cluster.Source.OpenConnectionAsync();
        await using ShardSqlConnection second = await cluster.Source.OpenConnectionAsync();
        await using ShardSqlTransaction one = await first.BeginTransactionAsync();
        await using ShardSqlTransaction two = await second.BeginTransactionAsync();
        Assert.Equal(20, await first.ExecuteScalarAsync<long>(
            $"SELECT sum(n) FROM {table} WHERE id IN ({left}, {right})", transaction: one));
        Assert.Equal(20, await second.ExecuteScalarAsync<long>(
            $"SELECT sum(n) FROM {table} WHERE id IN ({left}, {right})", transaction: two));
        await first.ExecuteAsync($"UPDATE {table} SET n = n - 20 WHERE id = {left}", transaction: one);
        await second.ExecuteAsync($"UPDATE {table} SET n = n - 20 WHERE id = {right}", transaction: two);
        await AssertOneIsRefusedAsync(one, two);
        Assert.Equal(0, await cluster.ScalarAsync<long>($"SELECT sum(n) FROM {table}"));
    }

    [Theory]
    [InlineData("n = n + 1")]
    [InlineData("n = 77")]
    public async Task A_lost_update_is_refused(string change)
    {
        string table = await CreateAsync();
        await using ShardSqlConnection first = await cluster.Source.OpenConnectionAsync();
        await using ShardSqlConnection second = await cluster.Source.OpenConnectionAsync();
        await using ShardSqlTransaction one = await first.BeginTransactionAsync();
        await using ShardSqlTransaction two = await second.BeginTransactionAsync();
        foreach ((ShardSqlConnection connection, ShardSqlTransaction transaction) in
            new[] { (first, one), (second, two) })
        {
            await connection.ExecuteScalarAsync<long>($"SELECT n FROM {table} WHERE id = 1", transaction: transaction);
            await connection.ExecuteAsync($"UPDATE {table} SET {change} WHERE id = 1", transaction: transaction);
        }

        ShardSqlException refused = await AssertOneIsRefusedAsync(one, two);
        Assert.NotNull(refused.Reason);
        Assert.True(refused.Pi <= refused.Eta);
    }

    [Theory]
    [InlineData(2, 3)]
    [InlineData(2, 150)]
    public async Task A_phantom_is_refused(int left, int right)
    {
        string table = await CreateAsync();
        await using ShardSqlConnection first = await cluster.Source.OpenConnectionAsync();
        await using ShardSqlConnection second = await cluster.Source.OpenConnectionAsync();
        await using ShardSqlTransaction one = await first.BeginTransactionAsync();
        await using ShardSqlTransaction two = await second.BeginTransactionAsync();
        long seen = await first.ExecuteScalarAsync<long>(
            $"SELECT count(*) FROM {table} WHERE id < 200", transaction: one);
        Assert.Equal(seen, await second.ExecuteScalarAsync<long>(
            $"SELECT count(*) FROM {table} WHERE id < 200", transaction: two));
        await first.ExecuteAsync($"INSERT INTO {table} VALUES ({left}, {seen})", transaction: one);
        await second.ExecuteAsync($"INSERT INTO {table} VALUES ({right}, {seen})", transaction: two);
        await AssertOneIsRefusedAsync(one, two);
        Assert.Equal(3, await cluster.ScalarAsync<long>($"SELECT count(*) FROM {table} WHERE id < 200"));
    }

    [Fact]
    public async Task Both_inserting_one_key_leaves_one_row()
    {
        string table = await cluster.CreateSpreadTableAsync();
        await using ShardSqlConnection first = await cluster.Source.OpenConnectionAsync();
        await using ShardSqlConnection second = await cluster.Source.OpenConnectionAsync();
        await using ShardSqlTransaction one = await first.BeginTransactionAsync();
        await using ShardSqlTransaction two = await second.BeginTransactionAsync();
        await first.ExecuteAsync($"INSERT INTO {table} VALUES (5, 1)", transaction: one);
        await second.ExecuteAsync($"INSERT INTO {table} VALUES (5, 2)", transaction: two);
        await one.CommitAsync();
        var refused = await Assert.ThrowsAsync<ShardSqlException>(() => two.CommitAsync());
        Assert.Contains(refused.SqlState, new[] { "40001", "23505" });
        Assert.Equal(1, await cluster.ScalarAsync<long>($"SELECT n FROM {table}"));
    }

    [Fact]
    public async Task A_read_only_transaction_refuses_writes()
    {
        string table = await CreateAsync();
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        await using (ShardSqlTransaction transaction = await connection.BeginTransactionAsync(IsolationLevel.Snapshot))
        {
            var refused = await Assert.ThrowsAsync<ShardSqlException>(
                () => connection.ExecuteAsync($"UPDATE {table} SET n = 0", transaction: transaction));
            Assert.Equal("25006", refused.SqlState);
        }

        var text = await Assert.ThrowsAsync<ShardSqlException>(
            () => cluster.ExecuteAsync($"BEGIN READ ONLY; DELETE FROM {table}; COMMIT"));
        Assert.Equal("25006", text.SqlState);
        Assert.Equal([(1, 10), (101, 10), (201, 10)], await RowsAsync(connection, table));
    }

    [Fact]
    public async Task Disjoint_transactions_both_commit()
    {
        string table = await CreateAsync();
        await using ShardSqlConnection first = await cluster.Source.OpenConnectionAsync();
        await using ShardSqlConnection second = await cluster.Source.OpenConnectionAsync();
        await using ShardSqlTransaction one = await first.BeginTransactionAsync();
        await using ShardSqlTransaction two = await second.BeginTransactionAsync();
        await first.ExecuteAsync($"UPDATE {table} SET n = n + 1 WHERE id = 1", transaction: one);
        await second.ExecuteAsync($"UPDATE {table} SET n = n + 1 WHERE id = 101", transaction: two);
        await first.ExecuteAsync($"INSERT INTO {table} VALUES (250, 1)", transaction: one);
        await second.ExecuteAsync($"INSERT INTO {table} VALUES (251, 1)", transaction: two);
        await one.CommitAsync();
        await two.CommitAsync();
        Assert.Equal(34, await cluster.ScalarAsync<long>($"SELECT sum(n) FROM {table}"));
    }

    private static async Task<ShardSqlException> AssertOneIsRefusedAsync(
        ShardSqlTransaction one, ShardSqlTransaction two)
    {
        await one.CommitAsync();
        var refused = await Assert.ThrowsAsync<ShardSqlException>(() => two.CommitAsync());
        Assert.True(refused.SqlState == "40001", $"{refused.SqlState}: {refused.Message}");
        Assert.True(refused.IsTransient);
        Assert.Equal(ShardSqlOutcome.RolledBack, refused.Outcome);
        return refused;
    }

    private static Task<IEnumerable<(int Id, long N)>> RowsAsync(
        ShardSqlConnection connection, string table, ShardSqlTransaction? transaction = null) =>
        connection.QueryAsync<(int Id, long N)>($"SELECT id, n FROM {table} ORDER BY id", transaction: transaction);

    private async Task<string> CreateAsync()
    {
        string table = await cluster.CreateSpreadTableAsync();
        await cluster.ExecuteAsync($"INSERT INTO {table} VALUES (1, 10), (101, 10), (201, 10)");
        return table;
    }
}
