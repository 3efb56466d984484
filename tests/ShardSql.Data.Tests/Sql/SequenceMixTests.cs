using System.Threading.Tasks;
using Xunit;

namespace ShardSql.Data.Tests.SqlStatements;

/// <summary>Numbers of sequences beside columns: in expressions, in UPDATE, in ON CONFLICT, under DISTINCT.</summary>
public sealed class SequenceMixTests(ShopFixture shop) : IClassFixture<ShopFixture>
{
    [Theory]
    [InlineData("SELECT id + nextval('{0}') - id FROM customers ORDER BY id", "10|11|12|13")]
    [InlineData("SELECT name, CASE WHEN city = 'Rome' THEN nextval('{0}') ELSE -id END FROM customers ORDER BY id", "Ada 10|Bob -2|Cleo 11|Dan -4")]
    [InlineData("SELECT coalesce(city, name || nextval('{0}')) FROM customers ORDER BY id", "Rome|Oslo|Rome|Dan10")]
    [InlineData("SELECT count(*) + nextval('{0}'), city FROM customers GROUP BY city ORDER BY city NULLS FIRST", "11 -|12 Oslo|14 Rome")]
    [InlineData("SELECT *, nextval('{0}') * id FROM customers WHERE id < 3 ORDER BY 1", "1 Ada Rome 10|2 Bob Oslo 22")]
    [InlineData("SELECT nextval('{0}') + rank() OVER (ORDER BY id DESC) FROM customers ORDER BY id", "14|14|14|14")]
    [InlineData("SELECT nextval('{0}') + (SELECT max(id) FROM orders o WHERE o.customer = c.id) FROM customers c WHERE id < 3 ORDER BY id", "12|14")]
    [InlineData("SELECT setval('{0}', 40 + max(id)), nextval('{0}') FROM customers", "44 45")]
    [InlineData("SELECT DISTINCT nextval('{0}') * 0 AS zero FROM customers", "0")]
    [InlineData("SELECT DISTINCT city, nextval('{0}') * 0 FROM customers WHERE city = 'Rome'", "Rome 0")]
    [InlineData("SELECT nextval('{0}') FROM (SELECT DISTINCT city FROM customers) q", "10|11|12")]
    public async Task Each_row_takes_its_own(string query, string expected)
    {
        string name = "mix_" + System.Guid.NewGuid().ToString("N");
        await shop.ExecuteAsync($"CREATE SEQUENCE {name} START 10");
        Assert.Equal(
            expected, await shop.RowsAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, query, name)));
    }

    [Fact]
    public async Task An_update_may_add_a_number_to_what_is_there()
    {
        await shop.ExecuteAsync("CREATE TABLE numbered (id int PRIMARY KEY, a int, b int UNIQUE); CREATE SEQUENCE adds");
        await shop.ExecuteAsync("INSERT INTO numbered VALUES (1, 100, 1), (2, 200, 2), (3, 300, 3)");
        Assert.Equal(3, await shop.ExecuteAsync("UPDATE numbered AS n SET a = n.a + 0 * nextval('adds'), b = 10 + nextval('adds')"));
        Assert.Equal("100|200|300", await shop.RowsAsync("SELECT a FROM numbered ORDER BY id"));
        Assert.Equal("12|14|16", await shop.RowsAsync("SELECT b FROM numbered WHERE b > 10 ORDER BY b"));
    }

    [Fact]
    public async Task Rows_of_a_query_are_inserted_with_numbers_and_what_they_read()
    {
        await shop.ExecuteAsync("CREATE TABLE copied (id int PRIMARY KEY, a text, b smallint); CREATE SEQUENCE copies START 100 CACHE 1");
        Assert.Equal(4, await shop.ExecuteAsync(
            "INSERT INTO copied (b, a, id) SELECT id + 0 * nextval('copies'), name || nextval('copies') % 1, nextval('copies') + id - id "
            + "FROM customers ORDER BY id"));
        Assert.Equal("102 Ada0 1|105 Bob0 2|108 Cleo0 3|111 Dan0 4", await shop.RowsAsync("SELECT * FROM copied ORDER BY id"));
        Assert.Equal("22003", (await shop.FailsAsync("INSERT INTO copied (id, b) SELECT 999, 40000 + nextval('copies')")).SqlState);
    }

    [Fact]
    public async Task Entries_of_values_that_were_replaced_are_gone()
    {
        await shop.ExecuteAsync("CREATE TABLE entered (id int PRIMARY KEY, a int); CREATE INDEX entered_a ON entered (a) GLOBAL");
        await shop.ExecuteAsync("CREATE SEQUENCE enters START 1000 CACHE 1; INSERT INTO entered VALUES (1, 1), (2, 2), (3, 3)");
        Assert.Equal(3, await shop.ExecuteAsync("UPDATE entered SET a = nextval('enters')"));
        Assert.Equal("", await shop.RowsAsync("SELECT id FROM entered WHERE a = 1"));
        Assert.Equal("", await shop.RowsAsync("SELECT a FROM entered WHERE a IN (1, 2, 3)"));
        Assert.Equal("1000|1001|1002", await shop.RowsAsync("SELECT a FROM entered WHERE a IN (1000, 1001, 1002) ORDER BY a"));
    }

    [Theory]
    [InlineData("upsert_p", "id", "")]
    [InlineData("upsert_g", "code", "")]
    [InlineData("upsert_r", "code", "REFERENCE")]
    public async Task A_conflict_takes_a_number_and_nothing_else_does(string table, string target, string placement)
    {
        await shop.ExecuteAsync($"CREATE TABLE {table} (id int PRIMARY KEY, code text UNIQUE, n bigint, m int) {placement}");
        await shop.ExecuteAsync($"CREATE SEQUENCE {table}_s START 100 CACHE 1; INSERT INTO {table} VALUES (1, 'a', 0, 1), (2, 'b', 0, 1)");
        Assert.Equal(3, await shop.ExecuteAsync(
            $"INSERT INTO {table} AS t VALUES (1, 'a', 5, 7), (3, 'c', 6, 8), (2, 'b', 7, 9) "
            + $"ON CONFLICT ({target}) DO UPDATE SET n = nextval('{table}_s') + excluded.n + t.m, m = excluded.m"));
        Assert.Equal("1 106 7|2 109 9|3 6 8", await shop.RowsAsync($"SELECT id, n, m FROM {table} ORDER BY id"));
        Assert.Equal("102", await shop.RowsAsync($"SELECT nextval('{table}_s')"));
    }

    [Theory]
    [InlineData("SELECT id FROM customers WHERE id = nextval('refused')")]
    [InlineData("SELECT sum(nextval('refused')) FROM customers")]
    [InlineData("SELECT DISTINCT id, nextval('refused') FROM customers ORDER BY id")]
    [InlineData("CREATE VIEW refusing AS SELECT nextval('refused') AS n")]
    [InlineData("UPDATE customers SET id = (SELECT max(id) FROM orders) + nextval('refused')")]
    public async Task What_is_not_had_says_what_to_write_instead(string text)
    {
        await shop.ExecuteAsync("CREATE SEQUENCE IF NOT EXISTS refused");
        ShardSqlException error = await shop.FailsAsync(text);
        Assert.Equal("0A000", error.SqlState);
        Assert.False(string.IsNullOrEmpty(error.Hint));
    }
}
