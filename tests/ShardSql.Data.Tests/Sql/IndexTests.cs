using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using Dapper;
using Xunit;

namespace ShardSql.Data.Tests.SqlStatements;

/// <summary>CREATE INDEX and DROP INDEX over four shards: queries answer the same with and without, EXPLAIN names the index,
/// entries are those of the rows whatever was written meanwhile.</summary>
public sealed class IndexTests(ShopFixture shop) : IClassFixture<ShopFixture>
{
    public static TheoryData<string> Scopes => ["", "LOCAL", "GLOBAL"];

    [Theory]
    [MemberData(nameof(Scopes))]
    public async Task A_query_by_an_index_gives_the_rows_that_a_scan_gives(string scope)
    {
        string t = "q" + Guid.NewGuid().ToString("N");
        await shop.ExecuteAsync($"CREATE TABLE {t} (id int PRIMARY KEY, a int, b text, c int)");
        await shop.ExecuteAsync($"INSERT INTO {t} VALUES " + string.Join(", ", Enumerable.Range(0, 600).Select(
            i => $"({i}, {(i % 7 == 0 ? "NULL" : (i % 20).ToString(System.Globalization.CultureInfo.InvariantCulture))}, 'v{i % 13}', {i})")));
        string[] queries =
        [
            $"SELECT id FROM {t} WHERE a = 5 ORDER BY id",
            $"SELECT a, id FROM {t} WHERE a = 5 ORDER BY id",
            $"SELECT * FROM {t} WHERE a = 5 AND b = 'v3' ORDER BY id",
            $"SELECT * FROM {t} WHERE a IN (3, 4, 99) AND c > 100 ORDER BY id",
            $"SELECT count(*), sum(c) FROM {t} WHERE a BETWEEN 3 AND 6",
            $"SELECT id FROM {t} WHERE a > 17 ORDER BY id",
            $"SELECT id FROM {t} WHERE a IS NULL ORDER BY id",
            $"SELECT a, id FROM {t} ORDER BY a, b, id LIMIT 7",
            $"SELECT a FROM {t} WHERE a >= 4 ORDER BY a LIMIT 3",
            $"SELECT x.id, y.id FROM {t} x JOIN {t} y ON x.c = y.id + 1 WHERE x.a = 5 ORDER BY 1",
            $"SELECT b, count(*) FROM {t} WHERE a = 6 GROUP BY b ORDER BY b",
            $"SELECT id FROM {t} WHERE (a, b) > (18, 'v5') ORDER BY id",
        ];
        var before = new List<string>();
        foreach (string query in queries)
        {
            before.Add(await shop.RowsAsync(query));
        }

        string job = await shop.RowsAsync($"CREATE INDEX {t}_ab ON {t} (a, b) {scope}");
        Assert.Contains("CREATE INDEX succeeded", job, StringComparison.Ordinal);
        for (int i = 0; i < queries.Length; i++)
        {
            Assert.Equal((queries[i], before[i]), (queries[i], await shop.RowsAsync(queries[i])));
        }

        Assert.Contains(
            scope == "GLOBAL" ? $"by global index {t}_ab" : $"by local index {t}_ab",
            await shop.RowsAsync($"EXPLAIN SELECT * FROM {t} WHERE a = 5 AND b = 'v3'"),
            StringComparison.Ordinal);
        Assert.NotEqual(0, await shop.ExecuteAsync($"UPDATE {t} SET a = 1000 WHERE a = 5 AND b IN ('v3', 'v4')"));
        Assert.Equal("0", await shop.RowsAsync($"SELECT count(*) FROM {t} WHERE a = 5 AND b = 'v3'"));
        Assert.NotEqual("0", await shop.RowsAsync($"SELECT count(*) FROM {t} WHERE a = 1000 AND b = 'v3'"));
        await AssertWholeAsync(t, $"{t}_ab", "a, b", "a IS NOT NULL");

        await shop.ExecuteAsync($"DROP INDEX {t}_ab");
        Assert.DoesNotContain($"{t}_ab", await shop.RowsAsync($"EXPLAIN SELECT * FROM {t} WHERE a = 5 AND b = 'v3'"), StringComparison.Ordinal);
        Assert.Equal("0", await shop.RowsAsync($"SELECT count(*) FROM {t} WHERE a = 5 AND b = 'v3'"));
        Assert.Equal("42704", (await shop.FailsAsync($"DROP INDEX {t}_ab")).SqlState);
        await shop.ExecuteAsync($"DROP INDEX IF EXISTS {t}_ab");
    }

    [Theory]
    [InlineData("LOCAL")]
    [InlineData("GLOBAL")]
    public async Task An_index_that_stores_all_that_is_read_is_read_alone(string scope)
    {
        string t = "s" + scope.ToLowerInvariant();
        await shop.ExecuteAsync($"CREATE TABLE {t} (id int PRIMARY KEY, a int, b text, c int)");
        await shop.ExecuteAsync($"INSERT INTO {t} VALUES (1, 5, 'x', 10), (2, 5, 'y', 20), (3, 6, 'z', 30), (4, NULL, 'n', 40)");
        await shop.ExecuteAsync($"CREATE INDEX {t}_a ON {t} (a) {scope} STORING (b)");
        Assert.Equal("1 x|2 y", await shop.RowsAsync($"SELECT id, b FROM {t} WHERE a = 5 ORDER BY id"));
        string plan = await shop.RowsAsync($"EXPLAIN SELECT id, b FROM {t} WHERE a = 5");
        Assert.DoesNotContain("by their keys", plan, StringComparison.Ordinal);
        Assert.Contains($"{t}_a", plan, StringComparison.Ordinal);
        Assert.Equal(1, await shop.ExecuteAsync($"UPDATE {t} SET b = 'changed' WHERE id = 2"));
        Assert.Equal("1 x|2 changed", await shop.RowsAsync($"SELECT id, b FROM {t} WHERE a = 5 ORDER BY id"));
        Assert.Equal("1 x 10|2 changed 20", await shop.RowsAsync($"SELECT id, b, c FROM {t} WHERE a = 5 ORDER BY id"));
        Assert.Contains("CROSS", await shop.RowsAsync($"SELECT index_name, state, placement || 'CROSS' FROM shard.indexes WHERE table_name = '{t}'"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_unique_index_over_values_that_are_there_twice_fails_and_leaves_nothing()
    {
        await shop.ExecuteAsync("CREATE TABLE twice (id int PRIMARY KEY, a int)");
        await shop.ExecuteAsync("INSERT INTO twice VALUES (1, 5), (2, 6), (3, 5)");
        foreach (string name in new[] { "twice_a", "twice_a" })
        {
            ShardSqlException error = await shop.FailsAsync($"CREATE UNIQUE INDEX {name} ON twice (a)");
            Assert.Equal("23505", error.SqlState);
            Assert.Equal("could not create unique index \"twice_a\"", error.Message);
        }

        Assert.Equal("", await shop.RowsAsync("SELECT index_name FROM shard.indexes WHERE table_name = 'twice'"));
        Assert.Contains("failed", await shop.RowsAsync("SELECT state FROM shard.jobs WHERE target = 'index twice_a on twice'"), StringComparison.Ordinal);
        await shop.ExecuteAsync("DELETE FROM twice WHERE id = 3");
        await shop.ExecuteAsync("CREATE UNIQUE INDEX twice_a ON twice (a)");
        Assert.Equal("23505", (await shop.FailsAsync("INSERT INTO twice VALUES (4, 5)")).SqlState);
        Assert.Equal("42P07", (await shop.FailsAsync("CREATE INDEX twice_a ON twice (id)")).SqlState);
        await shop.ExecuteAsync("CREATE INDEX IF NOT EXISTS twice_a ON twice (id)");
        await shop.ExecuteAsync("DROP INDEX twice_a");
        Assert.Equal(1, await shop.ExecuteAsync("INSERT INTO twice VALUES (4, 5)"));
    }

    [Theory]
    [InlineData("INDEX", "LOCAL")]
    [InlineData("INDEX", "GLOBAL")]
    [InlineData("UNIQUE INDEX", "GLOBAL")]
    public async Task Entries_are_those_of_the_rows_when_rows_are_written_while_the_index_is_built(string kind, string scope)
    {
        const int Writers = 4;
        const int Keys = 400;
        string t = "w" + Guid.NewGuid().ToString("N");
        bool unique = kind != "INDEX";
        await shop.ExecuteAsync($"CREATE TABLE {t} (id int PRIMARY KEY, a int)");
        await shop.ExecuteAsync($"INSERT INTO {t} VALUES " + string.Join(", ", Enumerable.Range(0, Keys).Select(i => $"({i}, {(unique ? i : i % 9)})")));
        var stop = new TaskCompletionSource();
        Task[] writers = [.. Enumerable.Range(0, Writers).Select(w => Task.Run(() => WriteAsync(w)))];
        Assert.Contains("succeeded", await shop.RowsAsync($"CREATE {kind} {t}_a ON {t} (a) {scope}"), StringComparison.Ordinal);
        stop.SetResult();
        await Task.WhenAll(writers);
        await AssertWholeAsync(t, $"{t}_a", "a", "a IS NOT NULL");

        async Task WriteAsync(int writer)
        {
            var random = new Random(writer);
            await using ShardSqlConnection connection = await shop.Source.OpenConnectionAsync();
            for (int i = 0; !stop.Task.IsCompleted || i < 30; i++)
            {
                int id = (random.Next(Keys / Writers) * Writers) + writer;
                int value = unique ? id + (Keys * random.Next(3)) : random.Next(9);
                string text = random.Next(4) switch
                {
                    0 => $"DELETE FROM {t} WHERE id = {id}",
                    1 => $"INSERT INTO {t} VALUES ({id}, {value}) ON CONFLICT (id) DO UPDATE SET a = excluded.a",
                    2 => $"UPDATE {t} SET a = NULL WHERE id = {id}",
                    _ => $"UPDATE {t} SET a = {value} WHERE id = {id}",
                };
                try
                {
                    await connection.ExecuteAsync(text);
                }
                catch (ShardSqlException error) when (error.SqlState == "40001")
                {
                    // Another was first: the rows are as if this one had not been written.
                }
            }
        }
    }

    [Fact]
    public async Task Jobs_are_waited_for_shown_and_cancelled()
    {
        await shop.ExecuteAsync("CREATE TABLE jobbed (id int PRIMARY KEY, a int)");
        string row = await shop.RowsAsync("CREATE INDEX jobbed_a ON jobbed (a) WITH (wait = '0s')");
        string id = row.Split(' ')[0];
        Assert.Equal($"{id} CREATE INDEX succeeded - index jobbed_a on jobbed", await shop.RowsAsync($"WAIT JOB {id} TIMEOUT '30s'"));
        Assert.StartsWith($"{id} CREATE INDEX succeeded done 100", await shop.RowsAsync($"SHOW JOB {id}"), StringComparison.Ordinal);
        Assert.Contains($"{id} CREATE INDEX", await shop.RowsAsync("SHOW JOBS"), StringComparison.Ordinal);
        Assert.Equal("55000", (await shop.FailsAsync($"CANCEL JOB {id}")).SqlState);
        Assert.Equal("42704", (await shop.FailsAsync("WAIT JOB 999999")).SqlState);
        Assert.Equal("22023", (await shop.FailsAsync($"WAIT JOB {id} TIMEOUT 'soon'")).SqlState);
        Assert.StartsWith("jobbed jobbed_a a", await shop.RowsAsync("SHOW INDEXES FROM TABLE jobbed"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("CREATE INDEX i ON nothing (a)", "42P01")]
    [InlineData("CREATE INDEX i ON customers (nothing)", "42703")]
    [InlineData("CREATE INDEX i ON customers (name, name)", "42701")]
    [InlineData("CREATE INDEX i ON customers (name) STORING (nothing)", "42703")]
    [InlineData("CREATE UNIQUE INDEX i ON customers (name) LOCAL", "0A000")]
    [InlineData("CREATE INDEX customers ON customers (name)", "42P07")]
    [InlineData("CREATE INDEX i ON customers (name) WITH (speed = '1')", "22023")]
    [InlineData("DROP INDEX customers", "42704")]
    public async Task What_is_wrong_with_an_index_is_said(string text, string state) =>
        Assert.Equal(state, (await shop.FailsAsync(text)).SqlState);

    /// <summary>The index, read alone, has the entries of the rows, and no others.</summary>
    private async Task AssertWholeAsync(string table, string index, string columns, string where)
    {
        string byIndex = $"SELECT {columns}, id FROM {table} WHERE {Probe(columns)} ORDER BY id";
        string plan = await shop.RowsAsync("EXPLAIN " + byIndex.Replace("@", "1", StringComparison.Ordinal));
        Assert.Contains(index, plan, StringComparison.Ordinal);
        string rows = await shop.RowsAsync($"SELECT {columns}, id FROM {table} WHERE {where} AND id + 0 >= 0 ORDER BY id");
        var expected = rows.Split('|', StringSplitOptions.RemoveEmptyEntries).ToLookup(r => r.Split(' ')[0]);
        foreach (IGrouping<string, string> group in expected)
        {
            string found = columns.Contains(',', StringComparison.Ordinal)
                ? string.Join('|', (await Task.WhenAll(group.Select(r => r.Split(' ')[1]).Distinct().Select(b => shop.RowsAsync(
                    $"SELECT {columns}, id FROM {table} WHERE a = {group.Key} AND b = '{b}' ORDER BY id")))).SelectMany(r => r.Split('|')).OrderBy(r => int.Parse(r.Split(' ')[^1], System.Globalization.CultureInfo.InvariantCulture)))
                : await shop.RowsAsync($"SELECT {columns}, id FROM {table} WHERE a = {group.Key} ORDER BY id");
            Assert.Equal(string.Join('|', group), found);
        }

        Assert.Equal("", await shop.RowsAsync($"SELECT id FROM {table} WHERE {Probe(columns)}"));
    }

    private static string Probe(string columns) =>
        columns.Contains(',', StringComparison.Ordinal) ? "a = -1 AND b = 'none'" : "a = -1";

    [Fact]
    public async Task Rows_by_the_entries_of_a_global_index_come_in_the_order_that_is_asked_for()
    {
        await shop.ExecuteAsync("CREATE TABLE bucketed (id int PRIMARY KEY, a int); CREATE INDEX bucketed_a ON bucketed (a) GLOBAL");
        await shop.ExecuteAsync($"INSERT INTO bucketed VALUES {string.Join(", ", Enumerable.Range(1, 60).Select(i => $"({i}, {i * 7})"))}");
        int[] wanted = [.. Enumerable.Range(1, 60).Select(i => i * 7)];
        string list = string.Join(", ", wanted.Reverse());
        Assert.Equal(string.Join('|', wanted), await shop.RowsAsync($"SELECT a FROM bucketed WHERE a IN ({list}) ORDER BY a"));
        Assert.Equal("7|14|21", await shop.RowsAsync($"SELECT a FROM bucketed WHERE a IN ({list}) ORDER BY a LIMIT 3"));
        Assert.Equal("420|413", await shop.RowsAsync($"SELECT a FROM bucketed WHERE a IN ({list}) ORDER BY a DESC LIMIT 2"));
    }
}
