using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using Dapper;
using Xunit;

namespace ShardSql.Data.Tests.Cluster;

/// <summary>EXPLAIN and what EXPLAIN ANALYZE measures.</summary>
[Collection(ClusterCollection.Name)]
public sealed class ExplainTests(ClusterFixture cluster)
{
    [Fact]
    public async Task Analyze_gives_the_rows_of_operators_and_the_times_of_shards()
    {
        string table = await FilledAsync();
        List<string> lines = await LinesAsync(
            $"EXPLAIN ANALYZE SELECT a.id FROM {table} a JOIN {table} b ON a.n = b.id WHERE a.id < 120");

        Assert.StartsWith("distribution: CROSS-SHARD (3 of 3 shards", lines[0], StringComparison.Ordinal);
        Assert.Contains(lines, static l => l.Contains("join", StringComparison.Ordinal)
            && l.EndsWith("(actual rows=2)", StringComparison.Ordinal));
        Assert.Contains(lines, static l => l.StartsWith("actual: 2 rows", StringComparison.Ordinal));
        Assert.Equal(3, lines.Count(static l => l.Contains("network", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData(" COMMIT", 2)]
    public async Task Analyze_of_a_write_keeps_it_only_with_commit(string commit, long kept)
    {
        string table = await cluster.CreateSpreadTableAsync();
        List<string> lines = await LinesAsync(
            $"EXPLAIN ANALYZE{commit} INSERT INTO {table} (id, n) VALUES (1, 1), (150, 2)");

        Assert.Equal(kept, await cluster.ScalarAsync<long>($"SELECT count(*) FROM {table}"));
        Assert.Equal(kept == 0, lines.Exists(static l => l.EndsWith("rolled back", StringComparison.Ordinal)));
        Assert.Equal((int)kept, lines.Count(static l => l.Contains(" commit: ", StringComparison.Ordinal)
            && l.Contains("paxos", StringComparison.Ordinal) && l.Contains("validation", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Analyze_as_json_has_times_that_add_up()
    {
        string table = await FilledAsync();
        string json = Assert.Single(await LinesAsync($"EXPLAIN ANALYZE COMMIT (JSON) UPDATE {table} SET n = 7 WHERE id = 1"));
        using var document = JsonDocument.Parse(json);
        JsonElement root = document.RootElement;

        Assert.Equal(1, root.GetProperty("actual").GetProperty("rows").GetInt32());
        JsonElement commit = Assert.Single(root.GetProperty("commit_shards").EnumerateArray());
        double all = commit.GetProperty("ms").GetDouble();
        double paxos = commit.GetProperty("paxos_ms").GetDouble();
        Assert.InRange(paxos, double.Epsilon, all);
        Assert.InRange(commit.GetProperty("validation_ms").GetDouble(), 0, paxos);
        Assert.Equal(7, await cluster.ScalarAsync<int>($"SELECT n FROM {table} WHERE id = 1"));
    }

    [Fact]
    public async Task Analyze_inside_a_transaction_takes_back_its_own_writes_only()
    {
        string table = await cluster.CreateSpreadTableAsync();
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        await using ShardSqlTransaction transaction = await connection.BeginTransactionAsync();
        await connection.ExecuteAsync($"INSERT INTO {table} (id) VALUES (1)", transaction: transaction);
        await connection.QueryAsync($"EXPLAIN ANALYZE DELETE FROM {table}", transaction: transaction);
        await connection.QueryAsync(
            $"EXPLAIN ANALYZE COMMIT INSERT INTO {table} (id) VALUES (2)", transaction: transaction);
        await transaction.CommitAsync();

        Assert.Equal(2, await cluster.ScalarAsync<long>($"SELECT count(*) FROM {table}"));
    }

    [Fact]
    public async Task Explain_of_writes_that_read_says_how_they_commit()
    {
        string table = await cluster.CreateSpreadTableAsync();
        List<string> spread = await LinesAsync($"EXPLAIN INSERT INTO {table} SELECT id + 100, n FROM {table}");
        List<string> single = await LinesAsync(
            $"EXPLAIN DELETE FROM {table} t USING {table} o WHERE t.id = 1 AND o.id = 2 AND o.n > t.n");

        Assert.Contains("commit: 2PC + DSSN exchange", spread[0], StringComparison.Ordinal);
        Assert.Contains("commit: 1 log entry (ONE)", single[0], StringComparison.Ordinal);
        Assert.StartsWith("insert into " + table, spread[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explain_transaction_judges_all_statements_together()
    {
        string table = await cluster.CreateSpreadTableAsync();
        List<string> lines = await LinesAsync(
            $"EXPLAIN TRANSACTION (UPDATE {table} SET n = 1 WHERE id = 1; UPDATE {table} SET n = 2 WHERE id = 250)");

        Assert.StartsWith("distribution: CROSS-SHARD (2 of 3 shards", lines[0], StringComparison.Ordinal);
        Assert.Contains("2PC", lines[0], StringComparison.Ordinal);
        Assert.Equal(2, lines.Count(static l => l.Contains("SINGLE-SHARD", StringComparison.Ordinal)));
    }

    private async Task<string> FilledAsync()
    {
        string table = await cluster.CreateSpreadTableAsync();
        await cluster.ExecuteAsync($"INSERT INTO {table} (id, n) VALUES (1, 150), (2, 250), (150, 1), (250, 9)");
        return table;
    }

    private async Task<List<string>> LinesAsync(string text)
    {
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        return [.. await connection.QueryAsync<string>(text)];
    }
}
