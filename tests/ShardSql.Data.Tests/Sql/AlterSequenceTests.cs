using System.Threading.Tasks;
using Dapper;
using Xunit;

namespace ShardSql.Data.Tests.SqlStatements;

/// <summary>ALTER SEQUENCE, and columns of numbers that are added to a table.</summary>
public sealed class AlterSequenceTests(ShopFixture shop) : IClassFixture<ShopFixture>
{
    [Fact]
    public async Task Options_count_from_the_next_number_on()
    {
        await shop.ExecuteAsync("CREATE SEQUENCE turns CACHE 1");
        Assert.Equal("1", await shop.RowsAsync("SELECT nextval('turns')"));
        await shop.ExecuteAsync("ALTER SEQUENCE turns INCREMENT BY 10");
        Assert.Equal("11", await shop.RowsAsync("SELECT nextval('turns')"));
        await shop.ExecuteAsync("ALTER SEQUENCE turns START WITH 5 MAXVALUE 25");
        Assert.Equal("21", await shop.RowsAsync("SELECT nextval('turns')"));
        Assert.Equal("2200H", (await shop.FailsAsync("SELECT nextval('turns')")).SqlState);
        await shop.ExecuteAsync("ALTER SEQUENCE turns CYCLE MINVALUE 2");
        Assert.Equal("2", await shop.RowsAsync("SELECT nextval('turns')"));
        await shop.ExecuteAsync("ALTER SEQUENCE turns RESTART INCREMENT -1 MAXVALUE 30 NO CYCLE");
        Assert.Equal("5", await shop.RowsAsync("SELECT nextval('turns')"));
        Assert.Equal("4", await shop.RowsAsync("SELECT nextval('turns')"));
        await shop.ExecuteAsync("ALTER SEQUENCE turns INCREMENT 1 NO MINVALUE NO MAXVALUE");
        Assert.Equal("1 9223372036854775807", await shop.RowsAsync(
            "SELECT minimum_value, maximum_value FROM shard.sequences WHERE sequence_name = 'turns'"));
        Assert.Equal("5", await shop.RowsAsync("SELECT nextval('turns')"));
    }

    [Fact]
    public async Task Numbers_that_are_held_are_given_up()
    {
        await shop.ExecuteAsync("CREATE SEQUENCE held CACHE 10");
        Assert.Equal("1 2", await shop.RowsAsync("SELECT nextval('held'), nextval('held')"));
        await shop.ExecuteAsync("ALTER SEQUENCE held INCREMENT BY 5");
        Assert.Equal("15 20", await shop.RowsAsync("SELECT nextval('held'), nextval('held')"));
        await shop.ExecuteAsync("ALTER SEQUENCE held CACHE 1 RESTART WITH 7");
        Assert.Equal("7 12", await shop.RowsAsync("SELECT nextval('held'), nextval('held')"));
    }

    [Fact]
    public async Task Its_type_moves_the_ends_that_are_its_own()
    {
        await shop.ExecuteAsync("CREATE SEQUENCE wide AS smallint MINVALUE 3");
        await shop.ExecuteAsync("ALTER SEQUENCE wide AS integer");
        Assert.Equal("integer 3 2147483647", await shop.RowsAsync(
            "SELECT data_type, minimum_value, maximum_value FROM shard.sequences WHERE sequence_name = 'wide'"));
        Assert.Equal("22023", (await shop.FailsAsync("ALTER SEQUENCE wide MAXVALUE 2")).SqlState);
        Assert.Equal("22023", (await shop.FailsAsync("ALTER SEQUENCE wide INCREMENT 0")).SqlState);
        Assert.Equal("22023", (await shop.FailsAsync("ALTER SEQUENCE wide START 2")).SqlState);
        Assert.Equal("42601", (await shop.FailsAsync("ALTER SEQUENCE wide CACHE 1 CACHE 2")).SqlState);
        Assert.Equal("3", await shop.RowsAsync("SELECT nextval('wide')"));
    }

    [Fact]
    public async Task By_another_name_it_serves_the_same_columns()
    {
        await shop.ExecuteAsync("CREATE TABLE renames (id serial PRIMARY KEY, a int, b text)");
        await shop.ExecuteAsync("ALTER TABLE renames ALTER COLUMN a SET DEFAULT (10 * nextval('renames_id_seq'))");
        await shop.ExecuteAsync("ALTER SEQUENCE renames_id_seq RENAME TO \"Other\"");
        await shop.ExecuteAsync("INSERT INTO renames (b) VALUES ('x')");
        Assert.Equal("1 20 x", await shop.RowsAsync("SELECT * FROM renames"));
        Assert.Equal("3", await shop.RowsAsync("SELECT nextval('\"Other\"')"));
        Assert.Equal("42P01", (await shop.FailsAsync("SELECT nextval('renames_id_seq')")).SqlState);
        Assert.Equal("42P07", (await shop.FailsAsync("ALTER SEQUENCE \"Other\" RENAME TO customers")).SqlState);
        Assert.Equal("2BP01", (await shop.FailsAsync("DROP SEQUENCE \"Other\"")).SqlState);
        await shop.ExecuteAsync("ALTER TABLE renames ALTER COLUMN a DROP DEFAULT; DROP TABLE renames");
        Assert.Equal("", await shop.RowsAsync("SELECT sequence_name FROM shard.sequences WHERE sequence_name = 'Other'"));
    }

    [Fact]
    public async Task It_goes_with_the_column_that_owns_it()
    {
        await shop.ExecuteAsync("CREATE TABLE owning (id int PRIMARY KEY, a int, b int)");
        await shop.ExecuteAsync("CREATE SEQUENCE kept OWNED BY owning.a");
        await shop.ExecuteAsync("CREATE SEQUENCE lost OWNED BY owning.a");
        await shop.ExecuteAsync("ALTER SEQUENCE kept OWNED BY NONE");
        await shop.ExecuteAsync("ALTER TABLE owning DROP COLUMN a");
        Assert.Equal("kept", await shop.RowsAsync("SELECT sequence_name FROM shard.sequences WHERE sequence_name IN ('kept', 'lost')"));
        await shop.ExecuteAsync("ALTER SEQUENCE kept OWNED BY public.owning.b");
        await shop.ExecuteAsync("DROP TABLE owning");
        Assert.Equal("", await shop.RowsAsync("SELECT sequence_name FROM shard.sequences WHERE sequence_name = 'kept'"));
        await shop.ExecuteAsync("CREATE TABLE ident (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, a int); CREATE SEQUENCE free");
        Assert.Equal("0A000", (await shop.FailsAsync("ALTER SEQUENCE ident_id_seq OWNED BY ident.a")).SqlState);
        Assert.Equal("42703", (await shop.FailsAsync("ALTER SEQUENCE free OWNED BY ident.z")).SqlState);
        Assert.Equal("42P01", (await shop.FailsAsync("ALTER SEQUENCE free OWNED BY nothing.z")).SqlState);
        Assert.Equal("42601", (await shop.FailsAsync("ALTER SEQUENCE free OWNED BY ident")).SqlState);
    }

    [Theory]
    [InlineData("serial", "added_serial")]
    [InlineData("bigint GENERATED ALWAYS AS IDENTITY", "added_always")]
    [InlineData("smallint GENERATED BY DEFAULT AS IDENTITY (START 1 CACHE 1)", "added_default")]
    public async Task A_column_of_numbers_is_added_to_a_table_without_rows(string type, string table)
    {
        await shop.ExecuteAsync($"CREATE TABLE {table} (id int PRIMARY KEY)");
        await shop.ExecuteAsync($"INSERT INTO {table} VALUES (1)");
        ShardSqlException error = await shop.FailsAsync($"ALTER TABLE {table} ADD COLUMN n {type}");
        Assert.Equal("0A000", error.SqlState);
        Assert.Contains("OWNED BY", error.Hint, System.StringComparison.Ordinal);
        Assert.Equal("", await shop.RowsAsync($"SELECT sequence_name FROM shard.sequences WHERE sequence_name = '{table}_n_seq'"));
        await shop.ExecuteAsync($"DELETE FROM {table}; ALTER TABLE {table} ADD COLUMN n {type}");
        await shop.ExecuteAsync($"INSERT INTO {table} (id) VALUES (5), (6)");
        Assert.Equal("5 1|6 2", await shop.RowsAsync($"SELECT * FROM {table} ORDER BY id"));
        await shop.ExecuteAsync($"ALTER TABLE {table} DROP COLUMN n");
        Assert.Equal("", await shop.RowsAsync($"SELECT sequence_name FROM shard.sequences WHERE sequence_name = '{table}_n_seq'"));
    }

    [Fact]
    public async Task What_the_hint_says_fills_the_rows_that_are_there()
    {
        await shop.ExecuteAsync("CREATE TABLE filled (id int PRIMARY KEY); INSERT INTO filled VALUES (3), (4), (5)");
        await shop.ExecuteAsync("ALTER TABLE filled ADD COLUMN n int; CREATE SEQUENCE fillers; UPDATE filled SET n = nextval('fillers')");
        await shop.ExecuteAsync("ALTER TABLE filled ALTER COLUMN n SET DEFAULT nextval('fillers'), ALTER COLUMN n SET NOT NULL");
        await shop.ExecuteAsync("ALTER SEQUENCE fillers OWNED BY filled.n; INSERT INTO filled (id) VALUES (9)");
        Assert.Equal("1|2|3|4", await shop.RowsAsync("SELECT n FROM filled ORDER BY n"));
        Assert.Equal("4", await shop.RowsAsync("SELECT n FROM filled WHERE id = 9"));
    }
}
