using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using Dapper;
using Xunit;

namespace ShardSql.Data.Tests.Cluster;

/// <summary>ALTER TABLE over rows that are there already.</summary>
[Collection(ClusterCollection.Name)]
public sealed class AlterTableTests(ClusterFixture cluster)
{
    [Fact]
    public async Task Added_columns_hold_their_default_in_rows_from_before()
    {
        string table = await FilledAsync();
        await cluster.ExecuteAsync(
            $"ALTER TABLE {table} ADD COLUMN note text NOT NULL DEFAULT 'old', ADD weight decimal(6, 2) CHECK (weight > 0)");
        await cluster.ExecuteAsync($"INSERT INTO {table} (id, weight) VALUES (4, 1.5)");
        await cluster.ExecuteAsync($"ALTER TABLE {table} ALTER note SET DEFAULT 'newer'");
        await cluster.ExecuteAsync($"INSERT INTO {table} (id) VALUES (5)");
        await cluster.ExecuteAsync($"UPDATE {table} SET n = n + 1 WHERE id = 150");
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        (int, long, string, decimal?)[] rows = [.. await connection.QueryAsync<(int, long, string, decimal?)>(
            $"SELECT * FROM {table} ORDER BY id")];

        Assert.Equal(
            [
                (1, 10, "old", null),
                (4, 0, "old", 1.5m),
                (5, 0, "newer", null),
                (150, 16, "old", null),
                (250, 25, "old", null),
            ],
            rows);
        Assert.Equal("23514", await StateOfAsync($"UPDATE {table} SET weight = -1 WHERE id = 1"));
        Assert.Equal("23502", await StateOfAsync($"UPDATE {table} SET note = NULL WHERE id = 1"));
    }

    [Fact]
    public async Task A_dropped_column_does_not_come_back_under_its_name()
    {
        string table = await FilledAsync();
        await cluster.ExecuteAsync($"ALTER TABLE {table} ADD a int DEFAULT 7");
        await cluster.ExecuteAsync($"UPDATE {table} SET a = 8 WHERE id = 1");
        await cluster.ExecuteAsync($"ALTER TABLE {table} DROP COLUMN a");
        Assert.Equal("42703", await StateOfAsync($"SELECT a FROM {table}"));
        await cluster.ExecuteAsync($"ALTER TABLE {table} ADD a int");
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();

        Assert.Equal([null, null, null], await connection.QueryAsync<int?>($"SELECT a FROM {table}"));
        await connection.ExecuteAsync($"UPDATE {table} SET a = id");
        Assert.Equal(401, await connection.ExecuteScalarAsync<int>($"SELECT sum(a) FROM {table}"));
    }

    [Fact]
    public async Task Statements_prepared_before_a_change_see_the_table_after_it()
    {
        string table = await FilledAsync();
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        string text = $"SELECT * FROM {table} WHERE id = @id";
        for (int i = 0; i < 3; i++)
        {
            await connection.QueryAsync(text, new { id = 1 });
        }

        await cluster.ExecuteAsync($"ALTER TABLE {table} RENAME n TO amount, ADD late date DEFAULT '2026-01-02'");
        var row = (IDictionary<string, object>)await connection.QuerySingleAsync(text, new { id = 1 });

        Assert.Equal(["id", "amount", "late"], row.Keys);
        Assert.Equal(10L, row["amount"]);
    }

    [Fact]
    public async Task What_rows_violate_cannot_be_added()
    {
        string table = await FilledAsync();
        await cluster.ExecuteAsync($"ALTER TABLE {table} ADD a int");
        Assert.Equal("23502", await StateOfAsync($"ALTER TABLE {table} ALTER COLUMN a SET NOT NULL"));
        Assert.Equal("23502", await StateOfAsync($"ALTER TABLE {table} ADD b int NOT NULL"));
        Assert.Equal("23514", await StateOfAsync($"ALTER TABLE {table} ADD CONSTRAINT few CHECK (n < 20)"));
        Assert.Equal("23514", await StateOfAsync($"ALTER TABLE {table} ADD c int DEFAULT 1 CHECK (c > n)"));
        await cluster.ExecuteAsync($"UPDATE {table} SET a = 1");
        await cluster.ExecuteAsync($"DELETE FROM {table} WHERE n > 20");
        await cluster.ExecuteAsync(
            $"ALTER TABLE {table} ALTER a SET NOT NULL, ADD CONSTRAINT few CHECK (n < 20), ALTER n DROP NOT NULL");

        Assert.Equal("23514", await StateOfAsync($"UPDATE {table} SET n = 20"));
        Assert.Equal("23502", await StateOfAsync($"UPDATE {table} SET a = NULL"));
        await cluster.ExecuteAsync($"ALTER TABLE {table} DROP CONSTRAINT few, ALTER a DROP NOT NULL");
        await cluster.ExecuteAsync($"UPDATE {table} SET n = NULL, a = NULL");
    }

    [Fact]
    public async Task A_renamed_table_keeps_its_rows_and_checks()
    {
        string table = await cluster.CreateTableAsync("(id int PRIMARY KEY, n int CHECK (n > 0))");
        await cluster.ExecuteAsync($"INSERT INTO {table} VALUES (1, 1)");
        string renamed = cluster.NewName("renamed");
        await cluster.ExecuteAsync($"ALTER TABLE {table} RENAME TO {renamed}");

        Assert.Equal("42P01", await StateOfAsync($"SELECT * FROM {table}"));
        Assert.Equal(1, await cluster.ScalarAsync<int>($"SELECT n FROM {renamed}"));
        Assert.Equal("23514", await StateOfAsync($"INSERT INTO {renamed} VALUES (2, 0)"));
        await cluster.ExecuteAsync($"CREATE TABLE {table} (id int PRIMARY KEY)");
    }

    [Theory]
    [InlineData("LOCAL")]
    [InlineData("GLOBAL")]
    public async Task Indexes_follow_their_columns(string scope)
    {
        string table = await FilledAsync();
        await cluster.ExecuteAsync($"ALTER TABLE {table} ADD a int DEFAULT 7, ADD b int, ADD c int DEFAULT 3");
        await cluster.ExecuteAsync($"UPDATE {table} SET b = id + 1");
        await cluster.ExecuteAsync($"CREATE INDEX {table}_b ON {table} (b) {scope} STORING (c)");
        Assert.Equal("2BP01", await StateOfAsync($"ALTER TABLE {table} DROP COLUMN b"));
        Assert.Equal("2BP01", await StateOfAsync($"ALTER TABLE {table} DROP COLUMN c"));

        string renamed = cluster.NewName("renamed");
        await cluster.ExecuteAsync($"ALTER TABLE {table} DROP COLUMN a, RENAME b TO key, RENAME c TO kept");
        await cluster.ExecuteAsync($"ALTER TABLE {table} RENAME TO {renamed}");
        await cluster.ExecuteAsync($"INSERT INTO {renamed} (id, n, key) VALUES (4, 1, 5)");
        await cluster.ExecuteAsync($"UPDATE {renamed} SET key = 152, kept = 9 WHERE id = 150");
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();

        string plan = string.Join('\n', await connection.QueryAsync<string>(
            $"EXPLAIN SELECT id, kept FROM {renamed} WHERE key = 152"));
        Assert.Contains($"index {table}_b", plan, StringComparison.Ordinal);
        Assert.Empty(await connection.QueryAsync($"SELECT id, kept FROM {renamed} WHERE key = 151"));
        Assert.Equal(
            [(4, 3), (150, 9)],
            await connection.QueryAsync<(int, int)>($"SELECT id, kept FROM {renamed} WHERE key IN (5, 152) ORDER BY id"));
        Assert.Equal(
            [(4, 1L)], await connection.QueryAsync<(int, long)>($"SELECT id, n FROM {renamed} WHERE key = 5"));
        await cluster.ExecuteAsync($"DROP INDEX {table}_b");
        await cluster.ExecuteAsync($"ALTER TABLE {renamed} DROP COLUMN key");
    }

    [Fact]
    public async Task A_unique_constraint_can_be_dropped()
    {
        string table = await cluster.CreateTableAsync(
            "(id int PRIMARY KEY, part int, a int, CONSTRAINT far UNIQUE (a), CONSTRAINT near UNIQUE (id, part))");
        await cluster.ExecuteAsync($"INSERT INTO {table} VALUES (1, 1, 1)");
        Assert.Equal("2BP01", await StateOfAsync($"ALTER TABLE {table} DROP COLUMN a"));
        Assert.Equal("42710", await StateOfAsync($"ALTER TABLE {table} ADD CONSTRAINT far CHECK (a > 0)"));
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        Assert.Equal(
            ["far", "near"],
            await connection.QueryAsync<string>(
                "SELECT constraint_name FROM information_schema.table_constraints "
                + $"WHERE table_name = '{table}' AND constraint_type = 'UNIQUE' ORDER BY constraint_name"));
        await cluster.ExecuteAsync($"ALTER TABLE {table} RENAME a TO value");
        ShardSqlException taken = await Assert.ThrowsAsync<ShardSqlException>(
            () => cluster.ExecuteAsync($"INSERT INTO {table} VALUES (2, 1, 1)"));
        Assert.Equal("23505", taken.SqlState);
        Assert.Contains("(value)", taken.Detail, StringComparison.Ordinal);

        await cluster.ExecuteAsync($"ALTER TABLE {table} DROP CONSTRAINT far, DROP CONSTRAINT near");
        await cluster.ExecuteAsync($"INSERT INTO {table} VALUES (2, 1, 1)");
        await cluster.ExecuteAsync($"ALTER TABLE {table} DROP COLUMN value, DROP COLUMN part");
        Assert.Equal(2, await cluster.ScalarAsync<long>($"SELECT count(*) FROM {table}"));
    }

    [Fact]
    public async Task What_cannot_be_changed_says_why()
    {
        string table = await FilledAsync();
        string view = cluster.NewName("v");
        await cluster.ExecuteAsync($"CREATE VIEW {view} AS SELECT n FROM {table}");

        Assert.Equal("2BP01", await StateOfAsync($"ALTER TABLE {table} DROP COLUMN n"));
        Assert.Equal("2BP01", await StateOfAsync($"ALTER TABLE {table} RENAME TO {cluster.NewName()}"));
        Assert.Equal("0A000", await StateOfAsync($"ALTER TABLE {table} DROP COLUMN id"));
        Assert.Equal("0A000", await StateOfAsync($"ALTER TABLE {table} ADD u uuid DEFAULT gen_random_uuid()"));
        Assert.Equal("0A000", await StateOfAsync($"ALTER TABLE {table} ENABLE PREFETCH"));
        Assert.Equal("0A000", await StateOfAsync($"ALTER TABLE {table} ADD u int UNIQUE"));
        Assert.Equal("0A000", await StateOfAsync($"ALTER TABLE {table} ADD PRIMARY KEY (n)"));
        Assert.Equal("42703", await StateOfAsync($"ALTER TABLE {table} DROP COLUMN nothing"));
        Assert.Equal("42701", await StateOfAsync($"ALTER TABLE {table} ADD n int"));
        Assert.Equal("42809", await StateOfAsync($"ALTER TABLE {view} ADD x int"));
        await cluster.ExecuteAsync($"ALTER TABLE {table} ADD COLUMN IF NOT EXISTS n int, DROP COLUMN IF EXISTS nothing");
        await cluster.ExecuteAsync($"ALTER TABLE IF EXISTS {cluster.NewName("gone")} ADD x int");
    }

    [Fact]
    public async Task Columns_come_while_rows_are_written()
    {
        string table = await FilledAsync();
        Task[] writers = [.. Enumerable.Range(0, 4).Select(async writer =>
        {
            await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
            for (int i = 0; i < 25; i++)
            {
                await connection.ExecuteAsync(
                    $"INSERT INTO {table} (id, n) VALUES (@id, 1)", new { id = 1_000 + (writer * 100) + i });
            }
        })];
        for (int i = 0; i < 5; i++)
        {
            await cluster.ExecuteAsync($"ALTER TABLE {table} ADD c{i} int NOT NULL DEFAULT {i}");
        }

        await Task.WhenAll(writers);
        Assert.Equal(
            103 * (0 + 1 + 2 + 3 + 4),
            await cluster.ScalarAsync<int>($"SELECT sum(c0 + c1 + c2 + c3 + c4) FROM {table}"));
    }

    private async Task<string> FilledAsync()
    {
        string table = await cluster.CreateSpreadTableAsync();
        await cluster.ExecuteAsync($"INSERT INTO {table} (id, n) VALUES (1, 10), (150, 15), (250, 25)");
        return table;
    }

    private async Task<string?> StateOfAsync(string text) =>
        (await Assert.ThrowsAsync<ShardSqlException>(() => cluster.ExecuteAsync(text))).SqlState;
}
