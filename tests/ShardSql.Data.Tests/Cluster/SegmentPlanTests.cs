using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using Dapper;
using Xunit;

namespace ShardSql.Data.Tests.Cluster;

/// <summary>Statements on many segments at once: MOVE SEGMENTS, MOVE ROWS, SPLIT TABLE, AT MIDPOINT.</summary>
[Collection(ClusterCollection.Name)]
public sealed class SegmentPlanTests(ClusterFixture cluster)
{
    [Fact]
    public async Task MOVE_SEGMENTS_moves_those_of_which_the_condition_holds()
    {
        string table = await cluster.CreateTableAsync("(id int PRIMARY KEY) SHARD BY HASH (id) INTO 6 SEGMENTS");
        await cluster.ExecuteAsync($"INSERT INTO {table} VALUES " + string.Join(", ", Enumerable.Range(0, 50).Select(i => $"({i})")));
        List<PlanRow> plan = await RowsAsync<PlanRow>($"EXPLAIN MOVE SEGMENTS FROM {table} WHERE shard <> 's1' TO SHARD 1");
        Assert.Equal(4, plan.Count(static row => row.Action == "move"));
        List<SegmentRow> before = await SegmentsAsync(table);
        string last = before.Last(static segment => segment.Shard == "s3").Segment;
        JobRow job = (await RowsAsync<JobRow>(
            $"MOVE SEGMENTS FROM {table} WHERE shard = @from AND segment <> @last TO SHARD @to",
            new { from = "s3", last, to = 1 })).Single();
        Assert.Equal(("MOVE SEGMENTS", "succeeded"), (job.Kind, job.State));
        Assert.Equal(
            before.Select(s => s.Shard == "s3" && s.Segment != last ? "s1" : s.Shard), (await SegmentsAsync(table)).Select(s => s.Shard));
        await cluster.ExecuteAsync($"MOVE SEGMENTS FROM {table} TO SHARD 2 WITH (max_moves = 1)");
        Assert.Equal(3, (await SegmentsAsync(table)).Count(static segment => segment.Shard == "s2"));
        Assert.Equal(50, await cluster.ScalarAsync<long>($"SELECT count(*) FROM {table}"));
    }

    [Fact]
    public async Task MOVE_ROWS_takes_what_is_colocated_along_and_joins_what_has_one_owner()
    {
        string table = await cluster.CreateTableAsync("(id text PRIMARY KEY, n int) SHARD BY HASH (id) INTO 3 SEGMENTS");
        string beside = await cluster.CreateTableAsync(
            $"(id text, line int, PRIMARY KEY (id, line)) COLOCATED WITH {table} ON (id)");
        await cluster.ExecuteAsync($"CREATE INDEX {table}_n ON {table} (n) LOCAL");
        for (int i = 0; i < 20; i++)
        {
            await cluster.ExecuteAsync(
                $"INSERT INTO {table} VALUES (@id, @i); INSERT INTO {beside} VALUES (@id, 1), (@id, 2)", new { id = "k" + i, i });
        }

        string[] meant = ["k1", "k7", "k13"];
        JobRow job = (await RowsAsync<JobRow>(
            $"MOVE ROWS OF {table} KEYS ((@a), (@b), (@c)) TO SHARD 2",
            new { a = meant[0], b = meant[1], c = meant[2] })).Single();
        Assert.Equal(("MOVE ROWS", "succeeded"), (job.Kind, job.State));
        foreach (string id in meant)
        {
            string verdict = (await RowsAsync<string>(
                $"EXPLAIN SELECT * FROM {table} t JOIN {beside} b ON b.id = t.id WHERE t.id = '{id}'"))[0];
            Assert.Contains("1 of 3 shards: s2", verdict, StringComparison.Ordinal);
            Assert.Equal(2, await cluster.ScalarAsync<long>($"SELECT count(*) FROM {beside} WHERE id = '{id}'"));
        }

        Assert.Equal(["k7"], await RowsAsync<string>($"SELECT id FROM {table} WHERE n = 7"));
        Assert.Equal((20L, 40L), (await RowsAsync<(long, long)>(
            $"SELECT (SELECT count(*) FROM {table}), (SELECT count(*) FROM {beside})")).Single());
        string nothing = (await RowsAsync<JobRow>($"MOVE ROWS OF {table} KEYS (('k1')) TO SHARD 2")).Single().State;
        Assert.Equal("succeeded", nothing);
        List<SegmentRow> segments = await SegmentsAsync(table + ", " + beside);
        Assert.All(
            segments.Zip(segments.Skip(1)),
            pair => Assert.False(
                pair.First.Shard == pair.Second.Shard && pair.First.To_key!.Contains('(', StringComparison.Ordinal),
                $"{pair.First.Segment} and {pair.Second.Segment} have one owner"));
    }

    [Theory]
    [InlineData("SHARD BY HASH (id) INTO 1 SEGMENTS", 5, 5)]
    [InlineData("SHARD BY RANGE (id)", 4, 4)]
    [InlineData("SHARD BY RANGE (id) SPLIT AT VALUES (50)", 2, 2)]
    public async Task SPLIT_TABLE_INTO_divides_its_rows_evenly(string placement, int parts, int segments)
    {
        string table = await cluster.CreateTableAsync($"(id int PRIMARY KEY) {placement}");
        await cluster.ExecuteAsync($"INSERT INTO {table} VALUES " + string.Join(", ", Enumerable.Range(0, 100).Select(i => $"({i})")));
        Assert.Equal(100, await cluster.ScalarAsync<long>($"SELECT count(*) FROM {table}"));
        JobRow job = (await RowsAsync<JobRow>($"SPLIT TABLE {table} INTO @parts", new { parts })).Single();
        Assert.Equal(("SPLIT TABLE", "succeeded"), (job.Kind, job.State));
        List<SegmentRow> after = await SegmentsAsync(table);
        Assert.Equal(segments, after.Count);
        if (placement == "SHARD BY RANGE (id)")
        {
            Assert.Equal([null, "(25)", "(50)", "(75)"], after.Select(static segment => segment.From_key));
        }
    }

    [Fact]
    public async Task SPLIT_AT_MIDPOINT_of_a_range_is_between_its_rows()
    {
        string table = await cluster.CreateTableAsync("(id int, line int, PRIMARY KEY (id, line)) SHARD BY RANGE (id)");
        await cluster.ExecuteAsync(
            $"INSERT INTO {table} VALUES " + string.Join(", ", Enumerable.Range(0, 60).Select(i => $"({i / 3}, {i % 3})")));
        Assert.Equal(60, await cluster.ScalarAsync<long>($"SELECT count(*) FROM {table}"));
        string segment = (await SegmentsAsync(table)).Single().Segment;
        await cluster.ExecuteAsync($"SPLIT SEGMENT '{segment}' AT MIDPOINT");
        Assert.Equal([null, "(10)"], (await SegmentsAsync(table)).Select(static s => s.From_key));
    }

    private async Task<List<SegmentRow>> SegmentsAsync(string tables) =>
        [
            .. (await RowsAsync<SegmentRow>(
                "SELECT segment, shard, from_key, to_key FROM shard.segments WHERE tables = @tables", new { tables })),
        ];

    private async Task<List<T>> RowsAsync<T>(string statement, object? parameters = null)
    {
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        return (await connection.QueryAsync<T>(statement, parameters)).ToList();
    }
}
