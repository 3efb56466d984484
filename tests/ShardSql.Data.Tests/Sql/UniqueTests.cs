using System.Linq;
using System.Threading.Tasks;
using Dapper;
using Xunit;

namespace ShardSql.Data.Tests.SqlStatements;

/// <summary>UNIQUE with and without the shard key, on four shards: what it refuses, and that every kind of write keeps its
/// entries.</summary>
public sealed class UniqueTests(ShopFixture shop) : IClassFixture<ShopFixture>
{
    [Theory]
    [InlineData("CREATE TABLE users_g (id int PRIMARY KEY, email text UNIQUE, n int)", "users_g", "users_g_email_key")]
    [InlineData("CREATE TABLE users_s (id int PRIMARY KEY, email text UNIQUE, n int) SINGLE", "users_s", "users_s_email_key")]
    [InlineData("CREATE TABLE users_r (id int PRIMARY KEY, email text UNIQUE, n int) REFERENCE", "users_r", "users_r_email_key")]
    [InlineData("CREATE TABLE users_c (id int PRIMARY KEY, email text, n int, CONSTRAINT one UNIQUE (email))", "users_c", "one")]
    [InlineData("CREATE TABLE users_k (id int, email text, n int, PRIMARY KEY (id, email), UNIQUE (email)) SHARD BY HASH (email)", "users_k", "users_k_email_key")]
    [InlineData("CREATE TABLE users_h (id int, email text UNIQUE, n int)", "users_h", "users_h_email_key")]
    public async Task A_value_that_is_there_is_refused_by_every_write(string create, string table, string constraint)
    {
        await shop.ExecuteAsync(create);
        Assert.Equal(3, await shop.ExecuteAsync($"INSERT INTO {table} VALUES (1, 'a', 1), (2, 'b', 1), (3, 'c', 1)"));
        ShardSqlException error = await shop.FailsAsync($"INSERT INTO {table} VALUES (4, 'b', 1)");
        Assert.Equal(("23505", constraint, table), (error.SqlState, error.ConstraintName, error.Table));
        Assert.Contains($"duplicate key value violates unique constraint \"{constraint}\"", error.Message, System.StringComparison.Ordinal);
        Assert.Equal("Key (email)=(b) already exists.", error.Detail);
        Assert.Equal("23505", (await shop.FailsAsync($"INSERT INTO {table} VALUES (5, 'x', 1), (6, 'x', 1)")).SqlState);
        Assert.Equal("23505", (await shop.FailsAsync($"UPDATE {table} SET email = 'a' WHERE id = 2")).SqlState);
        Assert.Equal("23505", (await shop.FailsAsync($"UPDATE {table} SET email = 'z'")).SqlState);
        Assert.Equal("23505", (await shop.FailsAsync($"INSERT INTO {table} SELECT id + 10, email, n FROM {table}")).SqlState);
        Assert.Equal("1 a|2 b|3 c", await shop.RowsAsync($"SELECT id, email FROM {table} ORDER BY id"));

        Assert.Equal(1, await shop.ExecuteAsync($"UPDATE {table} SET email = 'd' WHERE email = 'a'"));
        Assert.Equal(1, await shop.ExecuteAsync($"INSERT INTO {table} VALUES (4, 'a', 2)"));
        Assert.Equal(1, await shop.ExecuteAsync($"DELETE FROM {table} WHERE email = 'b'"));
        Assert.Equal(1, await shop.ExecuteAsync($"INSERT INTO {table} VALUES (5, 'b', 2)"));
        Assert.Equal(4, await shop.ExecuteAsync($"UPDATE {table} SET id = id + 1"));
        Assert.Equal(2, await shop.ExecuteAsync(
            $"UPDATE {table} SET email = CASE email WHEN 'a' THEN 'b' ELSE 'a' END WHERE email IN ('a', 'b')"));
        Assert.Equal("5 b|6 a|4 c|2 d", await shop.RowsAsync(
            $"SELECT id, email FROM {table} ORDER BY CASE email WHEN 'b' THEN 1 WHEN 'a' THEN 2 WHEN 'c' THEN 3 ELSE 4 END"));
        foreach ((string email, string id) in new[] { ("a", "6"), ("b", "5"), ("c", "4"), ("d", "2"), ("q", "") })
        {
            Assert.Equal(id, await shop.RowsAsync($"SELECT id FROM {table} WHERE email = '{email}'"));
        }
    }

    [Theory]
    [InlineData("CREATE TABLE pairs_g (id int PRIMARY KEY, a int, b text, UNIQUE (a, b))", "pairs_g")]
    [InlineData("CREATE TABLE pairs_l (id int, a int, b text, PRIMARY KEY (a, id), UNIQUE (a, b)) SHARD BY HASH (a)", "pairs_l")]
    public async Task Nulls_do_not_conflict(string create, string table)
    {
        await shop.ExecuteAsync(create);
        Assert.Equal(4, await shop.ExecuteAsync($"INSERT INTO {table} VALUES (1, 1, NULL), (2, 1, NULL), (3, 1, 'x'), (4, 2, 'x')"));
        Assert.Equal("23505", (await shop.FailsAsync($"INSERT INTO {table} VALUES (5, 1, 'x')")).SqlState);
        Assert.Equal("23505", (await shop.FailsAsync($"UPDATE {table} SET b = 'x' WHERE id = 1")).SqlState);
        Assert.Equal(1, await shop.ExecuteAsync($"UPDATE {table} SET b = 'y' WHERE id = 1"));
        Assert.Equal(1, await shop.ExecuteAsync($"UPDATE {table} SET b = NULL WHERE id = 3"));
        Assert.Equal(1, await shop.ExecuteAsync($"INSERT INTO {table} VALUES (5, 1, 'x')"));
        Assert.Equal("2|3", await shop.RowsAsync($"SELECT id FROM {table} WHERE a = 1 AND b IS NULL ORDER BY id"));
        Assert.Equal(5, await shop.ExecuteAsync($"DELETE FROM {table}"));
        Assert.Equal(2, await shop.ExecuteAsync($"INSERT INTO {table} VALUES (1, 1, 'x'), (2, 1, 'y')"));
    }

    [Theory]
    [InlineData("CREATE TABLE up_g (id int PRIMARY KEY, email text UNIQUE, n int)", "up_g")]
    [InlineData("CREATE TABLE up_s (id int PRIMARY KEY, email text UNIQUE, n int) SINGLE", "up_s")]
    public async Task On_conflict_takes_a_unique_key(string create, string table)
    {
        await shop.ExecuteAsync(create);
        await shop.ExecuteAsync($"INSERT INTO {table} VALUES (1, 'a', 1), (2, 'b', 1)");
        Assert.Equal("1 a 6|3 c 7", await shop.RowsAsync(
            $"INSERT INTO {table} AS t VALUES (9, 'a', 5), (3, 'c', 7) "
            + "ON CONFLICT (email) DO UPDATE SET n = t.n + excluded.n RETURNING id, email, n"));
        Assert.Equal(1, await shop.ExecuteAsync(
            $"INSERT INTO {table} VALUES (1, 'q', 0), (8, 'b', 0), (4, 'd', 0) ON CONFLICT DO NOTHING"));
        Assert.Equal(1, await shop.ExecuteAsync(
            $"INSERT INTO {table} VALUES (2, 'z', 9) ON CONFLICT (id) DO UPDATE SET email = excluded.email"));
        Assert.Equal("1 a 6|2 z 1|3 c 7|4 d 0", await shop.RowsAsync($"SELECT * FROM {table} ORDER BY id"));
        Assert.Equal("2", await shop.RowsAsync($"SELECT id FROM {table} WHERE email = 'z'"));
        Assert.Equal("", await shop.RowsAsync($"SELECT id FROM {table} WHERE email = 'b'"));
        Assert.Equal("23505", (await shop.FailsAsync(
            $"INSERT INTO {table} VALUES (2, 'x', 9) ON CONFLICT (id) DO UPDATE SET email = 'a'")).SqlState);
        Assert.Equal("23505", (await shop.FailsAsync(
            $"INSERT INTO {table} VALUES (7, 'a', 9) ON CONFLICT (id) DO NOTHING")).SqlState);
        Assert.Equal("21000", (await shop.FailsAsync(
            $"INSERT INTO {table} VALUES (70, 'a', 9), (71, 'a', 9) ON CONFLICT (email) DO UPDATE SET n = 3")).SqlState);
        Assert.Equal(1, await shop.ExecuteAsync(
            $"INSERT INTO {table} SELECT id + 100, email, 5 FROM {table} WHERE id = 3 ON CONFLICT ON CONSTRAINT {table}_email_key DO UPDATE SET n = excluded.n"));
        Assert.Equal("5", await shop.RowsAsync($"SELECT n FROM {table} WHERE email = 'c'"));
        Assert.Equal("42P10", (await shop.FailsAsync(
            $"INSERT INTO {table} VALUES (1, 'a', 1) ON CONFLICT (n) DO NOTHING")).SqlState);
    }

    [Fact]
    public async Task A_primary_key_without_the_shard_key_is_unique_over_all_shards()
    {
        await shop.ExecuteAsync("CREATE TABLE parts (id int PRIMARY KEY, region text, n int) SHARD BY HASH (region)");
        await shop.ExecuteAsync("INSERT INTO parts VALUES (1, 'eu', 1), (2, 'us', 1), (3, 'as', 1)");
        ShardSqlException error = await shop.FailsAsync("INSERT INTO parts VALUES (1, 'us', 5)");
        Assert.Equal(("23505", "parts_pkey"), (error.SqlState, error.ConstraintName));
        Assert.Equal("1 eu 1", await shop.RowsAsync("SELECT * FROM parts WHERE id = 1"));
        Assert.Equal(1, await shop.ExecuteAsync("UPDATE parts SET region = 'us' WHERE id = 1"));
        Assert.Equal("1 us 2", await shop.RowsAsync(
            "INSERT INTO parts VALUES (1, 'xx', 1) ON CONFLICT (id) DO UPDATE SET n = parts.n + 1 RETURNING *"));
        Assert.Equal(1, await shop.ExecuteAsync("DELETE FROM parts WHERE id = 1"));
        Assert.Equal(1, await shop.ExecuteAsync("INSERT INTO parts VALUES (1, 'as', 5)"));
        Assert.Equal("23502", (await shop.FailsAsync("INSERT INTO parts VALUES (4, NULL, 5)")).SqlState);
    }

    [Fact]
    public async Task A_transaction_sees_its_own_entries_and_rolls_them_back()
    {
        await shop.ExecuteAsync("CREATE TABLE own (id int PRIMARY KEY, email text UNIQUE)");
        await using ShardSqlConnection connection = await shop.Source.OpenConnectionAsync();
        await using (ShardSqlTransaction transaction = await connection.BeginTransactionAsync())
        {
            await connection.ExecuteAsync("INSERT INTO own VALUES (1, 'a')", transaction: transaction);
            Assert.Equal("1", await ShopFixture.RowsAsync(connection, "SELECT id FROM own WHERE email = 'a'", transaction));
            await connection.ExecuteAsync("UPDATE own SET email = 'b' WHERE email = 'a'", transaction: transaction);
            Assert.Equal("", await ShopFixture.RowsAsync(connection, "SELECT id FROM own WHERE email = 'a'", transaction));
            Assert.Equal("1", await ShopFixture.RowsAsync(connection, "SELECT id FROM own WHERE email = 'b'", transaction));
            await transaction.RollbackAsync();
        }

        Assert.Equal(1, await shop.ExecuteAsync("INSERT INTO own VALUES (7, 'b')"));
    }

    [Theory]
    [InlineData("CREATE TABLE race_g (id int PRIMARY KEY, email text UNIQUE)", "race_g")]
    [InlineData("CREATE TABLE race_l (id int, email text, PRIMARY KEY (email, id), UNIQUE (email)) SHARD BY HASH (email)", "race_l")]
    public async Task Of_many_who_insert_one_value_at_once_exactly_one_does(string create, string table)
    {
        const int Writers = 16;
        await shop.ExecuteAsync(create);
        for (int round = 0; round < 5; round++)
        {
            string[] states = await Task.WhenAll(Enumerable.Range(0, Writers).Select(i => Task.Run(async () =>
            {
                try
                {
                    await shop.ExecuteAsync($"INSERT INTO {table} VALUES ({(round * 100) + i}, 'v{round}')");
                    return "00000";
                }
                catch (ShardSqlException error)
                {
                    return error.SqlState!;
                }
            })));
            Assert.Single(states, s => s == "00000");
            Assert.All(states, s => Assert.Contains(s, new[] { "00000", "23505", "40001" }));
            Assert.Equal("1", await shop.RowsAsync($"SELECT count(*) FROM {table} WHERE email = 'v{round}'"));
        }

        Assert.Equal("5 5", await shop.RowsAsync($"SELECT count(*), count(DISTINCT email) FROM {table}"));
    }

    [Fact]
    public async Task Dropping_a_table_frees_the_names_of_its_indexes()
    {
        await shop.ExecuteAsync("CREATE TABLE freed (id int PRIMARY KEY, a int CONSTRAINT freed_a UNIQUE)");
        Assert.Equal("42P07", (await shop.FailsAsync("CREATE TABLE freed_a (id int PRIMARY KEY)")).SqlState);
        Assert.Equal("42P01", (await shop.FailsAsync("SELECT * FROM freed_a")).SqlState);
        await shop.ExecuteAsync("DROP TABLE freed");
        await shop.ExecuteAsync("CREATE TABLE freed_a (id int PRIMARY KEY)");
    }
}
