using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using Dapper;
using Xunit;

namespace ShardSql.Data.Tests.Cluster;

/// <summary>The tables of the schemas shard and information_schema are relations like any other.</summary>
[Collection(ClusterCollection.Name)]
public sealed class SystemTableTests(ClusterFixture cluster)
{
    private const int LooksMax = 5_000;

    [Fact]
    public async Task Show_with_clauses_gives_what_the_select_gives()
    {
        string table = await cluster.CreateSpreadTableAsync();
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        string[] shown =
            [.. (await connection.QueryAsync($"SHOW SEGMENTS WHERE tables = '{table}' ORDER BY segment DESC LIMIT 2"))
                .Select(static row => (string)row.segment)];
        IEnumerable<string> selected = await connection.QueryAsync<string>(
            $"SELECT segment FROM shard.segments WHERE tables = '{table}' ORDER BY segment DESC LIMIT 2");

        Assert.Equal(2, shown.Length);
        Assert.Equal(selected, shown);
    }

    [Fact]
    public async Task System_tables_join_with_each_other_and_with_tables_of_users()
    {
        string table = await cluster.CreateSpreadTableAsync();
        await cluster.ExecuteAsync($"INSERT INTO {table} (id, n) VALUES (1, 3), (150, 2)");
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        (string, long)[] grouped = [.. await connection.QueryAsync<(string, long)>(
            "SELECT r.role, count(*) FROM shard.replicas r JOIN shard.shards s ON s.shard = r.shard "
            + "WHERE s.shard IN (SELECT shard FROM shard.segments WHERE tables = @table) GROUP BY r.role ORDER BY 1",
            new { table })];
        Assert.Equal([("follower", 6), ("leader", 3)], grouped);

        int columns = await connection.ExecuteScalarAsync<int>(
            $"SELECT count(*) FROM {table} t JOIN information_schema.columns c ON c.ordinal_position = t.n "
            + "WHERE c.table_name = @table",
            new { table });
        Assert.Equal(1, columns);
    }

    [Fact]
    public async Task A_view_of_a_system_table_reads_it()
    {
        string table = await cluster.CreateSpreadTableAsync();
        string view = cluster.NewName("v");
        await cluster.ExecuteAsync(
            $"CREATE VIEW {view} (name, parts) AS SELECT table_name, segments FROM shard.tables");

        Assert.Equal(3, await cluster.ScalarAsync<int>($"SELECT parts FROM {view} WHERE name = @table", new { table }));
        Assert.Equal(
            "SELECT table_name, segments FROM shard.tables",
            await cluster.ScalarAsync<string>(
                "SELECT view_definition FROM information_schema.views WHERE table_name = @view", new { view }));
    }

    [Fact]
    public async Task Information_schema_describes_columns_and_constraints()
    {
        string table = await cluster.CreateTableAsync(
            "(a integer, b varchar(20) NOT NULL DEFAULT 'x', c decimal(10, 2) CHECK (c > 0), PRIMARY KEY (b, a))");
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        (string, string, string, string?, int?)[] columns =
            [.. await connection.QueryAsync<(string, string, string, string?, int?)>(
            "SELECT column_name, data_type, is_nullable, column_default, coalesce(character_maximum_length, "
            + "numeric_precision) FROM information_schema.columns WHERE table_name = @table ORDER BY ordinal_position",
            new { table })];
        Assert.Equal(
            [
                ("a", "integer", "NO", null, 32),
                ("b", "character varying", "NO", "'x'", 20),
                ("c", "numeric", "YES", null, 10),
            ],
            columns);
        IEnumerable<string> key = await connection.QueryAsync<string>(
            "SELECT k.column_name FROM information_schema.table_constraints t JOIN information_schema.key_column_usage k "
            + "USING (constraint_name, table_name) WHERE t.constraint_type = 'PRIMARY KEY' AND table_name = @table "
            + "ORDER BY k.ordinal_position",
            new { table });
        Assert.Equal(["b", "a"], key);
        Assert.Equal(
            "c > 0",
            await connection.ExecuteScalarAsync<string>(
                "SELECT check_clause FROM information_schema.check_constraints WHERE constraint_name = @name",
                new { name = table + "_c_check" }));
    }

    [Fact]
    public async Task Sessions_and_transactions_show_who_is_there()
    {
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        await using ShardSqlTransaction transaction = await connection.BeginTransactionAsync();
        dynamic row = await connection.QuerySingleAsync(
            "SELECT t.state, t.snapshot, s.client, s.running FROM shard.transactions t "
            + "JOIN shard.sessions s ON s.session_id = t.session_id WHERE s.running",
            transaction: transaction);

        Assert.Equal("in transaction", (string)row.state);
        Assert.StartsWith("ShardSql.Data", (string)row.client, StringComparison.Ordinal);
        Assert.Contains('@', (string)row.snapshot);
        await transaction.RollbackAsync();
    }

    [Fact]
    public async Task Statements_that_run_again_are_counted()
    {
        string table = await cluster.CreateSpreadTableAsync();
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        for (int i = 0; i < 5; i++)
        {
            await connection.ExecuteAsync($"INSERT INTO {table} (id, n) VALUES (@i, 1)", new { i });
            await connection.QueryAsync($"SELECT sum(n) FROM {table}");
        }

        (long Calls, double Single, double Shards, double P50, double P99, string Plan)[] seen =
            [.. await connection.QueryAsync<(long, double, double, double, double, string)>(
                "SELECT calls, single_shard_pct, shards_avg, p50_ms, p99_ms, last_plan FROM shard.statements "
                + $"WHERE digest LIKE '%{table}%' ORDER BY shards_avg")];
        Assert.Equal([(100.0, 1.0), (0.0, 3.0)], seen.Select(static s => (s.Single, s.Shards)));
        Assert.All(seen, static s =>
        {
            // The first run of a statement is not counted, unless it was planned twice.
            Assert.InRange(s.Calls, 4, 5);
            Assert.True(s.P50 > 0 && s.P50 <= s.P99);
        });
        Assert.Equal(["SINGLE-SHARD, by key", "CROSS-SHARD (3 shards), by ranges"], seen.Select(static s => s.Plan));
    }

    [Fact]
    public async Task Conflicts_name_key_and_both_transactions()
    {
        string table = await cluster.CreateSpreadTableAsync();
        await cluster.ExecuteAsync($"INSERT INTO {table} (id, n) VALUES (1, 0)");
        await using ShardSqlConnection first = await cluster.Source.OpenConnectionAsync();
        await using ShardSqlConnection second = await cluster.Source.OpenConnectionAsync();
        string text = $"UPDATE {table} SET n = n + 1 WHERE id = 1";
        await second.ExecuteAsync(text);
        await using ShardSqlTransaction transaction = await first.BeginTransactionAsync();
        await first.ExecuteAsync(text, transaction: transaction);
        await second.ExecuteAsync(text);
        ShardSqlException refused =
            await Assert.ThrowsAsync<ShardSqlException>(async () => await transaction.CommitAsync());
        Assert.Equal("40001", refused.SqlState);

        dynamic row = await second.QueryFirstAsync(
            "SELECT * FROM shard.conflicts WHERE \"table\" = @table ORDER BY time DESC", new { table });
        Assert.Equal(("40001", "window", table, "(1)"), ((string)row.sqlstate, (string)row.reason, (string)row.table, (string)row.key));
        Assert.NotEqual((string)row.my_txn, (string)row.other_txn);
        Assert.Contains("UPDATE " + table, (string)row.other_statement, StringComparison.Ordinal);
        Assert.NotNull((string)row.pi);
    }

    [Fact]
    public async Task What_is_not_shown_yet_is_refused_with_what_is()
    {
        ShardSqlException unknown =
            await Assert.ThrowsAsync<ShardSqlException>(() => cluster.ExecuteAsync("SHOW BACKUPS"));
        Assert.Equal(("0A000", 6), (unknown.SqlState, unknown.Position));
        ShardSqlException written = await Assert.ThrowsAsync<ShardSqlException>(
            () => cluster.ExecuteAsync("DELETE FROM information_schema.tables"));
        Assert.Equal("42501", written.SqlState);
    }

    [Theory]
    [InlineData("cluster", "shards")]
    [InlineData("nodes", "led_shards")]
    [InlineData("shards", "versions")]
    [InlineData("replicas", "address")]
    [InlineData("segments", "applied_slot")]
    public async Task Details_add_columns_to_the_same_rows(string what, string column)
    {
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        using var plain = new System.Data.DataTable();
        using var detailed = new System.Data.DataTable();
        plain.Load(await connection.ExecuteReaderAsync($"SHOW {what}"));

        // Right after the start not every node has been heard of.
        int look = 0;
        do
        {
            detailed.Reset();
            detailed.Load(await connection.ExecuteReaderAsync($"SHOW {what} WITH DETAILS WHERE NOT unreachable ORDER BY {column} LIMIT 1000"));
        }
        while (++look < LooksMax && detailed.Rows.Count < plain.Rows.Count);

        Assert.Equal(plain.Rows.Count, detailed.Rows.Count);
        Assert.Equal(
            plain.Columns.Cast<System.Data.DataColumn>().Select(c => c.ColumnName),
            detailed.Columns.Cast<System.Data.DataColumn>().Select(c => c.ColumnName).Take(plain.Columns.Count));
        Assert.Contains(column, detailed.Columns.Cast<System.Data.DataColumn>().Select(c => c.ColumnName));
        Assert.DoesNotContain(System.DBNull.Value, detailed.Rows.Cast<System.Data.DataRow>().Select(r => r[column]));
    }

    [Fact]
    public async Task What_has_no_details_says_what_has()
    {
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        ShardSqlException error = await Assert.ThrowsAsync<ShardSqlException>(
            () => connection.ExecuteAsync("SHOW SESSIONS WITH DETAILS"));
        Assert.Equal(("0A000", "Nodes know more of CLUSTER, NODES, REPLICAS, SEGMENTS, SHARDS."), (error.SqlState, error.Hint));
    }
}
