using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using Dapper;
using Xunit;

namespace ShardSql.Data.Tests.Cluster;

/// <summary>Tables of every placement, their keys, defaults and constraints.</summary>
[Collection(ClusterCollection.Name)]
public sealed class TableTests(ClusterFixture cluster)
{
    private const int Rows = 60;

    [Theory]
    [InlineData("(id integer PRIMARY KEY, n bigint)", 3)]
    [InlineData("(id integer PRIMARY KEY, n bigint) SHARD BY HASH (id)", 3)]
    [InlineData("(id integer PRIMARY KEY, n bigint) SHARD BY HASH (id) INTO 12 SEGMENTS", 3)]
    [InlineData("(id integer PRIMARY KEY, n bigint) SHARD BY RANGE (id)", 1)]
    [InlineData("(id integer PRIMARY KEY, n bigint) SHARD BY RANGE (id) SPLIT AT VALUES (20), (40)", 3)]
    [InlineData("(id integer PRIMARY KEY, n bigint) SINGLE", 1)]
    [InlineData("(id integer PRIMARY KEY, n bigint) SINGLE ON SHARD 2", 1)]
    [InlineData("(id integer PRIMARY KEY, n bigint) REFERENCE", 3)]
    [InlineData("(id integer, n bigint)", 3)]
    [InlineData("(id integer, n bigint, m integer DEFAULT 1, PRIMARY KEY (id, m)) SHARD BY HASH (id)", 3)]
    [InlineData("(m text DEFAULT 'x', id integer, n bigint, PRIMARY KEY (m, id))", 3)]
    public async Task A_placement_keeps_reads_updates_and_deletes_rows(string definition, int shards)
    {
        string table = await cluster.CreateTableAsync(definition);
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        string values = string.Join(", ", Enumerable.Range(0, Rows).Select(i => $"({i}, {i * 10})"));
        Assert.Equal(Rows, await connection.ExecuteAsync($"INSERT INTO {table} (id, n) VALUES {values}"));
        Assert.Equal(
            Enumerable.Range(0, Rows).Select(i => (i, i * 10L)),
            await connection.QueryAsync<(int, long)>($"SELECT id, n FROM {table} ORDER BY id"));
        Assert.Equal(
            300, await connection.ExecuteScalarAsync<long>($"SELECT n FROM {table} WHERE id = @id", new { id = 30 }));
        Assert.Equal(20, await connection.ExecuteAsync($"UPDATE {table} SET n = n + 1 WHERE id >= 20 AND id < 40"));
        Assert.Equal(10, await connection.ExecuteAsync($"DELETE FROM {table} WHERE id < 10"));
        Assert.Equal(
            Enumerable.Range(10, Rows - 10).Sum(i => (i * 10L) + (i is >= 20 and < 40 ? 1 : 0)),
            await connection.ExecuteScalarAsync<long>($"SELECT sum(n) FROM {table}"));
        IEnumerable<string> where =
            await connection.QueryAsync<string>($"SELECT shard FROM shard.segments WHERE tables = '{table}'");
        Assert.Equal(shards, where.Distinct().Count());
        await connection.ExecuteAsync($"DROP TABLE {table}");
        var gone = await Assert.ThrowsAsync<ShardSqlException>(() => connection.QueryAsync($"SELECT * FROM {table}"));
        Assert.Equal("42P01", gone.SqlState);
    }

    [Fact]
    public async Task A_colocated_table_lives_where_its_parent_does()
    {
        string parent = await cluster.CreateTableAsync("(id integer PRIMARY KEY, name text) SHARD BY HASH (id)");
        string child = await cluster.CreateTableAsync(
            $"(owner integer, nr integer, n bigint, PRIMARY KEY (owner, nr)) COLOCATED WITH {parent} ON (owner)");
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        for (int i = 0; i < 12; i++)
        {
            await connection.ExecuteAsync(
                $"INSERT INTO {parent} VALUES ({i}, 'a'); INSERT INTO {child} VALUES ({i}, 1, 5), ({i}, 2, 6)");
            string own = await LeafAsync($"EXPLAIN SELECT * FROM {parent} WHERE id = {i}");
            Assert.Equal(own, await LeafAsync($"EXPLAIN SELECT * FROM {child} WHERE owner = {i}"));
        }

        Assert.Equal(24, await connection.ExecuteScalarAsync<long>($"SELECT count(*) FROM {child}"));
        string both = await connection.QuerySingleAsync<string>(
            $"SELECT tables FROM shard.segments WHERE tables LIKE '%{child}%' LIMIT 1");
        Assert.Contains(parent, both, StringComparison.Ordinal);

        async Task<string> LeafAsync(string explain)
        {
            string line = (await connection.QueryAsync<string>(explain)).Last();
            return line[line.IndexOf("-> ", StringComparison.Ordinal)..].Split(' ')[1];
        }
    }

    [Fact]
    public async Task If_exists_and_if_not_exists_decide()
    {
        string table = cluster.NewName();
        await cluster.ExecuteAsync($"CREATE TABLE IF NOT EXISTS {table} (id integer PRIMARY KEY)");
        await cluster.ExecuteAsync($"CREATE TABLE IF NOT EXISTS {table} (other text)");
        Assert.Equal("42P07", (await Refused($"CREATE TABLE {table} (id integer)")).SqlState);
        await cluster.ExecuteAsync($"INSERT INTO {table} (id) VALUES (1)");
        await cluster.ExecuteAsync($"DROP TABLE IF EXISTS {table}");
        await cluster.ExecuteAsync($"DROP TABLE IF EXISTS {table}");
        Assert.Equal("42P01", (await Refused($"DROP TABLE {table}")).SqlState);
        await cluster.ExecuteAsync($"CREATE TABLE {table} (id integer PRIMARY KEY)");
        Assert.Equal(0, await cluster.ScalarAsync<long>($"SELECT count(*) FROM {table}"));
    }

    [Fact]
    public async Task Defaults_fill_what_is_left_out()
    {
        string table = await cluster.CreateTableAsync(
            "(id integer PRIMARY KEY, n integer DEFAULT 7 * 6, s text DEFAULT 'x', "
            + "u uuid DEFAULT gen_random_uuid(), z integer)");
        await cluster.ExecuteAsync($"INSERT INTO {table} (id) VALUES (1), (2)");
        await cluster.ExecuteAsync($"INSERT INTO {table} VALUES (3, DEFAULT, 'y', DEFAULT, 5)");
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        (int, int, string, int?)[] rows =
            [.. await connection.QueryAsync<(int, int, string, int?)>($"SELECT id, n, s, z FROM {table} ORDER BY id")];
        Assert.Equal([(1, 42, "x", null), (2, 42, "x", null), (3, 42, "y", 5)], rows);
        Assert.Equal(3, (await connection.QueryAsync<Guid>($"SELECT u FROM {table}")).Distinct().Count());
    }

    [Fact]
    public async Task Constraints_refuse_and_name_themselves()
    {
        string table = await cluster.CreateTableAsync(
            "(id integer PRIMARY KEY, n integer NOT NULL, m integer CHECK (m > 0), CONSTRAINT above CHECK (m > n))");
        await cluster.ExecuteAsync($"INSERT INTO {table} VALUES (1, 1, 2), (2, 5, NULL)");
        ShardSqlException notNull = await Refused($"INSERT INTO {table} VALUES (3, 1, 2), (4, NULL, 3)");
        Assert.Equal(("23502", table, "n"), (notNull.SqlState, notNull.Table, notNull.ColumnName));
        Assert.Equal("23514", (await Refused($"INSERT INTO {table} VALUES (3, -5, -1)")).SqlState);
        ShardSqlException above = await Refused($"UPDATE {table} SET n = n + 1 WHERE id = 1");
        Assert.Equal(("23514", "above"), (above.SqlState, above.ConstraintName));
        Assert.Equal("23502", (await Refused($"UPDATE {table} SET n = NULL")).SqlState);
        ShardSqlException twice = await Refused($"INSERT INTO {table} VALUES (7, 1, 2), (1, 1, 2)");
        Assert.Equal(("23505", table), (twice.SqlState, twice.Table));
        Assert.Contains("1", twice.Message, StringComparison.Ordinal);
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        Assert.Equal(
            [(1, 1, (int?)2), (2, 5, null)],
            await connection.QueryAsync<(int, int, int?)>($"SELECT * FROM {table} ORDER BY id"));
    }

    [Fact]
    public async Task Rows_without_a_key_may_be_equal()
    {
        string table = await cluster.CreateTableAsync("(s text, n integer)");
        Assert.Equal(3, await cluster.ExecuteAsync($"INSERT INTO {table} VALUES ('a', 1), ('a', 1), ('b', 2)"));
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        await using ShardSqlDataReader reader =
            await new ShardSqlCommand($"SELECT * FROM {table}", connection).ExecuteReaderAsync();
        Assert.Equal(2, reader.FieldCount);
        await reader.CloseAsync();
        Assert.Equal(2, await connection.ExecuteAsync($"DELETE FROM {table} WHERE s = 'a'"));
        Assert.Equal("b", await connection.QuerySingleAsync<string>($"SELECT s FROM {table}"));
    }

    [Fact]
    public async Task An_update_of_the_key_moves_the_row_to_its_shard_unless_the_key_is_taken()
    {
        string table = await cluster.CreateSpreadTableAsync();
        await cluster.ExecuteAsync($"INSERT INTO {table} VALUES (1, 10), (150, 20)");
        ShardSqlException refused = await Refused($"UPDATE {table} SET id = 150 WHERE id = 1");
        Assert.Equal("23505", refused.SqlState);
        Assert.Equal(1, await cluster.ExecuteAsync($"UPDATE {table} SET id = 250 WHERE id = 1"));
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        Assert.Equal(
            [(150, 20L), (250, 10L)], await connection.QueryAsync<(int, long)>($"SELECT * FROM {table} ORDER BY id"));
    }

    private Task<ShardSqlException> Refused(string text) =>
        Assert.ThrowsAsync<ShardSqlException>(() => cluster.ExecuteAsync(text));
}
