using System.Collections.Generic;
using System.Data.Common;
using System.Linq;
using System.Threading.Tasks;
using Dapper;
using Xunit;

namespace ShardSql.Data.Tests.SqlStatements;

/// <summary>Sequences on four shards: their numbers, their ends, what a session knows of them, and what they refuse.</summary>
public sealed class SequenceTests(ShopFixture shop) : IClassFixture<ShopFixture>
{
    [Theory]
    [InlineData("up", "", "1 2 3")]
    [InlineData("from", "START WITH 10 INCREMENT BY 5", "10 15 20")]
    [InlineData("down", "INCREMENT -2", "-1 -3 -5")]
    [InlineData("small", "AS smallint START 32765 CACHE 1", "32765 32766 32767")]
    [InlineData("low", "MINVALUE -3 NO CYCLE", "-3 -2 -1")]
    [InlineData("bounded", "INCREMENT 4 MINVALUE 2 MAXVALUE 11 CYCLE", "2 6 10")]
    public async Task Numbers_follow_the_options(string name, string options, string expected)
    {
        await shop.ExecuteAsync($"CREATE SEQUENCE s_{name} {options}");
        await using ShardSqlConnection connection = await shop.Source.OpenConnectionAsync();
        var numbers = new List<long>();
        for (int i = 0; i < 3; i++)
        {
            numbers.Add(await connection.ExecuteScalarAsync<long>($"SELECT nextval('s_{name}')"));
        }

        Assert.Equal(expected, string.Join(' ', numbers));
    }

    [Theory]
    [InlineData("fin", "MAXVALUE 3", 3, "nextval: reached maximum value of sequence \"fin\" (3)")]
    [InlineData("bot", "INCREMENT -1 MINVALUE -2", 2, "nextval: reached minimum value of sequence \"bot\" (-2)")]
    public async Task At_its_end_a_sequence_says_so(string name, string options, int count, string message)
    {
        await shop.ExecuteAsync($"CREATE SEQUENCE {name} {options}");
        for (int i = 0; i < count; i++)
        {
            await shop.RowsAsync($"SELECT nextval('{name}')");
        }

        ShardSqlException error = await shop.FailsAsync($"SELECT nextval('{name}')");
        Assert.Equal(("2200H", message), (error.SqlState, error.Message));
        Assert.Equal("2200H", (await shop.FailsAsync($"SELECT nextval('{name}')")).SqlState);
    }

    [Fact]
    public async Task A_cycle_begins_again_at_its_other_end()
    {
        await shop.ExecuteAsync("CREATE SEQUENCE round MINVALUE 5 MAXVALUE 7 START 6 CYCLE");
        await shop.ExecuteAsync("CREATE SEQUENCE back INCREMENT -1 MINVALUE 1 MAXVALUE 2 CYCLE CACHE 10");
        await using ShardSqlConnection connection = await shop.Source.OpenConnectionAsync();
        Assert.Equal("6 7 5 6", await ShopFixture.RowsAsync(
            connection, "SELECT nextval('round'), nextval('round'), nextval('round'), nextval('round')"));
        Assert.Equal("2 1 2", await ShopFixture.RowsAsync(
            connection, "SELECT nextval('back'), nextval('back'), nextval('back')"));
    }

    [Fact]
    public async Task A_session_knows_what_it_was_given_and_no_other_session_does()
    {
        await shop.ExecuteAsync("CREATE SEQUENCE known; CREATE SEQUENCE other START 100");
        await using ShardSqlConnection connection = await shop.Source.OpenConnectionAsync();
        var unset = await Assert.ThrowsAsync<ShardSqlException>(() => connection.ExecuteAsync("SELECT currval('known')"));
        Assert.Equal("55000", unset.SqlState);
        Assert.Equal("currval of sequence \"known\" is not yet defined in this session", unset.Message);
        Assert.Equal("55000", (await shop.FailsAsync("SELECT lastval()")).SqlState);
        Assert.Equal("1", await ShopFixture.RowsAsync(connection, "SELECT nextval('known')"));
        Assert.Equal("1 1 100 1 100", await ShopFixture.RowsAsync(
            connection, "SELECT currval('known'), lastval(), nextval('other'), currval('known'), lastval()"));
        Assert.Equal("55000", (await shop.FailsAsync("SELECT currval('known')")).SqlState);
        Assert.Equal("Ada", await ShopFixture.RowsAsync(
            connection, "SELECT name FROM customers WHERE id = currval('known')"));
    }

    [Fact]
    public async Task Setval_and_restart_say_which_number_comes_next()
    {
        await shop.ExecuteAsync("CREATE SEQUENCE moved MAXVALUE 1000");
        Assert.Equal("1", await shop.RowsAsync("SELECT nextval('moved')"));
        Assert.Equal("50", await shop.RowsAsync("SELECT setval('moved', 50)"));
        Assert.Equal("51", await shop.RowsAsync("SELECT nextval('moved')"));
        Assert.Equal("70 70", await shop.RowsAsync("SELECT setval('moved', 70, false), nextval('moved')"));
        Assert.Equal("6", await shop.RowsAsync("SELECT setval('moved', max(id)) FROM orders"));
        Assert.Equal("7", await shop.RowsAsync("SELECT nextval('moved')"));
        Assert.Equal("4", await shop.RowsAsync("SELECT setval('moved', (SELECT max(id) FROM customers))"));
        Assert.Equal("5", await shop.RowsAsync("SELECT nextval('moved')"));
        await shop.ExecuteAsync("ALTER SEQUENCE moved RESTART WITH 30");
        Assert.Equal("30", await shop.RowsAsync("SELECT nextval('moved')"));
        await shop.ExecuteAsync("ALTER SEQUENCE moved RESTART");
        Assert.Equal("1 2", await shop.RowsAsync("SELECT nextval('moved'), nextval('moved')"));
        Assert.Equal("22003", (await shop.FailsAsync("SELECT setval('moved', 1001)")).SqlState);
        Assert.Equal("22023", (await shop.FailsAsync("ALTER SEQUENCE moved RESTART 0")).SqlState);
    }

    [Fact]
    public async Task Every_row_of_a_statement_gets_a_number_of_its_own()
    {
        const int Rows = 200;
        await shop.ExecuteAsync("CREATE SEQUENCE each; CREATE TABLE numbered (id bigint PRIMARY KEY DEFAULT nextval('each'), n int, m bigint)");
        string values = string.Join(", ", Enumerable.Range(0, Rows).Select(i => $"({i})"));
        Assert.Equal(Rows, await shop.ExecuteAsync($"INSERT INTO numbered (n) VALUES {values}"));
        Assert.Equal($"{Rows} {Rows} 1 {Rows}", await shop.RowsAsync(
            "SELECT count(*), count(DISTINCT id), min(id), max(id) FROM numbered"));
        Assert.Equal("6", await shop.RowsAsync("SELECT count(*) FROM (SELECT id FROM orders) AS o"));
        Assert.Equal(6, await shop.ExecuteAsync("INSERT INTO numbered (n) SELECT 1000 + id FROM orders"));
        Assert.Equal(6, await shop.ExecuteAsync("INSERT INTO numbered (id, n) SELECT nextval('each'), 2000 FROM orders"));
        Assert.Equal($"{Rows + 12}", await shop.RowsAsync("SELECT count(DISTINCT id) FROM numbered"));
        Assert.Equal(6, await shop.ExecuteAsync("UPDATE numbered SET m = nextval('each') WHERE n = 2000"));
        Assert.Equal("6", await shop.RowsAsync("SELECT count(DISTINCT m) FROM numbered WHERE n = 2000"));
        Assert.Equal("4 4", await shop.RowsAsync(
            "SELECT count(*), count(DISTINCT n) FROM numbered WHERE id IN (1, 2, 3, 4)"));
    }

    [Fact]
    public async Task Numbers_beside_columns_are_drawn_for_each_row_of_the_result()
    {
        await shop.ExecuteAsync("CREATE SEQUENCE beside");
        Assert.Equal("Ada 1|Bob 2|Cleo 3|Dan 4", await shop.RowsAsync(
            "SELECT name, nextval('beside') FROM customers ORDER BY name"));
        Assert.Equal("5 Cleo|6 Dan", await shop.RowsAsync(
            "SELECT nextval('beside') AS id, name FROM customers ORDER BY name OFFSET 2"));
    }

    [Fact]
    public async Task A_rollback_and_a_refused_row_leave_gaps()
    {
        await shop.ExecuteAsync("CREATE TABLE gaps (id serial PRIMARY KEY, n int UNIQUE)");
        await using ShardSqlConnection connection = await shop.Source.OpenConnectionAsync();
        await using (ShardSqlTransaction transaction = await connection.BeginTransactionAsync())
        {
            Assert.Equal(1, await connection.ExecuteScalarAsync<int>(
                "INSERT INTO gaps (n) VALUES (1) RETURNING id", transaction: transaction));
            await transaction.RollbackAsync();
        }

        Assert.Equal(1, await connection.ExecuteScalarAsync<int>("SELECT currval('gaps_id_seq')"));
        Assert.Equal(2, await connection.ExecuteScalarAsync<int>("INSERT INTO gaps (n) VALUES (1) RETURNING id"));
        Assert.Equal(0, await connection.ExecuteAsync("INSERT INTO gaps (n) VALUES (1) ON CONFLICT DO NOTHING"));
        Assert.Equal(4, await connection.ExecuteScalarAsync<int>(
            "INSERT INTO gaps (n) VALUES (@n) ON CONFLICT (n) DO UPDATE SET n = 0 RETURNING id", new { n = 3 }));
        Assert.Equal("2 1|4 3", await shop.RowsAsync("SELECT id, n FROM gaps ORDER BY id"));
    }

    [Fact]
    public async Task Texts_of_several_statements_batches_and_prepared_ones_take_numbers_in_order()
    {
        await shop.ExecuteAsync("CREATE TABLE texts (id bigserial PRIMARY KEY, n int)");
        await using ShardSqlConnection connection = await shop.Source.OpenConnectionAsync();
        await using (SqlMapper.GridReader grid = await connection.QueryMultipleAsync(
            "INSERT INTO texts (n) VALUES (1); SELECT lastval(); INSERT INTO texts (n) SELECT 2 RETURNING id; "
            + "SELECT lastval(), currval('texts_id_seq'); SELECT nextval('texts_id_seq'); SELECT lastval()"))
        {
            Assert.Equal(1, await grid.ReadSingleAsync<long>());
            Assert.Equal(2, await grid.ReadSingleAsync<long>());
            Assert.Equal(2, await grid.ReadSingleAsync<long>());
            Assert.Equal(3, await grid.ReadSingleAsync<long>());
            Assert.Equal(3, await grid.ReadSingleAsync<long>());
        }

        await using ShardSqlBatch batch = connection.CreateBatch();
        for (int i = 0; i < 3; i++)
        {
            DbBatchCommand command = batch.CreateBatchCommand();
            command.CommandText = "INSERT INTO texts (n) VALUES (7)";
            batch.BatchCommands.Add((ShardSqlBatchCommand)command);
        }

        Assert.Equal(3, await batch.ExecuteNonQueryAsync());
        await using ShardSqlCommand prepared = connection.CreateCommand();
        prepared.CommandText = "INSERT INTO texts (n) VALUES (@n) RETURNING id";
        prepared.Parameters.AddWithValue("n", 9);
        await prepared.PrepareAsync();
        Assert.Equal(7L, await prepared.ExecuteScalarAsync());
        Assert.Equal(8L, await prepared.ExecuteScalarAsync());
    }

    [Fact]
    public async Task Neither_explain_nor_describing_takes_a_number_but_explain_analyze_does()
    {
        await shop.ExecuteAsync("CREATE TABLE plain (id serial PRIMARY KEY, n int)");
        await shop.RowsAsync("EXPLAIN INSERT INTO plain (n) VALUES (1), (2)");
        await shop.RowsAsync("EXPLAIN SELECT nextval('plain_id_seq')");
        await shop.RowsAsync("EXPLAIN SELECT setval('plain_id_seq', 90)");
        Assert.Equal("1", await shop.RowsAsync("INSERT INTO plain (n) VALUES (1) RETURNING id"));
        await shop.RowsAsync("EXPLAIN ANALYZE INSERT INTO plain (n) VALUES (1)");
        Assert.Equal("3", await shop.RowsAsync("INSERT INTO plain (n) VALUES (1) RETURNING id"));
    }

    [Fact]
    public async Task A_transaction_that_reads_only_changes_no_sequence()
    {
        await shop.ExecuteAsync("CREATE SEQUENCE still");
        ShardSqlException error = await shop.FailsAsync("BEGIN READ ONLY; SELECT nextval('still')");
        Assert.Equal(("25006", "cannot execute nextval() in a read-only transaction"), (error.SqlState, error.Message));
        error = await shop.FailsAsync("BEGIN READ ONLY; SELECT setval('still', 5)");
        Assert.Equal("25006", error.SqlState);
        Assert.Equal("1", await shop.RowsAsync("SELECT nextval('still')"));
    }

    [Theory]
    [InlineData("CREATE SEQUENCE bad INCREMENT 0", "22023", "INCREMENT must not be zero")]
    [InlineData("CREATE SEQUENCE bad MINVALUE 5 MAXVALUE 5", "22023", "MINVALUE (5) must be less than MAXVALUE (5)")]
    [InlineData("CREATE SEQUENCE bad START 0", "22023", "START value (0) cannot be less than MINVALUE (1)")]
    [InlineData("CREATE SEQUENCE bad MAXVALUE 5 START 6", "22023", "START value (6) cannot be greater than MAXVALUE (5)")]
    [InlineData("CREATE SEQUENCE bad CACHE 0", "22023", "CACHE (0) must be greater than zero")]
    [InlineData("CREATE SEQUENCE bad AS smallint MAXVALUE 40000", "22023", "MAXVALUE (40000) is out of range for sequence data type smallint")]
    [InlineData("CREATE SEQUENCE bad AS text", "22023", "sequence type must be smallint, integer, or bigint")]
    [InlineData("CREATE SEQUENCE bad START 1 START 2", "42601", "conflicting or redundant options")]
    [InlineData("CREATE SEQUENCE customers", "42P07", "relation \"customers\" already exists")]
    [InlineData("CREATE TABLE bad (id int DEFAULT nextval('nowhere'))", "42P01", "relation \"nowhere\" does not exist")]
    [InlineData("CREATE TABLE bad (id serial DEFAULT 5)", "42601", "multiple default values specified for column \"id\" of table \"bad\"")]
    [InlineData("CREATE TABLE bad (id text GENERATED ALWAYS AS IDENTITY)", "22023", "identity column type must be smallint, integer, or bigint")]
    [InlineData("SELECT nextval('nowhere')", "42P01", "relation \"nowhere\" does not exist")]
    [InlineData("SELECT nextval('customers')", "42809", "\"customers\" is not a sequence")]
    [InlineData("SELECT setval('nowhere', 1)", "42P01", "relation \"nowhere\" does not exist")]
    [InlineData("ALTER SEQUENCE nowhere RESTART", "42P01", "relation \"nowhere\" does not exist")]
    [InlineData("DROP SEQUENCE nowhere", "42P01", "sequence \"nowhere\" does not exist")]
    [InlineData("DROP SEQUENCE customers", "42809", "\"customers\" is not a sequence")]
    [InlineData("SELECT name FROM customers WHERE id = nextval('nowhere')", "0A000", "nextval is not supported here")]
    [InlineData("SELECT nextval(1)", "42883", "function nextval(integer) does not exist")]
    public async Task What_cannot_be_is_refused_as_in_PostgreSQL(string text, string state, string message)
    {
        ShardSqlException error = await shop.FailsAsync(text);
        Assert.Equal((state, message), (error.SqlState, error.Message));
    }

    [Fact]
    public async Task A_sequence_is_no_table()
    {
        await shop.ExecuteAsync("CREATE SEQUENCE alone; CREATE SEQUENCE IF NOT EXISTS alone");
        Assert.Equal("42809", (await shop.FailsAsync("SELECT * FROM alone")).SqlState);
        Assert.Equal("42809", (await shop.FailsAsync("INSERT INTO alone VALUES (1)")).SqlState);
        Assert.Equal("42809", (await shop.FailsAsync("DROP TABLE IF EXISTS alone")).SqlState);
        Assert.Equal("42P07", (await shop.FailsAsync("CREATE TABLE alone (id int)")).SqlState);
        await shop.ExecuteAsync("DROP SEQUENCE alone; DROP SEQUENCE IF EXISTS alone");
        Assert.Equal("42P01", (await shop.FailsAsync("SELECT nextval('alone')")).SqlState);
    }

    [Fact]
    public async Task A_name_in_a_text_folds_unless_it_is_quoted()
    {
        await shop.ExecuteAsync("CREATE SEQUENCE Folded; CREATE SEQUENCE \"As Written\"");
        await using ShardSqlConnection connection = await shop.Source.OpenConnectionAsync();
        Assert.Equal(1, await connection.ExecuteScalarAsync<long>("SELECT nextval('public.FOLDED')"));
        Assert.Equal(2, await connection.ExecuteScalarAsync<long>("SELECT nextval(@name)", new { name = "Folded" }));
        Assert.Equal(1, await connection.ExecuteScalarAsync<long>("SELECT nextval('\"As Written\"')"));
        Assert.Equal("42602", (await shop.FailsAsync("SELECT nextval('a.b.c')")).SqlState);
    }
}
