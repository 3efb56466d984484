using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using Dapper;
using Xunit;

namespace ShardSql.Data.Tests.Cluster;

/// <summary>Statements over three shards, against the same questions asked of a list.</summary>
[Collection(ClusterCollection.Name)]
public sealed class QueryTests(ClusterFixture cluster)
{
    private const int Rows = 300;

    private static readonly Item[] s_items =
        [.. Enumerable.Range(0, Rows).Select(ItemOf)];

    [Fact]
    public async Task Order_limit_and_offset_page_through_all_shards()
    {
        string table = await CreateItemsAsync();
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        string text = $"SELECT id, grp, n, price FROM {table} ORDER BY n DESC, id LIMIT @take OFFSET @skip";
        Item[] sorted = [.. s_items.OrderByDescending(item => item.N).ThenBy(item => item.Id)];
        foreach (int skip in new[] { 0, 17, 290, 1000 })
        {
            Assert.Equal(sorted.Skip(skip).Take(20), await connection.QueryAsync<Item>(text, new { take = 20, skip }));
        }

        Assert.Equal(
            s_items.Where(item => item.Price is null).Select(item => item.Id),
            (await connection.QueryAsync<int>(
                $"SELECT id FROM {table} ORDER BY price DESC NULLS FIRST, id LIMIT 28")).Order());
    }

    [Fact]
    public async Task Aggregates_with_group_by_and_having_add_up_over_all_shards()
    {
        string table = await CreateItemsAsync();
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        (string, long, decimal, decimal, int, int)[] groups =
            [.. await connection.QueryAsync<(string, long, decimal, decimal, int, int)>(
            $"SELECT grp, count(*), sum(price), avg(price), min(n), max(n) FROM {table} WHERE id < 250 GROUP BY grp "
            + "HAVING count(*) > 35 ORDER BY grp")];
        var expected = s_items.Where(item => item.Id < 250).GroupBy(item => item.Grp)
            .Where(group => group.Count() > 35).OrderBy(group => group.Key, StringComparer.Ordinal).ToArray();
        Assert.Equal(expected.Length, groups.Length);
        foreach ((IGrouping<string, Item> group, var row) in expected.Zip(groups))
        {
            Assert.Equal(
                (group.Key, group.Count(), group.Sum(item => item.Price ?? 0)), (row.Item1, row.Item2, row.Item3));
            Assert.Equal(group.Average(item => item.Price)!.Value, row.Item4, 6);
            Assert.Equal((group.Min(item => item.N), group.Max(item => item.N)), (row.Item5, row.Item6));
        }

        (long, long, decimal?, int?) none = await connection.QuerySingleAsync<(long, long, decimal?, int?)>(
            $"SELECT count(*), count(price), sum(price), max(n) FROM {table} WHERE id < 0");
        Assert.Equal((0, 0, null, null), none);
        Assert.Equal(7, await connection.ExecuteScalarAsync<long>($"SELECT count(DISTINCT grp) FROM {table}"));
        Assert.Equal(7, (await connection.QueryAsync<string>($"SELECT DISTINCT grp FROM {table}")).Count());
    }

    [Theory]
    [InlineData("n + id > 150")]
    [InlineData("price IS NULL OR price BETWEEN 10 AND 20.5")]
    [InlineData("NOT (price > 10)")]
    [InlineData("grp LIKE 'g_' AND grp NOT IN ('g1', 'g2')")]
    [InlineData("id IN (3, 5, 7, 299, 1000)")]
    [InlineData("id = 17 OR n = 3")]
    [InlineData("CASE WHEN n % 2 = 0 THEN id ELSE -id END > 100")]
    [InlineData("coalesce(price, 0) = 0")]
    public async Task Update_and_delete_take_the_rows_that_select_shows(string where)
    {
        string table = await CreateItemsAsync();
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        int[] chosen = [.. await connection.QueryAsync<int>($"SELECT id FROM {table} WHERE {where} ORDER BY id")];
        Assert.InRange(chosen.Length, 1, Rows - 1);
        Assert.Equal(
            chosen.Length, await connection.ExecuteAsync($"UPDATE {table} SET grp = 'new', price = 1.5 WHERE {where}"));
        Assert.Equal(chosen, await connection.QueryAsync<int>($"SELECT id FROM {table} WHERE grp = 'new' ORDER BY id"));
        Assert.Equal(chosen.Length, await connection.ExecuteAsync($"DELETE FROM {table} WHERE grp = 'new'"));
        Assert.Equal(
            s_items.Select(item => item.Id).Except(chosen),
            await connection.QueryAsync<int>($"SELECT id FROM {table} ORDER BY id"));
    }

    [Fact]
    public async Task Returning_gives_the_rows_written()
    {
        string table = await cluster.CreateTableAsync("(id integer PRIMARY KEY, n integer DEFAULT 5)");
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        Assert.Equal(
            [(1, 6), (2, 6), (3, 8)],
            (await connection.QueryAsync<(int, int)>(
                $"INSERT INTO {table} VALUES (1, DEFAULT), (2, DEFAULT), (3, 7) RETURNING id, n + 1")).Order());
        Assert.Equal(4, await connection.ExecuteScalarAsync<int>(
            $"INSERT INTO {table} (id) VALUES (@id) RETURNING id", new { id = 4 }));
        Assert.Equal(
            [(1, 50), (2, 50), (4, 50)],
            (await connection.QueryAsync<(int, int)>(
                $"UPDATE {table} SET n = n * 10 WHERE n = 5 RETURNING *")).Order());
        Assert.Equal([3], await connection.QueryAsync<int>($"DELETE FROM {table} WHERE n = 7 RETURNING id"));
        Assert.Equal(3, await connection.ExecuteScalarAsync<long>($"SELECT count(*) FROM {table}"));
    }

    [Fact]
    public async Task Several_statements_in_one_text_give_several_results()
    {
        string table = await CreateItemsAsync();
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        await using SqlMapper.GridReader grid = await connection.QueryMultipleAsync(
            $"SELECT count(*) FROM {table}; UPDATE {table} SET n = 0 WHERE id = @id; "
            + $"SELECT n FROM {table} WHERE id = @id; SELECT 'end'",
            new { id = 5 });
        Assert.Equal(Rows, await grid.ReadSingleAsync<long>());
        Assert.Equal(0, await grid.ReadSingleAsync<int>());
        Assert.Equal("end", await grid.ReadSingleAsync<string>());
    }

    [Fact]
    public async Task Lists_expand_also_when_they_are_empty()
    {
        string table = await CreateItemsAsync();
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        string text = $"SELECT id FROM {table} WHERE id IN @ids ORDER BY id";
        foreach (int[] ids in new int[][] { [], [7], [1, 2, 299, 500], [.. Enumerable.Range(0, 2000)] })
        {
            Assert.Equal(ids.Where(id => id < Rows), await connection.QueryAsync<int>(text, new { ids }));
        }

        Assert.Equal(Rows, await connection.ExecuteScalarAsync<long>(
            $"SELECT count(*) FROM {table} WHERE id NOT IN @ids", new { ids = Array.Empty<int>() }));
    }

    [Fact]
    public async Task Parameters_repeat_may_be_null_and_literals_are_written_in()
    {
        string table = await CreateItemsAsync();
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        Assert.Equal(3, await connection.ExecuteScalarAsync<int>("SELECT @a + @b + @a", new { a = 1, b = 1 }));
        Assert.Equal(Rows, await connection.ExecuteScalarAsync<long>(
            $"SELECT count(*) FROM {table} WHERE @none IS NULL", new { none = (string?)null }));
        Assert.Equal(0, await connection.ExecuteScalarAsync<long>(
            $"SELECT count(*) FROM {table} WHERE n = @none", new { none = (int?)null }));
        Assert.Equal(
            5, await connection.ExecuteScalarAsync<int>($"SELECT id FROM {table} WHERE id = {{=id}}", new { id = 5 }));
        Assert.Equal(3, await connection.ExecuteAsync(
            $"INSERT INTO {table} (id, grp) VALUES (@id, @grp)",
            Enumerable.Range(1000, 3).Select(id => new { id, grp = id == 1001 ? null : "many" })));
        Assert.Equal(2, await connection.ExecuteScalarAsync<long>($"SELECT count(*) FROM {table} WHERE grp = 'many'"));
    }

    [Theory]
    [InlineData("SELECT * FROM {0} WHERE id = 1", "distribution: SINGLE-SHARD (1 of 3 shards: ",
        "none (snapshot read)")]
    [InlineData("SELECT * FROM {0}", "distribution: CROSS-SHARD (3 of 3 shards: ", "none (snapshot read)")]
    [InlineData("UPDATE {0} SET n = 1 WHERE id = 150", "distribution: SINGLE-SHARD (1 of 3 shards: ",
        "1 log entry (ONE), 1 round")]
    [InlineData("UPDATE {0} SET n = 1 WHERE id IN (1, 150)", "distribution: CROSS-SHARD (2 of 3 shards: ",
        "2PC + DSSN exchange, 1 round")]
    [InlineData("INSERT INTO {0} VALUES (1, 1), (2, 2)", "distribution: SINGLE-SHARD (1 of 3 shards: ",
        "1 log entry (ONE), 1 round")]
    [InlineData("DELETE FROM {0}", "distribution: CROSS-SHARD (3 of 3 shards: ", "2PC + DSSN exchange, 1 round")]
    [InlineData("SELECT 1", "distribution: GATEWAY (0 of 3 shards)", "commit: none")]
    public async Task Explain_begins_with_the_verdict_and_changes_nothing(
        string statement, string verdict, string commit)
    {
        string table = await cluster.CreateSpreadTableAsync();
        await cluster.ExecuteAsync($"INSERT INTO {table} VALUES (1, 0), (150, 0), (250, 0)");
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        string text = statement.Replace("{0}", table, StringComparison.Ordinal);
        string[] lines = [.. await connection.QueryAsync<string>("EXPLAIN " + text)];
        Assert.StartsWith(verdict, lines[0], StringComparison.Ordinal);
        Assert.Contains(commit, lines[0], StringComparison.Ordinal);
        Assert.Contains("reason: ", lines[0], StringComparison.Ordinal);
        Assert.All(lines[1..].Where(line => line.Contains("->", StringComparison.Ordinal)), line =>
            Assert.Matches("leader n[123]", line));
        Assert.Equal((3, 0), await connection.QuerySingleAsync<(long, long)>($"SELECT count(*), sum(n) FROM {table}"));
    }

    [Fact]
    public async Task Show_statements_describe_the_cluster()
    {
        string table = await cluster.CreateSpreadTableAsync();
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        dynamic whole = connection.QuerySingle("SHOW CLUSTER");
        Assert.Equal((3, 3), ((int)whole.nodes, (int)whole.shards_with_leader - (int)whole.shards + 3));
        Assert.Equal(cluster.Cluster.Storage.ClusterId, (Guid)whole.cluster_id);
        Assert.Equal(["n1", "n2", "n3"], (await NamesAsync("SHOW NODES", "node")).Order());
        Assert.Contains("s1", await NamesAsync("SHOW SHARDS", "shard"));
        Assert.Contains(table, await NamesAsync("SHOW TABLES", "table_name"));
        Assert.Equal(3, (await connection.QueryAsync($"SHOW SEGMENTS FROM TABLE {table}")).Count());
        Assert.Equal(1, await connection.ExecuteScalarAsync<long>(
            $"SELECT count(*) FROM shard.tables WHERE table_name = @table", new { table }));

        async Task<List<string>> NamesAsync(string text, string column)
        {
            var names = new List<string>();
            await using ShardSqlDataReader reader = await new ShardSqlCommand(text, connection).ExecuteReaderAsync();
            while (await reader.ReadAsync())
            {
                names.Add(reader.GetString(reader.GetOrdinal(column)));
            }

            return names;
        }
    }

    [Fact]
    public async Task Rows_map_to_several_objects()
    {
        string table = await CreateItemsAsync();
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        IEnumerable<(int, string)> rows = await connection.QueryAsync<Left, Right, (int, string)>(
            $"SELECT id, n, id, grp FROM {table} WHERE id < 5 ORDER BY id", (left, right) =>
                (left.Id + right.Id, right.Grp), splitOn: "id");
        Assert.Equal(Enumerable.Range(0, 5).Select(i => (2 * i, "g" + i)), rows);
    }

    private static Item ItemOf(int i) => new(i, "g" + (i % 7), i * 37 % 101, i % 11 == 0 ? null : i / 4m);

    private async Task<string> CreateItemsAsync()
    {
        string table = await cluster.CreateTableAsync(
            "(id integer PRIMARY KEY, grp text, n integer DEFAULT 0, price decimal(10,2)) "
            + "SHARD BY RANGE (id) SPLIT AT VALUES (100), (200)");
        string values = string.Join(", ", s_items.Select(item => FormattableString.Invariant(
            $"({item.Id}, '{item.Grp}', {item.N}, {(item.Price is { } price ? price : "NULL")})")));
        Assert.Equal(Rows, await cluster.ExecuteAsync($"INSERT INTO {table} VALUES {values}"));
        return table;
    }

    private sealed record Item(int Id, string Grp, int N, decimal? Price);

    private sealed record Left
    {
        public int Id { get; init; }
    }

    private sealed record Right
    {
        public int Id { get; init; }

        public string Grp { get; init; } = "";
    }
}
