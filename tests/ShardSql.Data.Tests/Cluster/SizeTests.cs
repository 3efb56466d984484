using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using Dapper;
using Xunit;

namespace ShardSql.Data.Tests.Cluster;

/// <summary>
/// Large values, large transactions, statements over many rows: done, or refused with nothing written.
/// </summary>
[Collection(ClusterCollection.Name)]
public sealed class SizeTests(ClusterFixture cluster)
{
    [Fact]
    public async Task Values_of_a_megabyte_go_to_storage_and_back()
    {
        const int Rows = 6;
        string table = await cluster.CreateTableAsync("(id integer PRIMARY KEY, s text, b bytes)");
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        byte[] bytes = new byte[1 << 20];
        new Random(1).NextBytes(bytes);
        string text = string.Concat(Enumerable.Repeat("0123456789abcdeé", 1 << 16));
        for (int id = 0; id < Rows; id++)
        {
            Assert.Equal(1, await connection.ExecuteAsync(
                $"INSERT INTO {table} VALUES (@id, @text, @bytes)", new { id, text, bytes }));
        }

        int read = 0;
        IEnumerable<(int, string, byte[])> rows = connection.Query<(int, string, byte[])>(
            $"SELECT * FROM {table} ORDER BY id", buffered: false);
        foreach ((int id, string s, byte[] b) in rows)
        {
            Assert.Equal(read++, id);
            Assert.Equal(text, s);
            Assert.Equal(bytes, b);
        }

        Assert.Equal(Rows, read);
    }

    [Fact]
    public async Task A_value_beyond_the_message_limit_is_refused()
    {
        string table = await cluster.CreateTableAsync("(id integer PRIMARY KEY, b bytes)");
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        var refused = await Assert.ThrowsAsync<ShardSqlException>(
            () => connection.ExecuteAsync(
                $"INSERT INTO {table} VALUES (1, @bytes)", new { bytes = new byte[9 << 20] }));
        Assert.Equal("54000", refused.SqlState);
        Assert.Equal(0, await connection.ExecuteScalarAsync<long>($"SELECT count(*) FROM {table}"));
    }

    [Fact]
    public async Task A_transaction_beyond_its_buffer_is_refused_with_the_limit_and_writes_nothing()
    {
        string table = await cluster.CreateTableAsync("(id integer PRIMARY KEY, b bytes) SINGLE");
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        await using (ShardSqlTransaction transaction = await connection.BeginTransactionAsync())
        {
            var refused = await Assert.ThrowsAsync<ShardSqlException>(async () =>
            {
                for (int id = 0; id < 200; id++)
                {
                    byte[] bytes = new byte[1 << 20];
                    string text = $"INSERT INTO {table} VALUES (@id, @bytes)";
                    await connection.ExecuteAsync(text, new { id, bytes }, transaction);
                }
            });
            Assert.Contains(refused.SqlState, new[] { "54000", "53200" });
            Assert.Matches("[0-9]{4,}", refused.Message);
        }

        Assert.Equal(0, await connection.ExecuteScalarAsync<long>($"SELECT count(*) FROM {table}"));
    }

    [Fact]
    public async Task A_transaction_of_many_statements_and_rows_commits_on_all_shards()
    {
        const int Statements = 60;
        const int RowsEach = 300;
        string table = await cluster.CreateTableAsync("(id integer PRIMARY KEY, n integer)");
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        await using (ShardSqlTransaction transaction = await connection.BeginTransactionAsync())
        {
            for (int i = 0; i < Statements; i++)
            {
                string rows = string.Join(", ", Enumerable.Range(i * RowsEach, RowsEach).Select(id => $"({id}, {i})"));
                Assert.Equal(RowsEach, await connection.ExecuteAsync(
                    $"INSERT INTO {table} VALUES {rows}", transaction: transaction));
            }

            Assert.Equal(Statements * RowsEach, await connection.ExecuteScalarAsync<long>(
                $"SELECT count(*) FROM {table}", transaction: transaction));
            await transaction.CommitAsync();
        }

        Assert.Equal(Statements * RowsEach, await cluster.ScalarAsync<long>($"SELECT count(*) FROM {table}"));
        Assert.Equal(Statements * RowsEach, await connection.ExecuteAsync($"UPDATE {table} SET n = n + 1"));
        Assert.Equal(Statements * RowsEach / 2, await connection.ExecuteAsync($"DELETE FROM {table} WHERE id % 2 = 0"));
        Assert.Equal(
            Enumerable.Range(0, Statements).Sum(i => (i + 1) * (long)RowsEach / 2),
            await connection.ExecuteScalarAsync<long>($"SELECT sum(n) FROM {table}"));
    }

    [Theory]
    [InlineData("INSERT INTO {0} VALUES (2, 2); UPDATE {0} SET n = n / 0")]
    [InlineData("UPDATE {0} SET n = 5; INSERT INTO {0} VALUES (150, 1), (1, 1)")]
    [InlineData("BEGIN; DELETE FROM {0}; SELECT 1 / 0; COMMIT")]
    public async Task A_text_of_several_statements_that_fails_leaves_nothing(string text)
    {
        string table = await cluster.CreateSpreadTableAsync();
        await cluster.ExecuteAsync($"INSERT INTO {table} VALUES (1, 1), (101, 1)");
        await using (ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync())
        {
            await Assert.ThrowsAsync<ShardSqlException>(
                () => connection.ExecuteAsync(text.Replace("{0}", table, StringComparison.Ordinal)));
        }

        await using ShardSqlConnection next = await cluster.Source.OpenConnectionAsync();
        Assert.Equal((2, 2), await next.QuerySingleAsync<(long, long)>($"SELECT count(*), sum(n) FROM {table}"));
    }
}
