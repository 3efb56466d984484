using System.Threading.Tasks;
using Xunit;

namespace ShardSql.Data.Tests.SqlStatements;

/// <summary>Aggregates over rows of four shards; the expected values are those of PostgreSQL.</summary>
public sealed class AggregateTests(ShopFixture shop) : IClassFixture<ShopFixture>
{
    [Theory]
    [InlineData("SELECT string_agg(name, ', ' ORDER BY name) FROM customers", "Ada, Bob, Cleo, Dan")]
    [InlineData("SELECT string_agg(name, ', ' ORDER BY city DESC, id) FROM customers", "Dan, Ada, Cleo, Bob")]
    [InlineData("SELECT string_agg(name, ', ' ORDER BY city NULLS FIRST, id DESC) FROM customers", "Dan, Bob, Cleo, Ada")]
    [InlineData("SELECT string_agg(city, '+' ORDER BY id) FROM customers", "Rome+Oslo+Rome")]
    [InlineData("SELECT string_agg(DISTINCT city, '+') FROM customers", "Oslo+Rome")]
    [InlineData("SELECT string_agg(DISTINCT city, '+' ORDER BY city DESC) FROM customers", "Rome+Oslo")]
    [InlineData("SELECT string_agg(name, city ORDER BY id) FROM customers", "AdaOsloBobRomeCleoDan")]
    [InlineData("SELECT string_agg(name, ',' ORDER BY id) FILTER (WHERE city = 'Rome') FROM customers", "Ada,Cleo")]
    [InlineData("SELECT string_agg(name, ',') FROM customers WHERE id > 99", "-")]
    [InlineData("SELECT string_agg(name, NULL ORDER BY id) FROM customers", "AdaBobCleoDan")]
    [InlineData("SELECT string_agg('', 'x' ORDER BY id) FROM customers", "xxx")]
    [InlineData("SELECT city, string_agg(name, '/' ORDER BY id) FROM customers GROUP BY city ORDER BY city", "Oslo Bob|Rome Ada/Cleo|- Dan")]
    [InlineData("SELECT string_agg(upper(name) || id, ', ' ORDER BY -id) FROM customers HAVING count(*) > 1", "DAN4, CLEO3, BOB2, ADA1")]
    [InlineData("SELECT c.name, string_agg(i.sku, ',' ORDER BY i.line, i.sku DESC) FROM customers c JOIN orders o ON o.customer = c.id "
        + "JOIN items i ON i.order_id = o.id GROUP BY c.name ORDER BY c.name", "Ada pen,pen,ink|Bob cup|Cleo pen")]
    [InlineData("SELECT id, string_agg(name, '') OVER (ORDER BY id) FROM customers ORDER BY id", "1 Ada|2 AdaBob|3 AdaBobCleo|4 AdaBobCleoDan")]
    [InlineData("SELECT bool_and(id > 0), bool_and(id > 1), bool_or(id > 3), bool_or(id > 4), every(id < 9) FROM customers", "True False True False True")]
    [InlineData("SELECT bool_and(city = 'Rome'), bool_or(city = 'Rome'), count(DISTINCT city), sum(id) FROM customers", "False True 2 10")]
    [InlineData("SELECT bool_and(city = 'Rome') FROM customers WHERE id IN (1, 3, 4)", "True")]
    [InlineData("SELECT bool_and(city IS NULL), bool_or(city IS NULL) FROM customers WHERE id > 99", "- -")]
    [InlineData("SELECT customer, bool_and(total > 10), bool_or(DISTINCT total > 10) FROM orders GROUP BY customer ORDER BY customer",
        "1 True True|2 False False|3 False False|9 False False|- False False")]
    [InlineData("SELECT id, bool_or(total > 10) OVER (PARTITION BY customer ORDER BY id) FROM orders ORDER BY id",
        "1 True|2 True|3 False|4 False|5 False|6 False")]
    public async Task They_are_the_same_on_all_shards_together(string query, string expected) =>
        Assert.Equal(expected, await shop.RowsAsync(query));

    [Theory]
    [InlineData("SELECT string_agg(id, ',') FROM customers", "42883")]
    [InlineData("SELECT string_agg(name) FROM customers", "42883")]
    [InlineData("SELECT bool_and(id) FROM customers", "42883")]
    [InlineData("SELECT string_agg(DISTINCT name, ',' ORDER BY id) FROM customers", "42P10")]
    [InlineData("SELECT string_agg(name, ',' ORDER BY id) OVER () FROM customers", "0A000")]
    [InlineData("SELECT sum(id ORDER BY id) FROM customers", "0A000")]
    [InlineData("SELECT upper(name ORDER BY id) FROM customers", "42809")]
    [InlineData("SELECT city FROM customers WHERE string_agg(name, ',') = 'x'", "42803")]
    [InlineData("SELECT city, count(*) FROM customers GROUP BY ROLLUP (city, name)", "0A000")]
    [InlineData("SELECT city, count(*) FROM customers GROUP BY CUBE (city)", "0A000")]
    [InlineData("SELECT city, count(*) FROM customers GROUP BY GROUPING SETS ((city), ())", "0A000")]
    [InlineData("SELECT string_agg(repeat(name, 100000), '') FROM customers, orders, orders AS more, orders AS most", "54000")]
    public async Task What_does_not_fit_is_refused(string query, string state) =>
        Assert.Equal(state, (await shop.FailsAsync(query)).SqlState);

    [Theory]
    [InlineData("extract(year FROM day)", "2024")]
    [InlineData("extract(epoch FROM day)", "1704067200")]
    [InlineData("extract(epoch FROM TIMESTAMP '2024-01-01 00:00:00.25')", "1704067200.250000")]
    [InlineData("extract(second FROM TIMESTAMP '2024-01-01 10:20:30.5')", "30.500000")]
    [InlineData("extract(milliseconds FROM TIME '10:20:30.5')", "30500.000")]
    [InlineData("extract(microseconds FROM TIME '10:20:30.5')", "30500000")]
    [InlineData("extract(hour FROM TIMESTAMPTZ '2024-01-01 10:20:30Z') / 4", "2.5000000000000000")]
    [InlineData("date_part('second', TIMESTAMP '2024-01-01 10:20:30.5')", "30.5")]
    public async Task Extract_is_exact(string expression, string expected) =>
        Assert.Equal(expected, await shop.RowsAsync($"SELECT CAST({expression} AS text) FROM orders WHERE id = 1"));

    [Fact]
    public async Task A_date_has_no_hour() =>
        Assert.Equal("0A000", (await shop.FailsAsync("SELECT extract(hour FROM day) FROM orders")).SqlState);
}
