using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using Dapper;
using Xunit;

namespace ShardSql.Data.Tests.Cluster;

/// <summary>SHOW SEGMENT FOR ROW and SHOW PLACEMENT: where a row is, and where a table is.</summary>
[Collection(ClusterCollection.Name)]
public sealed class PlacementTests(ClusterFixture cluster)
{
    [Fact]
    public async Task Segment_for_row_is_the_one_whose_range_holds_the_key()
    {
        string table = await cluster.CreateSpreadTableAsync();
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        Row[] segments = [.. await connection.QueryAsync<Row>(
            $"SELECT tables AS table_name, segment, shard, leader, from_key, to_key FROM shard.segments WHERE tables = '{table}' ORDER BY from_key NULLS FIRST")];
        foreach ((int key, int part) in new[] { (-5, 0), (99, 0), (100, 1), (199, 1), (200, 2), (int.MaxValue, 2) })
        {
            Row row = await connection.QuerySingleAsync<Row>($"SHOW SEGMENT FOR ROW {table} KEY (@key)", new { key });
            Assert.Equal(segments[part], row);
        }
    }

    [Fact]
    public async Task Segment_for_row_by_hash_is_where_the_row_is_read()
    {
        string table = await cluster.CreateTableAsync(
            "(a text, b int, n int, PRIMARY KEY (b, a)) SHARD BY HASH (a) INTO 6 SEGMENTS");
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        var found = new HashSet<string>();
        for (int i = 0; i < 20; i++)
        {
            string a = "k" + i;
            Row whole = await connection.QuerySingleAsync<Row>($"SHOW SEGMENT FOR ROW {table} KEY (@i + 1, @a)", new { i, a });
            Row placed = await connection.QuerySingleAsync<Row>($"SHOW SEGMENT FOR ROW {table} KEY ('{a}')");
            Assert.Equal(whole, placed);
            string verdict = await connection.QueryFirstAsync<string>(
                $"EXPLAIN SELECT n FROM {table} WHERE a = @a AND b = @i", new { a, i });
            Assert.Contains($": {whole.shard})", verdict, System.StringComparison.Ordinal);
            found.Add(whole.segment);
        }

        Assert.True(found.Count > 2);
    }

    [Fact]
    public async Task Segment_for_row_of_a_reference_table_is_every_copy()
    {
        string table = await cluster.CreateTableAsync("(id int PRIMARY KEY) REFERENCE");
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        Assert.Equal(
            ["s1", "s2", "s3"],
            (await connection.QueryAsync<Row>($"SHOW SEGMENT FOR ROW {table} KEY (1)")).Select(static row => row.shard).Order());
    }

    [Theory]
    [InlineData("SHOW SEGMENT FOR ROW {0} KEY (1, 2, 3)", "22023")]
    [InlineData("SHOW SEGMENT FOR ROW {0} KEY (NULL)", "22004")]
    [InlineData("SHOW SEGMENT FOR ROW {0} KEY ('x')", "22P02")]
    [InlineData("SHOW SEGMENT FOR ROW {0} KEY (n)", "42703")]
    [InlineData("SHOW SEGMENT FOR ROW nowhere KEY (1)", "42P01")]
    public async Task Segment_for_row_refuses_what_is_no_key(string text, string state)
    {
        string table = await cluster.CreateSpreadTableAsync();
        ShardSqlException refused = await Assert.ThrowsAsync<ShardSqlException>(
            () => cluster.ExecuteAsync(text.Replace("{0}", table, System.StringComparison.Ordinal)));
        Assert.Equal(state, refused.SqlState);
    }

    [Fact]
    public async Task Placement_says_how_each_table_lies()
    {
        string range = await cluster.CreateSpreadTableAsync();
        string beside = await cluster.CreateTableAsync(
            $"(id int, line int, PRIMARY KEY (id, line)) COLOCATED WITH {range} ON (id)");
        string hash = await cluster.CreateTableAsync("(a int, b int, PRIMARY KEY (a, b)) SHARD BY HASH (a) INTO 4 SEGMENTS");
        string single = await cluster.CreateTableAsync("(id int PRIMARY KEY) SINGLE ON SHARD 2");
        string reference = await cluster.CreateTableAsync("(id int PRIMARY KEY) REFERENCE");
        string[] tables = [range, beside, hash, single, reference];
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        Placed[] placed = [.. (await connection.QueryAsync<Placed>(
            "SELECT table_name, placement, columns, colocated_with, segments, shards, clause FROM shard.placement WHERE "
            + "table_name IN @tables",
            new { tables })).OrderBy(row => tables.ToList().IndexOf(row.table_name))];
        Assert.Equal(
            [
                new Placed(range, "RANGE", "id", null, 3, "s1, s2, s3", "SHARD BY RANGE (id) SPLIT AT VALUES (100), (200)"),
                new Placed(beside, "COLOCATED", "id", range, 3, "s1, s2, s3", $"COLOCATED WITH {range} ON (id)"),
                new Placed(hash, "HASH", "a", null, 4, "s1, s2, s3", "SHARD BY HASH (a) INTO 4 SEGMENTS"),
                new Placed(single, "SINGLE", "", null, 1, "s2", "SINGLE ON SHARD 2"),
                new Placed(reference, "REFERENCE", "", null, 3, "s1, s2, s3", "REFERENCE"),
            ],
            placed);
        Assert.Equal(
            [hash], (await connection.QueryAsync($"SHOW PLACEMENT FOR {hash}")).Select(static row => (string)row.table_name));
        Assert.Equal(
            [hash],
            (await connection.QueryAsync($"SHOW PLACEMENT FROM TABLE {hash} WHERE segments > 1")).Select(static row => (string)row.table_name));
    }

    // Dapper finds columns by the names that they have.
#pragma warning disable IDE1006, SA1313
    private sealed record Row(
        string table_name, string segment, string shard, string leader, string? from_key, string? to_key);

    private sealed record Placed(
        string table_name, string placement, string columns, string? colocated_with, int segments, string shards, string clause);
#pragma warning restore IDE1006, SA1313
}
