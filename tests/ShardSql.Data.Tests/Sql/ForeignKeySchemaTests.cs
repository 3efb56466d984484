using System;
using System.Threading.Tasks;
using Xunit;

namespace ShardSql.Data.Tests.SqlStatements;

/// <summary>Foreign keys in CREATE, ALTER and DROP, and in the system tables.</summary>
public sealed class ForeignKeySchemaTests(ShopFixture shop) : IClassFixture<ShopFixture>, IAsyncLifetime
{
    private static readonly string[] s_tables =
    [
        "CREATE TABLE IF NOT EXISTS ref_p (id int PRIMARY KEY, code text UNIQUE, a int, b int, UNIQUE (a, b))",
        "CREATE TABLE IF NOT EXISTS ref_free (n int)",
    ];

    /// <inheritdoc />
    public async Task InitializeAsync()
    {
        foreach (string table in s_tables)
        {
            await shop.ExecuteAsync(table);
        }
    }

    /// <inheritdoc />
    public Task DisposeAsync() => Task.CompletedTask;

    [Theory]
    [InlineData("CREATE TABLE bad (p int REFERENCES nowhere)", "42P01", "table \"nowhere\" does not exist")]
    [InlineData("CREATE TABLE bad (p int REFERENCES ref_p (x))", "42703", "column \"x\" named in the referenced table does not exist")]
    [InlineData("CREATE TABLE bad (p int, FOREIGN KEY (q) REFERENCES ref_p)", "42703", "column \"q\" does not exist")]
    [InlineData("CREATE TABLE bad (p int REFERENCES ref_p (a))", "42830", "there is no unique constraint matching given keys for referenced table \"ref_p\"")]
    [InlineData("CREATE TABLE bad (p int, q int, FOREIGN KEY (p, q) REFERENCES ref_p)", "42830", "number of referencing and referenced columns for foreign key disagree")]
    [InlineData("CREATE TABLE bad (p text REFERENCES ref_p)", "42804", "foreign key constraint \"bad_p_fkey\" cannot be implemented")]
    [InlineData("CREATE TABLE bad (p int REFERENCES ref_free)", "42704", "there is no primary key for referenced table \"ref_free\"")]
    [InlineData("CREATE TABLE bad (p int CONSTRAINT x REFERENCES ref_p, q int CONSTRAINT x REFERENCES ref_p)", "42710", "constraint \"x\" for relation \"bad\" already exists")]
    [InlineData("CREATE TABLE bad (p int REFERENCES ref_p MATCH PARTIAL)", "0A000", "MATCH PARTIAL is not supported")]
    [InlineData("CREATE TABLE bad (p int REFERENCES ref_p DEFERRABLE)", "0A000", "DEFERRABLE is not supported")]
    [InlineData("CREATE TABLE bad (p int REFERENCES ref_p INITIALLY DEFERRED)", "0A000", "INITIALLY DEFERRED is not supported")]
    [InlineData("CREATE TABLE bad (p int REFERENCES ref_p ON DELETE SET NULL (p))", "0A000", "a list of columns after SET NULL or SET DEFAULT is not supported")]
    [InlineData("CREATE TABLE bad (p int REFERENCES ref_p ON DELETE CASCADE ON DELETE CASCADE)", "42601", "ON DELETE is said twice")]
    [InlineData("ALTER TABLE ref_p ADD FOREIGN KEY (zz) REFERENCES ref_p", "42703", "column \"zz\" named in the foreign key does not exist")]
    [InlineData("CREATE TABLE bad (p int REFERENCES shard.tables)", "42501", null)]
    public async Task What_cannot_be_a_foreign_key_is_refused(string text, string state, string? message)
    {
        ShardSqlException error = await shop.FailsAsync(text);
        Assert.Equal(state, error.SqlState);
        Assert.Contains(message ?? string.Empty, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_are_those_of_PostgreSQL_and_what_is_said_of_time_is_taken_when_it_changes_nothing()
    {
        await shop.ExecuteAsync(
            "CREATE TABLE named (id int PRIMARY KEY REFERENCES ref_p NOT DEFERRABLE INITIALLY IMMEDIATE NOT NULL, "
            + "p int CONSTRAINT own REFERENCES ref_p (id), code text REFERENCES ref_p (code) ON UPDATE SET DEFAULT, "
            + "a int, b int, FOREIGN KEY (b, a) REFERENCES ref_p (b, a) MATCH FULL ON DELETE CASCADE, "
            + "FOREIGN KEY (p) REFERENCES ref_p, FOREIGN KEY (p) REFERENCES ref_p)");
        Assert.Equal(
            "named_id_fkey ref_p_pkey NONE NO ACTION NO ACTION|own ref_p_pkey NONE NO ACTION NO ACTION|"
            + "named_code_fkey ref_p_code_key NONE SET DEFAULT NO ACTION|named_b_a_fkey ref_p_a_b_key FULL NO ACTION CASCADE|"
            + "named_p_fkey ref_p_pkey NONE NO ACTION NO ACTION|named_p_fkey1 ref_p_pkey NONE NO ACTION NO ACTION",
            await shop.RowsAsync(
                "SELECT constraint_name, unique_constraint_name, match_option, update_rule, delete_rule "
                + "FROM information_schema.referential_constraints WHERE constraint_name LIKE 'named%' OR constraint_name = 'own'"));
        Assert.Equal("FOREIGN KEY", await shop.RowsAsync(
            "SELECT constraint_type FROM information_schema.table_constraints WHERE constraint_name = 'own'"));
        Assert.Equal("b 1 2|a 2 1", await shop.RowsAsync(
            "SELECT column_name, ordinal_position, position_in_unique_constraint "
            + "FROM information_schema.key_column_usage WHERE constraint_name = 'named_b_a_fkey' ORDER BY 2"));
        Assert.Equal("ref_p b|ref_p a", await shop.RowsAsync(
            "SELECT table_name, column_name FROM information_schema.constraint_column_usage "
            + "WHERE constraint_name = 'named_b_a_fkey'"));
        await shop.ExecuteAsync("DROP TABLE named");
    }

    [Fact]
    public async Task Adding_looks_at_the_rows_that_are_there()
    {
        await shop.ExecuteAsync("CREATE TABLE add_p (id int PRIMARY KEY, n int)");
        await shop.ExecuteAsync("CREATE TABLE add_c (id int PRIMARY KEY, p int, q int)");
        await shop.ExecuteAsync("INSERT INTO add_p VALUES (1, 0), (2, 0); INSERT INTO add_c VALUES (1, 1, 1), (2, 7, NULL), (3, NULL, NULL)");
        ShardSqlException refused = await shop.FailsAsync("ALTER TABLE add_c ADD CONSTRAINT later FOREIGN KEY (p) REFERENCES add_p");
        Assert.Equal(("23503", "later", "add_c"), (refused.SqlState, refused.ConstraintName, refused.Table));
        Assert.Equal("Key (p)=(7) is not present in table \"add_p\".", refused.Detail);
        await shop.ExecuteAsync("UPDATE add_c SET p = 2 WHERE p = 7");
        await shop.ExecuteAsync("ALTER TABLE add_c ADD CONSTRAINT later FOREIGN KEY (p) REFERENCES add_p");
        Assert.Equal("23503", (await shop.FailsAsync("INSERT INTO add_c VALUES (4, 7, 0)")).SqlState);
        Assert.Equal("23503", (await shop.FailsAsync("DELETE FROM add_p WHERE id = 2")).SqlState);
        Assert.Equal("23503", (await shop.FailsAsync("ALTER TABLE add_c ADD COLUMN r int DEFAULT 9 REFERENCES add_p")).SqlState);
        await shop.ExecuteAsync("ALTER TABLE add_c ADD COLUMN r int DEFAULT 1 REFERENCES add_p ON DELETE SET NULL");
        await shop.ExecuteAsync("ALTER TABLE add_c ADD COLUMN s int REFERENCES add_p");
        Assert.Equal("42P01", (await shop.FailsAsync("ALTER TABLE add_c ADD FOREIGN KEY (q) REFERENCES nowhere")).SqlState);
        await shop.ExecuteAsync("ALTER TABLE add_c DROP CONSTRAINT later");
        Assert.Equal(1, await shop.ExecuteAsync("INSERT INTO add_c VALUES (5, 77, 0)"));
        await shop.ExecuteAsync("DELETE FROM add_c WHERE p = 1");
        Assert.Equal(1, await shop.ExecuteAsync("DELETE FROM add_p WHERE id = 1"));
        Assert.Equal("2 -|3 -|5 -", await shop.RowsAsync("SELECT id, r FROM add_c ORDER BY id"));
    }

    [Fact]
    public async Task What_a_foreign_key_needs_stays()
    {
        await shop.ExecuteAsync("CREATE TABLE dep_p (id int PRIMARY KEY, code text UNIQUE, n int)");
        await shop.ExecuteAsync("CREATE UNIQUE INDEX dep_n ON dep_p (n) WITH (wait = '30s')");
        await shop.ExecuteAsync(
            "CREATE TABLE dep_c (id int PRIMARY KEY, p int REFERENCES dep_p, code text REFERENCES dep_p (code), n int REFERENCES dep_p (n))");
        foreach ((string text, string name) in new[]
        {
            ("DROP TABLE dep_p", "dep_c_p_fkey"),
            ("ALTER TABLE dep_p DROP CONSTRAINT dep_p_code_key", "dep_c_code_fkey"),
            ("DROP INDEX dep_n", "dep_c_n_fkey"),
        })
        {
            ShardSqlException refused = await shop.FailsAsync(text);
            Assert.Equal(("2BP01", name), (refused.SqlState, refused.ConstraintName));
            Assert.Equal($"ALTER TABLE dep_c DROP CONSTRAINT {name} first.", refused.Hint);
        }

        Assert.Equal("2BP01", (await shop.FailsAsync("ALTER TABLE dep_p DROP COLUMN code")).SqlState);
        await shop.ExecuteAsync("ALTER TABLE dep_c DROP COLUMN n");
        await shop.ExecuteAsync("DROP INDEX dep_n");
        await shop.ExecuteAsync("ALTER TABLE dep_p RENAME TO dep_q");
        await shop.ExecuteAsync("ALTER TABLE dep_q RENAME COLUMN id TO key");
        await shop.ExecuteAsync("ALTER TABLE dep_q DROP COLUMN n");
        await shop.ExecuteAsync("ALTER TABLE dep_c RENAME COLUMN p TO up");
        await shop.ExecuteAsync("INSERT INTO dep_q VALUES (1, 'a'); INSERT INTO dep_c VALUES (1, 1, 'a')");
        Assert.Equal(
            "Key (up)=(2) is not present in table \"dep_q\".", (await shop.FailsAsync("UPDATE dep_c SET up = 2")).Detail);
        Assert.Equal(
            "Key (key)=(1) is still referenced from table \"dep_c\".", (await shop.FailsAsync("DELETE FROM dep_q")).Detail);
        await shop.ExecuteAsync("DROP TABLE dep_q, dep_c");
    }

    [Fact]
    public async Task Explain_names_the_checks_and_their_shards()
    {
        await shop.ExecuteAsync("CREATE TABLE ex_p (id int PRIMARY KEY)");
        await shop.ExecuteAsync("CREATE TABLE ex_c (p int REFERENCES ex_p, id int, PRIMARY KEY (p, id)) COLOCATED WITH ex_p ON (p)");
        await shop.ExecuteAsync("CREATE TABLE ex_d (id int PRIMARY KEY, p int REFERENCES ex_p ON DELETE CASCADE)");
        string colocated = await shop.RowsAsync("EXPLAIN INSERT INTO ex_c VALUES (1, 1)");
        Assert.StartsWith("distribution: SINGLE-SHARD", colocated, StringComparison.Ordinal);
        Assert.Contains("check ex_c_p_fkey: look up ex_p by key -> s", colocated, StringComparison.Ordinal);
        string across = await shop.RowsAsync("EXPLAIN INSERT INTO ex_d VALUES (1, 1), (2, 2), (3, 3), (4, 4)");
        Assert.StartsWith("distribution: CROSS-SHARD", across, StringComparison.Ordinal);
        string deleted = await shop.RowsAsync("EXPLAIN DELETE FROM ex_p WHERE id = 1");
        Assert.Contains("on delete cascade ex_d_p_fkey: look for rows of ex_d by scan -> s1, s2, s3, s4", deleted, StringComparison.Ordinal);
        Assert.Contains("check ex_c_p_fkey: look for rows of ex_c -> s", deleted, StringComparison.Ordinal);
        await shop.ExecuteAsync("DROP TABLE ex_d");
        Assert.StartsWith(
            "distribution: SINGLE-SHARD", await shop.RowsAsync("EXPLAIN DELETE FROM ex_p WHERE id = 1"), StringComparison.Ordinal);
    }
}
