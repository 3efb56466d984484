using System;
using System.Threading.Tasks;
using Dapper;
using Xunit;

namespace ShardSql.Data.Tests.SqlStatements;

/// <summary>CASCADE, SET NULL, SET DEFAULT and RESTRICT on four shards.</summary>
public sealed class ForeignKeyActionTests(ShopFixture shop) : IClassFixture<ShopFixture>
{
    [Theory]
    [InlineData("h", "", "")]
    [InlineData("r", "SHARD BY RANGE (id) SPLIT AT VALUES (2), (3)", "SHARD BY RANGE (id) SPLIT AT VALUES (12), (21)")]
    [InlineData("f", "REFERENCE", "REFERENCE")]
    public async Task Actions_change_the_rows_that_refer(string suffix, string parents, string children)
    {
        await shop.ExecuteAsync($"CREATE TABLE act_{suffix} (id int PRIMARY KEY, n int) {parents}");
        await shop.ExecuteAsync($"INSERT INTO act_{suffix} VALUES (0, 0), (1, 0), (2, 0), (3, 0)");
        foreach ((string name, string action) in new[] { ("c", "CASCADE"), ("n", "SET NULL"), ("d", "SET DEFAULT") })
        {
            string child = $"act_{suffix}_{name}";
            await shop.ExecuteAsync(
                $"CREATE TABLE {child} (id int PRIMARY KEY, p int DEFAULT 0 "
                + $"REFERENCES act_{suffix} ON DELETE {action} ON UPDATE {action}) {children}");
            await shop.ExecuteAsync($"INSERT INTO {child} VALUES (11, 1), (12, 2), (13, 3), (21, 1), (31, NULL)");
        }

        Assert.Equal(1, await shop.ExecuteAsync($"UPDATE act_{suffix} SET id = 7 WHERE id = 1"));
        Assert.Equal(1, await shop.ExecuteAsync($"DELETE FROM act_{suffix} WHERE id = 2"));
        Assert.Equal("11 7|13 3|21 7|31 -", await shop.RowsAsync($"SELECT * FROM act_{suffix}_c ORDER BY id"));
        Assert.Equal("11 -|12 -|13 3|21 -|31 -", await shop.RowsAsync($"SELECT * FROM act_{suffix}_n ORDER BY id"));
        Assert.Equal("11 0|12 0|13 3|21 0|31 -", await shop.RowsAsync($"SELECT * FROM act_{suffix}_d ORDER BY id"));

        ShardSqlException refused = await shop.FailsAsync($"DELETE FROM act_{suffix} WHERE id = 0");
        Assert.Equal(("23503", $"act_{suffix}_d_p_fkey"), (refused.SqlState, refused.ConstraintName));
        Assert.Contains("update or delete on table", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cascades_lead_on_over_several_tables_and_back()
    {
        await shop.ExecuteAsync("CREATE TABLE tree (id int PRIMARY KEY, up int REFERENCES tree ON DELETE CASCADE ON UPDATE CASCADE)");
        await shop.ExecuteAsync(
            "CREATE TABLE leaf (id int PRIMARY KEY, node int UNIQUE REFERENCES tree ON DELETE CASCADE ON UPDATE CASCADE)");
        await shop.ExecuteAsync("CREATE TABLE fruit (id int PRIMARY KEY, leaf int REFERENCES leaf (node) ON DELETE SET NULL ON UPDATE CASCADE)");
        await shop.ExecuteAsync("INSERT INTO tree VALUES (1, NULL), (2, 1), (3, 2), (4, 3), (5, NULL)");
        await shop.ExecuteAsync("INSERT INTO leaf VALUES (1, 4), (2, 5)");
        await shop.ExecuteAsync("INSERT INTO fruit VALUES (1, 4), (2, 5)");
        Assert.Equal(1, await shop.ExecuteAsync("UPDATE tree SET id = 40 WHERE id = 4"));
        Assert.Equal("1 40|2 5", await shop.RowsAsync("SELECT * FROM fruit ORDER BY id"));
        Assert.Equal(1, await shop.ExecuteAsync("DELETE FROM tree WHERE id = 1"));
        Assert.Equal("5 -", await shop.RowsAsync("SELECT * FROM tree"));
        Assert.Equal("2 5", await shop.RowsAsync("SELECT * FROM leaf"));
        Assert.Equal("1 -|2 5", await shop.RowsAsync("SELECT * FROM fruit ORDER BY id"));
    }

    [Fact]
    public async Task Shifted_keys_move_their_children_once()
    {
        await shop.ExecuteAsync("CREATE TABLE step_p (id int PRIMARY KEY)");
        await shop.ExecuteAsync("CREATE TABLE step_c (id int PRIMARY KEY, p int REFERENCES step_p ON UPDATE CASCADE)");
        await shop.ExecuteAsync("INSERT INTO step_p VALUES (1), (2), (3); INSERT INTO step_c VALUES (1, 1), (2, 2), (3, 3)");
        Assert.Equal(3, await shop.ExecuteAsync("UPDATE step_p SET id = id + 1"));
        Assert.Equal("1 2|2 3|3 4", await shop.RowsAsync("SELECT * FROM step_c ORDER BY id"));
    }

    [Fact]
    public async Task A_cascade_keeps_the_other_constraints_and_is_taken_back_whole()
    {
        await shop.ExecuteAsync("CREATE TABLE back_p (id int PRIMARY KEY)");
        await shop.ExecuteAsync("CREATE TABLE back_a (id int PRIMARY KEY, p int REFERENCES back_p ON DELETE CASCADE)");
        await shop.ExecuteAsync("CREATE TABLE back_b (id int PRIMARY KEY, p int NOT NULL REFERENCES back_p ON DELETE SET NULL)");
        await shop.ExecuteAsync("INSERT INTO back_p VALUES (1), (2); INSERT INTO back_a VALUES (1, 1), (2, 2); INSERT INTO back_b VALUES (1, 2)");
        ShardSqlException refused = await shop.FailsAsync("DELETE FROM back_p");
        Assert.Equal(("23502", "p"), (refused.SqlState, refused.ColumnName));
        Assert.Equal("2 2 1", await shop.RowsAsync(
            "SELECT (SELECT count(*) FROM back_p), (SELECT count(*) FROM back_a), (SELECT count(*) FROM back_b)"));

        await using ShardSqlConnection connection = await shop.Source.OpenConnectionAsync();
        await using ShardSqlTransaction transaction = await connection.BeginTransactionAsync();
        await transaction.SaveAsync("s");
        Assert.Equal(1, await connection.ExecuteAsync("DELETE FROM back_p WHERE id = 1", transaction: transaction));
        Assert.Equal("2 2", await ShopFixture.RowsAsync(connection, "SELECT * FROM back_a", transaction));
        await transaction.RollbackAsync("s");
        Assert.Equal("1 1|2 2", await ShopFixture.RowsAsync(connection, "SELECT * FROM back_a ORDER BY id", transaction));
        Assert.Equal("1", await ShopFixture.RowsAsync(connection, "DELETE FROM back_p WHERE id = 1 RETURNING id", transaction));
        await transaction.CommitAsync();
        Assert.Equal("2 2", await shop.RowsAsync("SELECT * FROM back_a"));
    }

    [Fact]
    public async Task A_row_with_two_parents_goes_once()
    {
        await shop.ExecuteAsync("CREATE TABLE two_p (id int PRIMARY KEY)");
        await shop.ExecuteAsync(
            "CREATE TABLE two_c (id int PRIMARY KEY, a int DEFAULT 9 REFERENCES two_p ON DELETE SET DEFAULT, "
            + "b int REFERENCES two_p ON DELETE CASCADE)");
        await shop.ExecuteAsync("INSERT INTO two_p VALUES (1), (2); INSERT INTO two_c VALUES (1, 1, 1), (2, 2, 2)");
        Assert.Equal(1, await shop.ExecuteAsync("DELETE FROM two_p WHERE id = 1"));
        Assert.Equal("2 2 2", await shop.RowsAsync("SELECT * FROM two_c"));
        await shop.ExecuteAsync("UPDATE two_c SET b = NULL");
        Assert.Equal("23503", (await shop.FailsAsync("DELETE FROM two_p WHERE id = 2")).SqlState);
    }

    [Fact]
    public async Task Restrict_does_not_care_for_what_comes_in_the_place_of_a_key()
    {
        await shop.ExecuteAsync("CREATE TABLE res_p (id int PRIMARY KEY)");
        await shop.ExecuteAsync("CREATE TABLE res_c (id int PRIMARY KEY, p int REFERENCES res_p ON DELETE RESTRICT ON UPDATE RESTRICT)");
        await shop.ExecuteAsync("INSERT INTO res_p VALUES (1), (2); INSERT INTO res_c VALUES (1, 1)");
        Assert.Equal("23503", (await shop.FailsAsync("UPDATE res_p SET id = 3 - id")).SqlState);
        Assert.Equal("23503", (await shop.FailsAsync("DELETE FROM res_p WHERE id = 1")).SqlState);
        Assert.Equal(1, await shop.ExecuteAsync("DELETE FROM res_p WHERE id = 2"));
    }
}
