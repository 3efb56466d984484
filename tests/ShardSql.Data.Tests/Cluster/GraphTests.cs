using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using Dapper;
using ShardSql.Gateway.Hosting;
using Xunit;

namespace ShardSql.Data.Tests.Cluster;

/// <summary>What transactions touch together, as SHOW HOT KEYS, SEGMENTS, EDGES and SHOW GRAPH tell it.</summary>
[Collection(ClusterCollection.Name)]
public sealed class GraphTests : IAsyncLifetime
{
    private const string Spread = "(id int PRIMARY KEY, n int NOT NULL) SHARD BY RANGE (id) SPLIT AT VALUES (100), (200)";

    private EmbeddedCluster? _cluster;
    private ShardSqlDataSource? _source;
    private ShardSqlConnection? _connection;

    private ShardSqlConnection Connection => _connection!;

    public async Task InitializeAsync()
    {
        _cluster = await EmbeddedCluster.StartAsync(new EmbeddedClusterOptions
        {
            Name = "graph-" + Guid.NewGuid().ToString("N"),
            Nodes = 1,
            Shards = 3,
            Store = "memory",
            GraphSampleEvery = 1,
        });
        _source = ShardSqlDataSource.Create(_cluster.ConnectionString + ";Retry=None");
        _connection = await _source.OpenConnectionAsync();
    }

    public async Task DisposeAsync()
    {
        await _connection!.DisposeAsync();
        await _source!.DisposeAsync();
        await _cluster!.DisposeAsync();
    }

    [Fact]
    public async Task Hottest_key_comes_first_with_its_place_and_figures()
    {
        await CreateAsync("a", Enumerable.Range(0, 250));
        await Connection.ExecuteAsync("CREATE TABLE b (x text, y int, n int, PRIMARY KEY (y, x)) SHARD BY HASH (x)");
        for (int i = 0; i < 60; i++)
        {
            await Connection.ExecuteAsync("UPDATE a SET n = n + 1 WHERE id = @id", new { id = i % 2 == 0 ? 142 : i });
            await Connection.ExecuteAsync("INSERT INTO b VALUES ('it''s', @i, 0)", new { i });
        }

        await Connection.ExecuteAsync("UPDATE b SET n = 1 WHERE x = 'it''s' AND y = 7; UPDATE b SET n = 2 WHERE x = 'it''s' AND y = 7");
        HotRow hot = await Connection.QueryFirstAsync<HotRow>("SHOW HOT KEYS FROM TABLE a LIMIT 1");
        string segment = await SegmentAsync("a", 142);
        Assert.Equal(("a", "(142)", segment), (hot.table_name, hot.key, hot.segment));
        Assert.True(hot.writes_per_s > 0 && hot.reads_per_s == 0 && hot.aborts_per_s == 0 && hot.abort_rate == 0);
        Assert.Equal("(142)", await Connection.QueryFirstAsync<string>("SELECT key FROM shard.hot_keys"));
        Assert.Equal("(7, 'it''s')", (await Connection.QueryFirstAsync<HotRow>("SHOW HOT KEYS FROM TABLE b")).key);
        Assert.Equal(
            segment,
            (string)(await Connection.QueryFirstAsync("SHOW HOT SEGMENTS FROM TABLE a ORDER BY writes_per_s DESC LIMIT 1")).segment);
    }

    [Fact]
    public async Task Reads_by_key_are_seen_alone_and_inside_transactions()
    {
        await CreateAsync("a", Enumerable.Range(0, 250));
        for (int i = 0; i < 20; i++)
        {
            await Connection.QueryAsync("SELECT n FROM a WHERE id = 33");
            await using ShardSqlTransaction transaction = await Connection.BeginTransactionAsync();
            await Connection.QueryAsync("SELECT n FROM a WHERE id = 44", transaction: transaction);
            await transaction.CommitAsync();
            await Connection.QueryAsync("SELECT count(*) FROM a");
        }

        HotRow[] hot = [.. await Connection.QueryAsync<HotRow>("SHOW HOT KEYS WHERE reads_per_s > 0 ORDER BY key")];
        Assert.Equal(["(33)", "(44)"], hot.Select(static row => row.key));
    }

    [Fact]
    public async Task Keys_that_are_always_written_together_are_the_heaviest_edge()
    {
        await CreateAsync("a", Enumerable.Range(0, 250));
        var random = new Random(5);
        for (int i = 0; i < 50; i++)
        {
            int other = random.Next(10, 250);
            await Connection.ExecuteAsync("UPDATE a SET n = n + 1 WHERE id IN (7, 207)");
            await Connection.ExecuteAsync(
                "BEGIN; UPDATE a SET n = n - 1 WHERE id = 7; UPDATE a SET n = n + 1 WHERE id = @other; COMMIT", new { other });
        }

        dynamic edge = await Connection.QueryFirstAsync("SHOW HOT EDGES FROM TABLE a LIMIT 1");
        Assert.Equal(["(207)", "(7)"], new[] { (string)edge.key_a, (string)edge.key_b }.Order(StringComparer.Ordinal));
        Assert.Equal(("a", "a", true), ((string)edge.table_a, (string)edge.table_b, (bool)edge.cross_shard));
        Assert.True((double)edge.per_s > 0);
        Assert.Equal(
            await Connection.ExecuteScalarAsync<long>("SELECT count(*) FROM shard.graph_edges"),
            await Connection.ExecuteScalarAsync<long>("SELECT edges FROM shard.graph"));
        Assert.Empty(await Connection.QueryAsync("SHOW HOT EDGES WHERE key_a = key_b"));
    }

    [Fact]
    public async Task What_does_not_commit_leaves_nothing()
    {
        await CreateAsync("a", Enumerable.Range(0, 250));
        long before = await TransactionsAsync();
        for (int i = 0; i < 10; i++)
        {
            await using ShardSqlTransaction transaction = await Connection.BeginTransactionAsync();
            await Connection.ExecuteAsync("UPDATE a SET n = n + 1 WHERE id IN (77, 177)", transaction: transaction);
            await transaction.RollbackAsync();
            await Assert.ThrowsAsync<ShardSqlException>(() => Connection.ExecuteAsync("INSERT INTO a VALUES (77, 1)"));
            await Assert.ThrowsAsync<ShardSqlException>(() => Connection.ExecuteAsync("UPDATE a SET n = 1 / 0 WHERE id = 177"));
        }

        Assert.Equal(before, await TransactionsAsync());
        Assert.Empty(await Connection.QueryAsync("SHOW HOT KEYS WHERE key IN ('(77)', '(177)') AND aborts_per_s > 0"));
        Assert.Empty(await Connection.QueryAsync("SHOW HOT EDGES WHERE key_a IN ('(77)', '(177)')"));
    }

    [Fact]
    public async Task Conflicts_raise_the_abort_rate_of_the_key_they_are_about()
    {
        await CreateAsync("a", Enumerable.Range(0, 250));
        await using ShardSqlConnection other = await _source!.OpenConnectionAsync();
        for (int i = 0; i < 5; i++)
        {
            await using ShardSqlTransaction transaction = await Connection.BeginTransactionAsync();
            await Connection.ExecuteAsync("UPDATE a SET n = n + 1 WHERE id = 9", transaction: transaction);
            await other.ExecuteAsync("UPDATE a SET n = n + 1 WHERE id = 9");
            ShardSqlException refused = await Assert.ThrowsAsync<ShardSqlException>(async () => await transaction.CommitAsync());
            Assert.Equal("40001", refused.SqlState);
        }

        HotRow hot = await Connection.QueryFirstAsync<HotRow>("SHOW HOT KEYS WHERE aborts_per_s > 0");
        Assert.Equal("(9)", hot.key);
        Assert.InRange(hot.abort_rate, 0.4, 0.6);
        Assert.Single(await Connection.QueryAsync("SHOW HOT KEYS WHERE abort_rate > 0"));
        Assert.InRange((double)(await Connection.QueryFirstAsync("SHOW HOT SEGMENTS ORDER BY aborts_per_s DESC")).abort_rate, 0.01, 0.99);
        Assert.Equal(5, await Connection.ExecuteScalarAsync<long>("SELECT aborts FROM shard.graph"));
    }

    [Fact]
    public async Task Graph_counts_every_transaction_and_the_share_that_crosses_shards()
    {
        await CreateAsync("a", []);
        long before = await TransactionsAsync();
        for (int i = 0; i < 20; i++)
        {
            await Connection.ExecuteAsync("INSERT INTO a VALUES (@i, 0)", new { i });
            await Connection.ExecuteAsync("INSERT INTO a VALUES (@i + 100, 0), (@i + 200, 0)", new { i });
        }

        dynamic graph = await Connection.QuerySingleAsync("SHOW GRAPH");
        Assert.Equal((40L, 1), ((long)graph.transactions - before, (int)graph.sample_every));
        Assert.InRange((double)graph.cross_shard_pct, 45, 55);
        Assert.True((double)graph.transactions_per_s > 0 && (int)graph.keys >= 60 && (int)graph.edges >= 20);
    }

    [Fact]
    public async Task Nothing_is_kept_where_it_is_switched_off()
    {
        await using EmbeddedCluster cluster = await EmbeddedCluster.StartAsync(new EmbeddedClusterOptions
        {
            Name = "graph-" + Guid.NewGuid().ToString("N"), Nodes = 1, Shards = 1, Store = "memory", GraphSampleEvery = 0,
        });
        await using ShardSqlDataSource source = ShardSqlDataSource.Create(cluster.ConnectionString);
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        await connection.ExecuteAsync("CREATE TABLE a (id int PRIMARY KEY)");
        await connection.ExecuteAsync("INSERT INTO a VALUES (1)");
        foreach (string what in new[] { "HOT KEYS", "HOT SEGMENTS", "HOT EDGES", "GRAPH" })
        {
            Assert.Empty(await connection.QueryAsync("SHOW " + what));
        }
    }

    private async Task CreateAsync(string table, IEnumerable<int> rows)
    {
        await Connection.ExecuteAsync($"CREATE TABLE {table} {Spread}");
        foreach (int id in rows)
        {
            await Connection.ExecuteAsync($"INSERT INTO {table} VALUES (@id, 0)", new { id });
        }
    }

    private Task<long> TransactionsAsync() =>
        Connection.ExecuteScalarAsync<long>("SELECT transactions FROM shard.graph");

    private async Task<string> SegmentAsync(string table, int key) =>
        (string)(await Connection.QuerySingleAsync($"SHOW SEGMENT FOR ROW {table} KEY (@key)", new { key })).segment;

    // Dapper finds columns by the names that they have.
#pragma warning disable IDE1006, SA1313
    private sealed record HotRow(
        string table_name,
        string key,
        string segment,
        string shard,
        double reads_per_s,
        double writes_per_s,
        double aborts_per_s,
        double abort_rate);
#pragma warning restore IDE1006, SA1313
}
