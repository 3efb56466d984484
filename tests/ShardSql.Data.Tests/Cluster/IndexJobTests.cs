using System;
using System.Globalization;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Dapper;
using ShardSql.Gateway;
using ShardSql.Protocol;
using Xunit;

namespace ShardSql.Data.Tests.Cluster;

/// <summary>Jobs that build indexes: who dies leaves them to others, and who cancels them gets what was there
/// before.</summary>
[Collection(JobCollection.Name)]
public sealed class IndexJobTests(ClusterFixture cluster)
{
    private const int Rows = 8_000;
    private const int FewerRows = 3_000;
    private const int RowsAtOnce = 1_000;

    [Theory]
    [InlineData("INDEX", "LOCAL")]
    [InlineData("UNIQUE INDEX", "GLOBAL")]
    public async Task A_job_whose_gateway_stops_is_finished_by_another(string kind, string scope)
    {
        string table = await FilledTableAsync();
        string name = "dying-" + Guid.NewGuid().ToString("N");
        GatewayServer dying = SharedStorage.CreateGateway(cluster.Cluster);
        await dying.StartAsync(CancellationToken.None);
        InProcessEndpoints.Register(name, dying);
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        long job;
        await using (ShardSqlDataSource source = ShardSqlDataSource.Create($"Server=inproc:{name}"))
        {
            await using ShardSqlConnection other = await source.OpenConnectionAsync();
            job = await other.ExecuteScalarAsync<long>($"CREATE {kind} {table}_a ON {table} (a) {scope} WITH (wait = '0s', throttle = '20kB/s')");
            while (await connection.ExecuteScalarAsync<long>($"SELECT rows_copied FROM shard.jobs WHERE job_id = {job}") == 0)
            {
                // The first batch is on its way.
            }
        }

        await dying.DisposeAsync();
        InProcessEndpoints.Unregister(name);
        Assert.Equal("running", await connection.ExecuteScalarAsync<string>($"SELECT state FROM shard.jobs WHERE job_id = {job}"));
        await connection.ExecuteAsync($"UPDATE {table} SET a = -a WHERE id % 100 = 1; ALTER JOB {job} SET (throttle = 'unlimited')");
        string state = (await connection.QueryAsync<(long, string, string, string, string)>($"WAIT JOB {job} TIMEOUT '60s'")).Single().Item3;
        Assert.Equal("succeeded", state);
        Assert.Equal(Rows, await connection.ExecuteScalarAsync<long>($"SELECT rows_copied FROM shard.jobs WHERE job_id = {job}"));
        foreach (int a in new[] { 0, 1, -1, 77, -101, 101, Rows - 1, Rows })
        {
            Assert.Equal(
                a < Rows && (Math.Abs(a) % 100 == 1) == (a < 0) ? 1 : 0,
                await connection.ExecuteScalarAsync<long>($"SELECT count(*) FROM {table} WHERE a = {a}"));
        }
    }

    [Theory]
    [InlineData("LOCAL")]
    [InlineData("GLOBAL")]
    public async Task A_job_that_is_cancelled_takes_its_index_back(string scope)
    {
        string table = await FilledTableAsync();
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        long job = await connection.ExecuteScalarAsync<long>(
            $"CREATE INDEX {table}_a ON {table} (a) {scope} WITH (wait = '0s', throttle = '20kB/s')");
        Assert.Equal("cancelling", (await connection.QueryAsync<(long, string, string)>($"CANCEL JOB {job}")).Single().Item3);
        Assert.Equal("cancelled", (await connection.QueryAsync<(long, string, string)>($"WAIT JOB {job} TIMEOUT '60s'")).Single().Item3);
        Assert.Equal(0, await connection.ExecuteScalarAsync<long>($"SELECT count(*) FROM shard.indexes WHERE table_name = '{table}'"));
        Assert.Equal(1, await connection.ExecuteAsync($"INSERT INTO {table} VALUES ({Rows}, {Rows})"));
        await connection.ExecuteAsync($"CREATE INDEX {table}_a ON {table} (a) {scope}");
        Assert.Equal(1, await connection.ExecuteScalarAsync<long>($"SELECT count(*) FROM {table} WHERE a = {Rows}"));
    }

    // Entries are younger than the rows that they are of.
    [Theory]
    [InlineData("LOCAL", "BEGIN READ ONLY", "{0}")]
    [InlineData("GLOBAL", "BEGIN TRANSACTION", "{0}")]
    [InlineData("GLOBAL", "BEGIN READ ONLY", "BEGIN; {0}; COMMIT")]
    public async Task An_index_is_not_read_at_a_snapshot_from_before_it(string scope, string begin, string build)
    {
        string table = await FilledTableAsync();
        await using ShardSqlConnection reader = await cluster.Source.OpenConnectionAsync();
        await using ShardSqlConnection other = await cluster.Source.OpenConnectionAsync();
        await reader.ExecuteAsync(begin);
        Assert.Equal(7, await reader.ExecuteScalarAsync<int>($"SELECT a FROM {table} WHERE id = 7"));
        await other.ExecuteAsync(string.Format(
            CultureInfo.InvariantCulture, build, $"CREATE INDEX {table}_a ON {table} (a) {scope}"));
        string explained = $"EXPLAIN SELECT id FROM {table} WHERE a = 8";
        Assert.Equal(8, await reader.ExecuteScalarAsync<int>($"SELECT id FROM {table} WHERE a = 8"));
        Assert.DoesNotContain(await reader.QueryAsync<string>(explained), line => line.Contains($"{table}_a", StringComparison.Ordinal));
        await reader.ExecuteAsync("COMMIT");
        Assert.Equal(8, await reader.ExecuteScalarAsync<int>($"SELECT id FROM {table} WHERE a = 8"));
        Assert.Contains(await reader.QueryAsync<string>(explained), line => line.Contains($"{table}_a", StringComparison.Ordinal));
    }

    // What has moved away is still there, as it was.
    [Theory]
    [InlineData("LOCAL")]
    [InlineData("GLOBAL")]
    public async Task Rows_that_a_move_left_behind_get_no_entries(string scope)
    {
        string table = await cluster.CreateSpreadTableAsync();
        await cluster.ExecuteAsync($"INSERT INTO {table} VALUES (1, 10), (2, 20), (150, 30)");
        string segment = (await cluster.ScalarAsync<string>(
            $"SELECT segment FROM shard.segments WHERE tables LIKE '{table}%' AND from_key IS NULL"))!;
        foreach (int shard in new[] { 3, 2 })
        {
            await cluster.ExecuteAsync($"MOVE SEGMENT '{segment}' TO SHARD {shard}; UPDATE {table} SET n = n + 1 WHERE id = 1");
        }

        await cluster.ExecuteAsync($"CREATE INDEX {table}_n ON {table} (n) {scope}");
        Assert.Equal(
            3, await cluster.ScalarAsync<long>($"SELECT rows_copied FROM shard.jobs WHERE kind = 'CREATE INDEX' AND target LIKE '%{table}'"));
        Assert.Equal((long[])[12, 20, 30], await ByIndexAsync(table));
    }

    [Fact]
    public async Task A_build_is_throttled_paused_and_resumed()
    {
        string table = await FilledTableAsync(FewerRows);
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        long job = await connection.ExecuteScalarAsync<long>(
            $"CREATE INDEX {table}_a ON {table} (a) GLOBAL WITH (wait = '0s', throttle = '1kB/s')");
        long copied = 0;
        while (copied == 0)
        {
            copied = await connection.ExecuteScalarAsync<long>($"SELECT rows_copied FROM shard.jobs WHERE job_id = {job}");
        }

        Assert.Equal("paused", (await connection.QueryAsync<(long, string, string)>($"PAUSE JOB {job}")).Single().Item3);
        Assert.Equal("1kB/s", await connection.ExecuteScalarAsync<string>($"SELECT throttle FROM shard.jobs WHERE job_id = {job}"));
        Assert.InRange(await connection.ExecuteScalarAsync<int>($"SELECT pct FROM shard.jobs WHERE job_id = {job}"), 1, 99);
        await connection.ExecuteAsync($"UPDATE {table} SET a = -1 WHERE id = 5; DELETE FROM {table} WHERE id = 6");
        await connection.ExecuteAsync($"ALTER JOB {job} SET (throttle = 'unlimited'); RESUME JOB {job}");
        Assert.Equal("succeeded", (await connection.QueryAsync<(long, string, string)>($"WAIT JOB {job} TIMEOUT '60s'")).Single().Item3);
        Assert.Equal(
            (long[])[5, 7], await connection.QueryAsync<long>($"SELECT id FROM {table} WHERE a IN (-1, 5, 6, 7) ORDER BY id"));
    }

    [Fact]
    public async Task Dropping_the_table_ends_the_job()
    {
        string table = await FilledTableAsync();
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        long job = await connection.ExecuteScalarAsync<long>($"CREATE INDEX {table}_a ON {table} (a) GLOBAL WITH (wait = '0s', throttle = '20kB/s')");
        await connection.ExecuteAsync($"DROP TABLE {table}");
        Assert.Equal("cancelled", (await connection.QueryAsync<(long, string, string)>($"WAIT JOB {job} TIMEOUT '60s'")).Single().Item3);
    }

    [Theory]
    [InlineData("INDEX", "LOCAL", "ADD COLUMN b int DEFAULT 7", "b")]
    [InlineData("INDEX", "GLOBAL", "ADD COLUMN b int DEFAULT 7", "b")]
    [InlineData("UNIQUE INDEX", "GLOBAL", "DROP COLUMN c", "7")]
    [InlineData("INDEX", "GLOBAL", "RENAME COLUMN c TO b", "b")]
    [InlineData("INDEX", "LOCAL", "RENAME COLUMN a TO z", "7")]
    public async Task A_table_that_changes_while_its_index_is_built_keeps_it_whole(
        string kind, string scope, string change, string seven)
    {
        string table = await FilledTableAsync(FewerRows);
        await cluster.ExecuteAsync($"ALTER TABLE {table} ADD COLUMN c int DEFAULT 7");
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        long job = await connection.ExecuteScalarAsync<long>($"CREATE {kind} {table}_a ON {table} (a) {scope} WITH (wait = '0s')");
        await connection.ExecuteAsync($"ALTER TABLE {table} {change}");
        await connection.ExecuteAsync($"UPDATE {table} SET id = id WHERE id = 5");
        Assert.Equal("succeeded", (await connection.QueryAsync<(long, string, string)>($"WAIT JOB {job} TIMEOUT '60s'")).Single().Item3);
        string column = change.EndsWith('z') ? "z" : "a";
        foreach (int a in new[] { 0, 5, FewerRows / 2, FewerRows - 1 })
        {
            Assert.Equal(
                (a, 7), await connection.QuerySingleAsync<(int, int)>($"SELECT id, {seven} FROM {table} WHERE {column} = {a}"));
        }
    }

    [Fact]
    public async Task Two_indexes_of_one_table_are_built_at_once()
    {
        string table = await FilledTableAsync(FewerRows);
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        long first = await connection.ExecuteScalarAsync<long>($"CREATE INDEX {table}_a ON {table} (a) GLOBAL WITH (wait = '0s')");
        long second = await connection.ExecuteScalarAsync<long>($"CREATE INDEX {table}_b ON {table} (a, id) LOCAL WITH (wait = '0s')");
        await connection.ExecuteAsync($"ALTER TABLE {table} ADD UNIQUE (a)");
        foreach (long job in new[] { first, second })
        {
            Assert.Equal("succeeded", (await connection.QueryAsync<(long, string, string)>($"WAIT JOB {job} TIMEOUT '60s'")).Single().Item3);
        }

        Assert.Equal(3, await connection.ExecuteScalarAsync<long>($"SELECT count(*) FROM shard.indexes WHERE table_name = '{table}' AND state = 'public'"));
        Assert.Equal(3, await connection.ExecuteScalarAsync<int>($"SELECT id FROM {table} WHERE a = 3"));
        ShardSqlException taken = await Assert.ThrowsAsync<ShardSqlException>(
            () => connection.ExecuteAsync($"INSERT INTO {table} VALUES ({FewerRows}, 3)"));
        Assert.Equal("23505", taken.SqlState);
    }

    [Fact]
    public async Task A_column_of_an_index_that_is_built_cannot_be_dropped()
    {
        string table = await FilledTableAsync(FewerRows);
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        long job = await connection.ExecuteScalarAsync<long>($"CREATE INDEX {table}_a ON {table} (a) LOCAL WITH (wait = '0s', throttle = '20kB/s')");
        ShardSqlException held = await Assert.ThrowsAsync<ShardSqlException>(
            () => connection.ExecuteAsync($"ALTER TABLE {table} DROP COLUMN a"));
        Assert.Equal("2BP01", held.SqlState);
        await connection.ExecuteAsync($"ALTER JOB {job} SET (throttle = 'unlimited')");
        Assert.Equal("succeeded", (await connection.QueryAsync<(long, string, string)>($"WAIT JOB {job} TIMEOUT '60s'")).Single().Item3);
    }

    private async Task<long[]> ByIndexAsync(string table)
    {
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        return [.. await connection.QueryAsync<long>($"SELECT n FROM {table} WHERE n > 0 AND n < 1000 ORDER BY n")];
    }

    private async Task<string> FilledTableAsync(int rows = Rows)
    {
        string table = "t" + Guid.NewGuid().ToString("N");
        await cluster.ExecuteAsync($"CREATE TABLE {table} (id int PRIMARY KEY, a int)");
        for (int from = 0; from < rows; from += RowsAtOnce)
        {
            await cluster.ExecuteAsync(
                $"INSERT INTO {table} VALUES " + string.Join(", ", Enumerable.Range(from, RowsAtOnce).Select(i => $"({i}, {i})")));
        }

        return table;
    }
}
