using System;
using System.Threading.Tasks;
using Dapper;
using Xunit;

namespace ShardSql.Data.Tests.SqlStatements;

/// <summary>Foreign keys of every type of column, of tables without keys, over indexes, and of rows that move.</summary>
public sealed class ForeignKeyShapeTests(ShopFixture shop) : IClassFixture<ShopFixture>
{
    [Theory]
    [InlineData("smallint", "bigint", "7", "8")]
    [InlineData("bigint", "smallint", "7", "8")]
    [InlineData("bigint", "integer", "7", "5000000000", false)]
    [InlineData("decimal(10,2)", "decimal(12,4)", "7.5", "7.25")]
    [InlineData("double precision", "double precision", "0.1", "0.2")]
    [InlineData("real", "real", "0.1", "0.2")]
    [InlineData("boolean", "boolean", "true", "false")]
    [InlineData("text", "varchar(5)", "'a''b'", "'A'")]
    [InlineData("uuid", "uuid", "'6f9619ff-8b86-d011-b42d-00c04fc964ff'", "'00000000-0000-0000-0000-000000000000'")]
    [InlineData("bytes", "bytes", "X'00ff'", "X''")]
    [InlineData("date", "date", "'2024-02-29'", "'2024-03-01'")]
    [InlineData("time", "time", "'12:34:56.789'", "'00:00'")]
    [InlineData("timestamp", "timestamp", "'2024-02-29 01:02:03.456789'", "'1969-12-31'")]
    [InlineData("timestamptz", "timestamptz", "'2024-02-29 01:02:03+02'", "'1969-12-31 00:00+00'")]
    public async Task Every_type_can_refer(string parent, string child, string there, string missing, bool fits = true)
    {
        string suffix = Guid.NewGuid().ToString("N")[..8];
        await shop.ExecuteAsync($"CREATE TABLE typ_{suffix} (k {parent} PRIMARY KEY)");
        await shop.ExecuteAsync(
            $"CREATE TABLE tyc_{suffix} (id int PRIMARY KEY, r {child} REFERENCES typ_{suffix} ON DELETE CASCADE ON UPDATE CASCADE)");
        await shop.ExecuteAsync($"INSERT INTO typ_{suffix} VALUES ({there})");
        Assert.Equal(1, await shop.ExecuteAsync($"INSERT INTO tyc_{suffix} VALUES (1, {there})"));
        if (!fits)
        {
            Assert.Equal("22003", (await shop.FailsAsync($"UPDATE typ_{suffix} SET k = {missing}")).SqlState);
            return;
        }

        Assert.Equal("23503", (await shop.FailsAsync($"INSERT INTO tyc_{suffix} VALUES (2, {missing})")).SqlState);
        Assert.Equal(1, await shop.ExecuteAsync($"UPDATE typ_{suffix} SET k = {missing}"));
        Assert.Equal("1", await shop.RowsAsync($"SELECT count(*) FROM tyc_{suffix} WHERE r = CAST({missing} AS {child})"));
        Assert.Equal(1, await shop.ExecuteAsync($"DELETE FROM typ_{suffix}"));
        Assert.Equal("", await shop.RowsAsync($"SELECT id FROM tyc_{suffix}"));
    }

    [Fact]
    public async Task Tables_without_a_primary_key_refer_and_are_referred_to()
    {
        await shop.ExecuteAsync("CREATE TABLE bare_p (k int UNIQUE, n int)");
        await shop.ExecuteAsync("CREATE TABLE bare_c (k int REFERENCES bare_p (k) ON DELETE CASCADE ON UPDATE SET NULL)");
        Assert.Equal(3, await shop.ExecuteAsync("INSERT INTO bare_p VALUES (1, 0), (2, 0), (NULL, 0)"));
        Assert.Equal(3, await shop.ExecuteAsync("INSERT INTO bare_c VALUES (1), (1), (2) ON CONFLICT DO NOTHING"));
        Assert.Equal("23503", (await shop.FailsAsync("INSERT INTO bare_c VALUES (3) ON CONFLICT DO NOTHING")).SqlState);
        Assert.Equal(1, await shop.ExecuteAsync("DELETE FROM bare_p WHERE k = 1"));
        Assert.Equal(1, await shop.ExecuteAsync("UPDATE bare_p SET k = NULL WHERE k = 2"));
        Assert.Equal("-", await shop.RowsAsync("SELECT k FROM bare_c"));
        Assert.Equal(2, await shop.ExecuteAsync("DELETE FROM bare_p"));
    }

    [Fact]
    public async Task Rows_that_are_placed_by_their_parent_move_with_it()
    {
        await shop.ExecuteAsync("CREATE TABLE mv_p (id int PRIMARY KEY, n int)");
        await shop.ExecuteAsync(
            "CREATE TABLE mv_c (p int REFERENCES mv_p ON UPDATE CASCADE ON DELETE CASCADE, id int, PRIMARY KEY (p, id)) "
            + "COLOCATED WITH mv_p ON (p)");
        await shop.ExecuteAsync(
            "CREATE TABLE mv_g (p int, c int, id int, PRIMARY KEY (p, c, id), "
            + "FOREIGN KEY (p, c) REFERENCES mv_c ON UPDATE CASCADE ON DELETE CASCADE) COLOCATED WITH mv_p ON (p)");
        await shop.ExecuteAsync("INSERT INTO mv_p VALUES (1, 0), (2, 0); INSERT INTO mv_c VALUES (1, 1), (1, 2), (2, 1); "
            + "INSERT INTO mv_g VALUES (1, 1, 1), (1, 2, 1), (2, 1, 1)");
        Assert.Equal(2, await shop.ExecuteAsync("UPDATE mv_p SET id = id + 10"));
        Assert.Equal("11 1|11 2|12 1", await shop.RowsAsync("SELECT p, id FROM mv_c ORDER BY p, id"));
        Assert.Equal("11 1 1|11 2 1|12 1 1", await shop.RowsAsync("SELECT p, c, id FROM mv_g ORDER BY p, c, id"));
        Assert.Equal(1, await shop.ExecuteAsync("DELETE FROM mv_p WHERE id = 11"));
        Assert.Equal("12 1 1", await shop.RowsAsync("SELECT p, c, id FROM mv_g"));
    }

    [Fact]
    public async Task Indexes_of_both_kinds_find_the_rows_that_refer()
    {
        await shop.ExecuteAsync("CREATE TABLE via_p (id int PRIMARY KEY, region text) SHARD BY HASH (region)");
        await shop.ExecuteAsync("CREATE TABLE via_l (id int PRIMARY KEY, p int REFERENCES via_p (id))");
        await shop.ExecuteAsync("CREATE TABLE via_g (id int PRIMARY KEY, p int REFERENCES via_p (id) ON DELETE SET NULL)");
        await shop.ExecuteAsync("CREATE INDEX via_l_p ON via_l (p) LOCAL WITH (wait = '30s')");
        await shop.ExecuteAsync("CREATE INDEX via_g_p ON via_g (p) GLOBAL WITH (wait = '30s')");
        await shop.ExecuteAsync("INSERT INTO via_p VALUES (1, 'a'), (2, 'b'), (3, 'c'); INSERT INTO via_l VALUES (1, 1); INSERT INTO via_g VALUES (1, 2), (2, 3)");
        string plan = await shop.RowsAsync("EXPLAIN INSERT INTO via_g VALUES (9, 1)");
        Assert.Contains("check via_g_p_fkey: look up via_p by global index via_p_pkey", plan, StringComparison.Ordinal);
        Assert.Equal("23503", (await shop.FailsAsync("INSERT INTO via_l VALUES (2, 4)")).SqlState);
        Assert.Equal("23503", (await shop.FailsAsync("DELETE FROM via_p WHERE id = 1")).SqlState);
        Assert.Equal(1, await shop.ExecuteAsync("DELETE FROM via_p WHERE id = 2"));
        Assert.Equal("1 -|2 3", await shop.RowsAsync("SELECT * FROM via_g ORDER BY id"));
        Assert.Equal(1, await shop.ExecuteAsync("UPDATE via_p SET region = 'z' WHERE id = 3"));
    }

    [Fact]
    public async Task Explain_analyze_checks_and_takes_back()
    {
        await shop.ExecuteAsync("CREATE TABLE an_p (id int PRIMARY KEY)");
        await shop.ExecuteAsync("CREATE TABLE an_c (id int PRIMARY KEY, p int REFERENCES an_p ON DELETE CASCADE)");
        await shop.ExecuteAsync("INSERT INTO an_p VALUES (1); INSERT INTO an_c VALUES (1, 1)");
        Assert.Contains("an_c_p_fkey", await shop.RowsAsync("EXPLAIN ANALYZE DELETE FROM an_p"), StringComparison.Ordinal);
        Assert.Equal("23503", (await shop.FailsAsync("EXPLAIN ANALYZE INSERT INTO an_c VALUES (2, 2)")).SqlState);
        Assert.Equal("1 1", await shop.RowsAsync("SELECT * FROM an_c"));
    }

    [Fact]
    public async Task A_statement_that_is_known_already_is_checked_each_time()
    {
        await shop.ExecuteAsync("CREATE TABLE known_p (id int PRIMARY KEY)");
        await shop.ExecuteAsync("CREATE TABLE known_c (id int PRIMARY KEY, p int)");
        await using ShardSqlConnection connection = await shop.Source.OpenConnectionAsync();
        const string Insert = "INSERT INTO known_c VALUES (@id, @p)";
        const string Delete = "DELETE FROM known_p WHERE id = @id";
        for (int i = 1; i <= 4; i++)
        {
            await connection.ExecuteAsync("INSERT INTO known_p VALUES (@id)", new { id = i });
            Assert.Equal(1, await connection.ExecuteAsync(Insert, new { id = i, p = i }));
            Assert.Equal(0, await connection.ExecuteAsync(Delete, new { id = 100 + i }));
        }

        await shop.ExecuteAsync("ALTER TABLE known_c ADD FOREIGN KEY (p) REFERENCES known_p");
        for (int i = 1; i <= 4; i++)
        {
            int known = i;
            Assert.Equal(1, await connection.ExecuteAsync(Insert, new { id = 10 + i, p = (int?)i }));
            Assert.Equal("23503", (await Assert.ThrowsAsync<ShardSqlException>(
                () => connection.ExecuteAsync(Insert, new { id = 20 + known, p = 20 + known }))).SqlState);
            Assert.Equal("23503", (await Assert.ThrowsAsync<ShardSqlException>(
                () => connection.ExecuteAsync(Delete, new { id = known }))).SqlState);
        }
    }
}
