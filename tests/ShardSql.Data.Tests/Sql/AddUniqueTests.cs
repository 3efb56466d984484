using System;
using System.Linq;
using System.Threading.Tasks;
using Dapper;
using Xunit;

namespace ShardSql.Data.Tests.SqlStatements;

/// <summary>ALTER TABLE ... ADD UNIQUE and DROP CONSTRAINT of it, on four shards.</summary>
public sealed class AddUniqueTests(ShopFixture shop) : IClassFixture<ShopFixture>
{
    [Theory]
    [InlineData("added_h", "")]
    [InlineData("added_r", "REFERENCE")]
    [InlineData("added_s", "SINGLE")]
    [InlineData("added_o", "SHARD BY RANGE (id) SPLIT AT VALUES (2)")]
    public async Task It_refuses_what_is_there_twice_until_it_is_dropped(string table, string placement)
    {
        await shop.ExecuteAsync($"CREATE TABLE {table} (id int PRIMARY KEY, a text, b int) {placement}");
        await shop.ExecuteAsync($"INSERT INTO {table} VALUES (1, 'x', 1), (2, 'y', 1), (3, NULL, 1), (4, NULL, 1)");
        await shop.ExecuteAsync($"ALTER TABLE {table} ADD CONSTRAINT {table}_one UNIQUE (a)");
        ShardSqlException error = await shop.FailsAsync($"INSERT INTO {table} VALUES (5, 'x', 1)");
        Assert.Equal(("23505", $"{table}_one", table), (error.SqlState, error.ConstraintName, error.Table));
        Assert.Equal("23505", (await shop.FailsAsync($"UPDATE {table} SET a = 'x' WHERE id = 2")).SqlState);
        Assert.Equal(1, await shop.ExecuteAsync(
            $"INSERT INTO {table} VALUES (9, 'x', 7) ON CONFLICT ON CONSTRAINT {table}_one DO UPDATE SET b = excluded.b"));
        Assert.Equal("1 7", await shop.RowsAsync($"SELECT id, b FROM {table} WHERE a = 'x'"));
        Assert.Equal(
            "UNIQUE",
            await shop.RowsAsync(
                $"SELECT constraint_type FROM information_schema.table_constraints WHERE constraint_name = '{table}_one'"));
        Assert.Equal("2BP01", (await shop.FailsAsync($"DROP INDEX {table}_one")).SqlState);

        await shop.ExecuteAsync($"ALTER TABLE {table} DROP CONSTRAINT {table}_one");
        Assert.Equal("", await shop.RowsAsync($"SELECT index_name FROM shard.indexes WHERE table_name = '{table}'"));
        Assert.Equal(1, await shop.ExecuteAsync($"INSERT INTO {table} VALUES (5, 'x', 1)"));
        Assert.Equal("1 7|5 1", await shop.RowsAsync($"SELECT id, b FROM {table} WHERE a = 'x' ORDER BY id"));
    }

    [Theory]
    [InlineData("twice_h", "")]
    [InlineData("twice_r", "REFERENCE")]
    [InlineData("twice_k", "SHARD BY HASH (a)")]
    public async Task Where_values_are_there_twice_nothing_remains(string table, string placement)
    {
        await shop.ExecuteAsync($"CREATE TABLE {table} (id int, a text, PRIMARY KEY (id, a)) {placement}");
        await shop.ExecuteAsync($"INSERT INTO {table} VALUES (1, 'x'), (2, 'y'), (3, 'x')");
        string before = await shop.RowsAsync($"SHOW CREATE TABLE {table}");
        ShardSqlException error = await shop.FailsAsync($"ALTER TABLE {table} ADD UNIQUE (a)");
        Assert.Equal(("23505", "Key (a)=(x) is duplicated."), (error.SqlState, error.Detail));
        Assert.Equal(before, await shop.RowsAsync($"SHOW CREATE TABLE {table}"));
        Assert.Equal("", await shop.RowsAsync($"SELECT index_name FROM shard.indexes WHERE table_name = '{table}'"));
        Assert.Equal(1, await shop.ExecuteAsync($"INSERT INTO {table} VALUES (4, 'y')"));
        await shop.ExecuteAsync($"DELETE FROM {table} WHERE id IN (3, 4); ALTER TABLE {table} ADD UNIQUE (a)");
        Assert.Equal($"{table}_a_key", await shop.RowsAsync($"SELECT index_name FROM shard.indexes WHERE table_name = '{table}'"));
        Assert.Equal("23505", (await shop.FailsAsync($"INSERT INTO {table} VALUES (5, 'y')")).SqlState);
    }

    [Fact]
    public async Task Foreign_keys_may_refer_to_it_and_then_hold_it()
    {
        await shop.ExecuteAsync("CREATE TABLE parents_u (id int PRIMARY KEY, code text)");
        Assert.Equal("42830", (await shop.FailsAsync(
            "CREATE TABLE children_u (id int PRIMARY KEY, code text REFERENCES parents_u (code))")).SqlState);
        await shop.ExecuteAsync("ALTER TABLE parents_u ADD UNIQUE (code)");
        await shop.ExecuteAsync("CREATE TABLE children_u (id int PRIMARY KEY, code text REFERENCES parents_u (code))");
        Assert.Equal("2BP01", (await shop.FailsAsync("ALTER TABLE parents_u DROP CONSTRAINT parents_u_code_key")).SqlState);
        await shop.ExecuteAsync("DROP TABLE children_u");
        await shop.ExecuteAsync("ALTER TABLE parents_u DROP CONSTRAINT parents_u_code_key");
    }

    [Fact]
    public async Task What_it_cannot_do_it_says()
    {
        await shop.ExecuteAsync("CREATE TABLE said_u (id int PRIMARY KEY, tenant int, a int, CONSTRAINT low CHECK (a < 10)) SHARD BY HASH (tenant)");
        Assert.Equal("0A000", (await shop.FailsAsync("ALTER TABLE said_u ADD UNIQUE (a), ADD COLUMN b int")).SqlState);
        Assert.Equal("0A000", (await shop.FailsAsync("ALTER TABLE said_u ADD COLUMN b int UNIQUE")).SqlState);
        Assert.Equal("0A000", (await shop.FailsAsync("ALTER TABLE said_u ADD PRIMARY KEY (a)")).SqlState);
        Assert.Equal("42710", (await shop.FailsAsync("ALTER TABLE said_u ADD CONSTRAINT low UNIQUE (a)")).SqlState);
        Assert.Equal("42P07", (await shop.FailsAsync("ALTER TABLE said_u ADD CONSTRAINT customers UNIQUE (a)")).SqlState);
        Assert.Equal("42703", (await shop.FailsAsync("ALTER TABLE said_u ADD UNIQUE (z)")).SqlState);
        Assert.Equal("0A000", (await shop.FailsAsync("ALTER TABLE said_u DROP CONSTRAINT said_u_pkey")).SqlState);
        await shop.ExecuteAsync("INSERT INTO said_u VALUES (1, 1, 1)");
        Assert.Equal("23505", (await shop.FailsAsync("INSERT INTO said_u VALUES (1, 2, 1)")).SqlState);
        await shop.ExecuteAsync("ALTER TABLE IF EXISTS nothing_u ADD UNIQUE (a)");
    }
}
