using System;
using System.Data.Common;
using System.Threading.Tasks;
using Dapper;
using Xunit;

namespace ShardSql.Data.Tests.SqlStatements;

/// <summary>Foreign keys on four shards: what they refuse, whatever kind of write it is and wherever the rows are.</summary>
public sealed class ForeignKeyTests(ShopFixture shop) : IClassFixture<ShopFixture>
{
    /// <summary>Parents and children in every placement.</summary>
    public static TheoryData<string, string, string> Layouts => new()
    {
        { "h", "(id int PRIMARY KEY, n int)", "(id int PRIMARY KEY, p int REFERENCES par_h, n int)" },
        {
            "r",
            "(id int PRIMARY KEY, n int) SHARD BY RANGE (id) SPLIT AT VALUES (3), (6)",
            "(id int PRIMARY KEY, p int, n int, FOREIGN KEY (p) REFERENCES par_r (id)) SHARD BY RANGE (id) SPLIT AT VALUES (2), (4)"
        },
        {
            "c",
            "(id int PRIMARY KEY, n int)",
            "(id int, p int REFERENCES par_c ON DELETE NO ACTION, n int, PRIMARY KEY (p, id)) COLOCATED WITH par_c ON (p)"
        },
        { "f", "(id int PRIMARY KEY, n int) REFERENCE", "(id int PRIMARY KEY, p int REFERENCES par_f, n int)" },
        { "x", "(id int PRIMARY KEY, n int)", "(id int PRIMARY KEY, p int REFERENCES par_x, n int) REFERENCE" },
        { "s", "(id int PRIMARY KEY, n int) SINGLE", "(id int PRIMARY KEY, p bigint REFERENCES par_s, n int)" },
        { "k", "(id int PRIMARY KEY, n int, region text DEFAULT 'x') SHARD BY HASH (region)", "(id int PRIMARY KEY, p int REFERENCES par_k, n int)" },
        { "u", "(k text PRIMARY KEY, id int UNIQUE, n int DEFAULT 0)", "(id int PRIMARY KEY, p int UNIQUE REFERENCES par_u (id), n int)" },
    };

    [Theory]
    [MemberData(nameof(Layouts))]
    public async Task Every_write_is_checked(string suffix, string parents, string children)
    {
        string parent = "par_" + suffix;
        string child = "chi_" + suffix;
        string constraint = $"{child}_p_fkey";
        string given = suffix == "u" ? "(id, n, k)" : "(id, n)";
        string values = suffix == "u" ? "(1, 0, 'a'), (2, 0, 'b'), (5, 0, 'c'), (7, 0, 'd')" : "(1, 0), (2, 0), (5, 0), (7, 0)";
        await shop.ExecuteAsync($"CREATE TABLE {parent} {parents}");
        await shop.ExecuteAsync($"CREATE TABLE {child} {children}");
        Assert.Equal(4, await shop.ExecuteAsync($"INSERT INTO {parent} {given} VALUES {values}"));
        Assert.Equal(2, await shop.ExecuteAsync($"INSERT INTO {child} (id, p, n) VALUES (1, 1, 0), (2, 7, 0)"));

        async Task RefusedAsync(string text)
        {
            ShardSqlException error = await shop.FailsAsync(text);
            Assert.Equal(
                ("23503", constraint, child, "p"), (error.SqlState, error.ConstraintName, error.Table, error.ColumnName));
            Assert.Contains(
                $"insert or update on table \"{child}\" violates foreign key constraint \"{constraint}\"",
                error.Message,
                StringComparison.Ordinal);
            Assert.Equal($"Key (p)=(9) is not present in table \"{parent}\".", error.Detail);
        }

        await RefusedAsync($"INSERT INTO {child} (id, p, n) VALUES (3, 9, 0)");
        await RefusedAsync($"INSERT INTO {child} (id, p, n) VALUES (3, 5, 0), (4, 9, 0) RETURNING id");
        await RefusedAsync($"INSERT INTO {child} (id, p, n) SELECT id + 10, p + 2, n FROM {child} WHERE id = 2");
        await RefusedAsync($"UPDATE {child} SET p = 9 WHERE id = 1");
        await RefusedAsync($"UPDATE {child} SET p = p + 2 WHERE p = 7");
        string key = suffix == "c" ? "(p, id)" : "(id)";
        await RefusedAsync($"INSERT INTO {child} (id, p, n) VALUES (6, 9, 0) ON CONFLICT {key} DO NOTHING");
        await RefusedAsync(
            $"INSERT INTO {child} (id, p, n) VALUES (6, 9, 0) ON CONFLICT {key} DO UPDATE SET n = excluded.n");
        await RefusedAsync($"INSERT INTO {child} (id, p, n) VALUES (3, 5, 0); INSERT INTO {child} (id, p, n) VALUES (4, 9, 0)");
        Assert.Equal("1 1|2 7", await shop.RowsAsync($"SELECT id, p FROM {child} ORDER BY id"));

        ShardSqlException kept = await shop.FailsAsync($"DELETE FROM {parent} WHERE id = 7");
        Assert.Equal(("23503", constraint, child), (kept.SqlState, kept.ConstraintName, kept.Table));
        Assert.Contains(
            $"update or delete on table \"{parent}\" violates foreign key constraint \"{constraint}\" on table \"{child}\"",
            kept.Message,
            StringComparison.Ordinal);
        Assert.Equal($"Key (id)=(7) is still referenced from table \"{child}\".", kept.Detail);
        Assert.Equal("23503", (await shop.FailsAsync($"DELETE FROM {parent}")).SqlState);
        Assert.Equal("23503", (await shop.FailsAsync($"UPDATE {parent} SET id = 70 WHERE id = 7")).SqlState);
        Assert.Equal(1, await shop.ExecuteAsync($"DELETE FROM {parent} WHERE id = 5"));
        Assert.Equal(1, await shop.ExecuteAsync($"UPDATE {parent} SET id = 6 WHERE id = 2"));
        Assert.Equal(1, await shop.ExecuteAsync($"UPDATE {parent} SET id = 7, n = 1 WHERE id = 7"));
        Assert.Equal(1, await shop.ExecuteAsync($"UPDATE {child} SET p = 6 WHERE id = 2"));
        Assert.Equal(1, await shop.ExecuteAsync($"DELETE FROM {parent} WHERE id = 7"));
        Assert.Equal(2, await shop.ExecuteAsync($"DELETE FROM {child}"));
        Assert.Equal(2, await shop.ExecuteAsync($"DELETE FROM {parent}"));
    }

    [Fact]
    public async Task Null_refers_to_nothing()
    {
        await shop.ExecuteAsync("CREATE TABLE n_p (a int, b text, n int, PRIMARY KEY (a, b))");
        await shop.ExecuteAsync(
            "CREATE TABLE n_s (id int PRIMARY KEY, a int, b text, FOREIGN KEY (a, b) REFERENCES n_p MATCH SIMPLE)");
        await shop.ExecuteAsync(
            "CREATE TABLE n_f (id int PRIMARY KEY, a int, b text, CONSTRAINT whole FOREIGN KEY (a, b) REFERENCES n_p (a, b) MATCH FULL)");
        await shop.ExecuteAsync("INSERT INTO n_p VALUES (1, 'x', 0), (2, 'y', 0)");
        Assert.Equal(3, await shop.ExecuteAsync("INSERT INTO n_s VALUES (1, 1, 'x'), (2, 9, NULL), (3, NULL, NULL)"));
        ShardSqlException missing = await shop.FailsAsync("INSERT INTO n_s VALUES (4, 1, 'y')");
        Assert.Equal(
            ("n_s_a_b_fkey", "Key (a, b)=(1, y) is not present in table \"n_p\"."), (missing.ConstraintName, missing.Detail));
        Assert.Equal(2, await shop.ExecuteAsync("INSERT INTO n_f VALUES (1, 1, 'x'), (2, NULL, NULL)"));
        ShardSqlException mixed = await shop.FailsAsync("INSERT INTO n_f VALUES (3, 1, NULL)");
        Assert.Equal(
            ("23503", "whole", "MATCH FULL does not allow mixing of null and nonnull key values."),
            (mixed.SqlState, mixed.ConstraintName, mixed.Detail));
        Assert.Equal(1, await shop.ExecuteAsync("DELETE FROM n_p WHERE a = 2"));
        Assert.Equal("23503", (await shop.FailsAsync("DELETE FROM n_p WHERE a = 1")).SqlState);
    }

    [Fact]
    public async Task A_parent_of_the_same_statement_or_transaction_is_there()
    {
        await shop.ExecuteAsync("CREATE TABLE staff (id int PRIMARY KEY, boss int REFERENCES staff (id), name text)");
        Assert.Equal(3, await shop.ExecuteAsync("INSERT INTO staff VALUES (1, 3, 'a'), (2, 1, 'b'), (3, 3, 'c')"));
        Assert.Equal("23503", (await shop.FailsAsync("INSERT INTO staff VALUES (4, 5, 'd')")).SqlState);
        Assert.Equal("23503", (await shop.FailsAsync("DELETE FROM staff WHERE id = 1")).SqlState);
        Assert.Equal(3, await shop.ExecuteAsync("UPDATE staff SET id = id + 10, boss = boss + 10"));
        Assert.Equal("11 13|12 11|13 13", await shop.RowsAsync("SELECT id, boss FROM staff ORDER BY id"));
        Assert.Equal(2, await shop.ExecuteAsync("DELETE FROM staff WHERE id IN (11, 12)"));

        await using ShardSqlConnection connection = await shop.Source.OpenConnectionAsync();
        await using (ShardSqlTransaction transaction = await connection.BeginTransactionAsync())
        {
            await connection.ExecuteAsync("INSERT INTO staff VALUES (20, NULL, 'x')", transaction: transaction);
            await connection.ExecuteAsync("INSERT INTO staff VALUES (21, 20, 'y')", transaction: transaction);
            await transaction.SaveAsync("s");
            ShardSqlException kept = await Assert.ThrowsAsync<ShardSqlException>(
                () => connection.ExecuteAsync("DELETE FROM staff WHERE id = 20", transaction: transaction));
            Assert.Equal("23503", kept.SqlState);
            await transaction.RollbackAsync("s");
            Assert.Equal(1, await connection.ExecuteAsync("DELETE FROM staff WHERE id = 21", transaction: transaction));
            Assert.Equal(1, await connection.ExecuteAsync("DELETE FROM staff WHERE id = 20", transaction: transaction));
            await transaction.CommitAsync();
        }

        Assert.Equal(1, await shop.ExecuteAsync("DELETE FROM staff"));
    }

    [Fact]
    public async Task A_batch_is_checked_statement_by_statement()
    {
        await shop.ExecuteAsync("CREATE TABLE b_p (id int PRIMARY KEY)");
        await shop.ExecuteAsync("CREATE TABLE b_c (id int PRIMARY KEY, p int NOT NULL REFERENCES b_p)");
        await using ShardSqlConnection connection = await shop.Source.OpenConnectionAsync();
        await using DbBatch batch = connection.CreateBatch();
        foreach (string text in (string[])["INSERT INTO b_p VALUES (1)", "INSERT INTO b_c VALUES (1, 1)", "DELETE FROM b_p"])
        {
            DbBatchCommand command = batch.CreateBatchCommand();
            command.CommandText = text;
            batch.BatchCommands.Add(command);
        }

        var refused = await Assert.ThrowsAsync<ShardSqlException>(() => batch.ExecuteNonQueryAsync());
        Assert.Equal(("23503", "b_c_p_fkey"), (refused.SqlState, refused.ConstraintName));
        Assert.Equal("", await shop.RowsAsync("SELECT id FROM b_p"));
        batch.BatchCommands.RemoveAt(2);
        Assert.Equal(2, await batch.ExecuteNonQueryAsync());
    }

    [Fact]
    public async Task Shifted_keys_are_looked_at_when_the_statement_ends()
    {
        await shop.ExecuteAsync("CREATE TABLE sh_p (id int PRIMARY KEY)");
        await shop.ExecuteAsync("CREATE TABLE sh_c (id int PRIMARY KEY, p int REFERENCES sh_p)");
        await shop.ExecuteAsync("INSERT INTO sh_p VALUES (1), (2), (3); INSERT INTO sh_c VALUES (1, 2), (2, 3)");
        Assert.Equal(3, await shop.ExecuteAsync("UPDATE sh_p SET id = 4 - id"));
        Assert.Equal("23503", (await shop.FailsAsync("UPDATE sh_p SET id = id + 2")).SqlState);
        Assert.Equal(1, await shop.ExecuteAsync("UPDATE sh_c SET p = 3 WHERE p = 2"));
        Assert.Equal(3, await shop.ExecuteAsync("UPDATE sh_p SET id = id + 1"));
        Assert.Equal("2|3|4", await shop.RowsAsync("SELECT id FROM sh_p ORDER BY id"));
    }

    [Fact]
    public async Task Many_rows_are_looked_up_together()
    {
        await shop.ExecuteAsync("CREATE TABLE m_p (id int PRIMARY KEY)");
        await shop.ExecuteAsync("CREATE TABLE m_c (id int PRIMARY KEY, p int REFERENCES m_p ON DELETE CASCADE)");
        await shop.ExecuteAsync("CREATE VIEW digits AS SELECT 0 AS d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 "
            + "UNION ALL SELECT 4 UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9");
        const string Numbers = "SELECT a.d + 10 * b.d + 100 * c.d + 1000 * e.d FROM digits a, digits b, digits c, digits e WHERE e.d < 3";
        Assert.Equal(3000, await shop.ExecuteAsync($"INSERT INTO m_p {Numbers}"));
        Assert.Equal(3000, await shop.ExecuteAsync("INSERT INTO m_c SELECT id, 2999 - id FROM m_p"));
        Assert.Equal("23503", (await shop.FailsAsync("UPDATE m_c SET p = p + 1")).SqlState);
        Assert.Equal(2500, await shop.ExecuteAsync("DELETE FROM m_p WHERE id < 2500"));
        Assert.Equal("500 2999", await shop.RowsAsync("SELECT count(*), max(p) FROM m_c"));
    }
}
