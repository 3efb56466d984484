using System;
using System.Threading.Tasks;
using Xunit;

namespace ShardSql.Data.Tests.SqlStatements;

/// <summary>Queries of several tables, queries inside of queries, windows, set operations, common tables: what each
/// gives over four shards.</summary>
public sealed class QueryTests(ShopFixture shop) : IClassFixture<ShopFixture>
{
    [Theory]
    [InlineData("SELECT c.name, o.id FROM customers c JOIN orders o ON o.customer = c.id ORDER BY 2", "Ada 1|Ada 2|Bob 3|Cleo 4")]
    [InlineData("SELECT c.name, o.id FROM customers c, orders o WHERE o.customer = c.id AND o.total > 6 ORDER BY o.id", "Ada 1|Ada 2|Cleo 4")]
    [InlineData("SELECT c.name, o.id FROM customers c LEFT JOIN orders o ON o.customer = c.id ORDER BY c.id, o.id", "Ada 1|Ada 2|Bob 3|Cleo 4|Dan -")]
    [InlineData("SELECT c.name, o.id FROM customers c LEFT JOIN orders o ON o.customer = c.id AND o.total > 15 ORDER BY c.id", "Ada 2|Bob -|Cleo -|Dan -")]
    [InlineData("SELECT c.name FROM customers c LEFT JOIN orders o ON o.customer = c.id WHERE o.id IS NULL", "Dan")]
    [InlineData("SELECT c.name, o.id FROM customers c RIGHT JOIN orders o ON o.customer = c.id ORDER BY o.id", "Ada 1|Ada 2|Bob 3|Cleo 4|- 5|- 6")]
    [InlineData("SELECT c.name, o.id FROM customers c FULL JOIN orders o ON o.customer = c.id ORDER BY o.id, c.id", "Ada 1|Ada 2|Bob 3|Cleo 4|- 5|- 6|Dan -")]
    [InlineData("SELECT count(*) FROM customers CROSS JOIN items", "20")]
    [InlineData("SELECT o.id, i.sku FROM orders o JOIN items i ON i.order_id = o.id WHERE o.id = 1 ORDER BY i.line", "1 pen|1 ink")]
    [InlineData("SELECT id, n FROM customers NATURAL JOIN (SELECT id, count(*) AS n FROM orders GROUP BY id) x ORDER BY id", "1 1|2 1|3 1|4 1")]
    [InlineData("SELECT id, a.name, b.day FROM customers a FULL JOIN orders b USING (id) WHERE id > 3 ORDER BY id", "4 Dan 2024-01-03|5 - 2024-01-04|6 - 2024-01-05")]
    [InlineData("SELECT a.name, b.name FROM customers a JOIN customers b ON a.city = b.city AND a.id < b.id", "Ada Cleo")]
    [InlineData("SELECT c.name, i.sku, i.quantity FROM customers c JOIN orders o ON o.customer = c.id JOIN items i ON i.order_id = o.id WHERE c.city = 'Rome' ORDER BY 1, 2, 3", "Ada ink 1|Ada pen 2|Ada pen 5|Cleo pen 1")]
    [InlineData("SELECT count(*) FROM customers c JOIN orders o ON o.customer < c.id", "9")]
    public async Task A_join_gives_the_pairs(string text, string expected) =>
        Assert.Equal(expected, await shop.RowsAsync(text));

    [Theory]
    [InlineData("SELECT c.city, sum(o.total), count(DISTINCT o.customer) FROM customers c JOIN orders o ON o.customer = c.id GROUP BY c.city ORDER BY 1", "Oslo 5.00 1|Rome 37.75 2")]
    [InlineData("SELECT c.name, count(o.id) AS n FROM customers c LEFT JOIN orders o ON o.customer = c.id GROUP BY c.id HAVING count(o.id) <> 1 ORDER BY n DESC", "Ada 2|Dan 0")]
    [InlineData("SELECT sku, sum(quantity) FILTER (WHERE quantity > 1) FROM items GROUP BY sku ORDER BY sku", "cup -|ink -|pen 7")]
    [InlineData("SELECT avg(total), min(name) FROM customers, orders WHERE customer = customers.id", "10.6875000000000000 Ada")]
    public async Task A_grouped_join_gives_its_groups(string text, string expected) =>
        Assert.Equal(expected, await shop.RowsAsync(text));

    [Theory]
    [InlineData("SELECT name FROM customers WHERE id IN (SELECT customer FROM orders WHERE total > 6) ORDER BY 1", "Ada|Cleo")]
    [InlineData("SELECT name FROM customers WHERE id NOT IN (SELECT customer FROM orders WHERE customer IS NOT NULL)", "Dan")]
    [InlineData("SELECT count(*) FROM customers WHERE id NOT IN (SELECT customer FROM orders)", "0")]
    [InlineData("SELECT name FROM customers c WHERE EXISTS (SELECT 1 FROM orders o WHERE o.customer = c.id AND o.total < 8) ORDER BY 1", "Bob|Cleo")]
    [InlineData("SELECT name FROM customers c WHERE NOT EXISTS (SELECT * FROM orders o WHERE o.customer = c.id)", "Dan")]
    [InlineData("SELECT name, (SELECT max(total) FROM orders o WHERE o.customer = c.id) FROM customers c ORDER BY id", "Ada 20.00|Bob 5.00|Cleo 7.25|Dan -")]
    [InlineData("SELECT name FROM customers WHERE id = (SELECT min(customer) FROM orders)", "Ada")]
    [InlineData("SELECT id FROM orders WHERE total >= ALL (SELECT total FROM orders)", "2")]
    [InlineData("SELECT id FROM orders WHERE total < ANY (SELECT quantity FROM items) ORDER BY id", "5|6")]
    [InlineData("SELECT id FROM orders WHERE (customer, total) IN (SELECT customer, max(total) FROM orders GROUP BY customer) ORDER BY id", "2|3|4|5")]
    [InlineData("SELECT name FROM customers c WHERE 5 < (SELECT sum(i.quantity) FROM items i WHERE i.order_id IN (SELECT o.id FROM orders o WHERE o.customer = c.id))", "Ada")]
    [InlineData("SELECT c.city, (SELECT count(*) FROM customers d WHERE d.city = c.city) FROM customers c GROUP BY c.city ORDER BY 1", "Oslo 1|Rome 2|- 0")]
    [InlineData("SELECT EXISTS (SELECT 1 FROM orders WHERE id = 77), (SELECT name FROM customers WHERE id = 2)", "False Bob")]
    [InlineData("SELECT id FROM orders WHERE id = ANY ((1, 3, 99)) ORDER BY id", "1|3")]
    [InlineData("SELECT id FROM orders WHERE (id, total) > (2, 20) ORDER BY id LIMIT 2", "3|4")]
    public async Task A_query_inside_of_an_expression_gives_its_value(string text, string expected) =>
        Assert.Equal(expected, await shop.RowsAsync(text));

    [Theory]
    [InlineData("SELECT id, row_number() OVER (PARTITION BY customer ORDER BY id) FROM orders WHERE customer < 5 ORDER BY id", "1 1|2 2|3 1|4 1")]
    [InlineData("SELECT sku, rank() OVER (ORDER BY sku), dense_rank() OVER (ORDER BY sku) FROM items ORDER BY 1, 2", "cup 1 1|ink 2 2|pen 3 3|pen 3 3|pen 3 3")]
    [InlineData("SELECT id, sum(total) OVER (ORDER BY id) FROM orders WHERE id < 4 ORDER BY id", "1 10.50|2 30.50|3 35.50")]
    [InlineData("SELECT id, sum(id) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING) FROM orders ORDER BY id", "1 3|2 6|3 9|4 12|5 15|6 11")]
    [InlineData("SELECT id, count(*) OVER (ORDER BY id RANGE BETWEEN 2 PRECEDING AND CURRENT ROW) FROM orders ORDER BY id", "1 1|2 2|3 3|4 3|5 3|6 3")]
    [InlineData("SELECT id, lag(id) OVER w, lead(id, 2, 0) OVER w, first_value(id) OVER w, last_value(id) OVER w FROM orders WHERE id < 4 WINDOW w AS (ORDER BY id) ORDER BY id", "1 - 3 1 1|2 1 0 1 2|3 2 0 1 3")]
    [InlineData("SELECT id, ntile(4) OVER (ORDER BY id) FROM orders ORDER BY id", "1 1|2 1|3 2|4 2|5 3|6 4")]
    [InlineData("SELECT city, count(*), rank() OVER (ORDER BY count(*) DESC, city) FROM customers GROUP BY city ORDER BY 3", "Rome 2 1|Oslo 1 2|- 1 3")]
    [InlineData("SELECT count(*) OVER () FROM customers LIMIT 1", "4")]
    public async Task A_window_function_sees_its_frame(string text, string expected) =>
        Assert.Equal(expected, await shop.RowsAsync(text));

    [Theory]
    [InlineData("SELECT city FROM customers UNION SELECT 'Rome' ORDER BY 1 NULLS FIRST", "-|Oslo|Rome")]
    [InlineData("SELECT id FROM customers UNION ALL SELECT id FROM orders WHERE id > 5 ORDER BY id DESC LIMIT 2", "6|4")]
    [InlineData("SELECT id FROM orders EXCEPT SELECT id FROM customers ORDER BY 1", "5|6")]
    [InlineData("SELECT customer FROM orders INTERSECT SELECT id FROM customers ORDER BY 1", "1|2|3")]
    [InlineData("SELECT customer FROM orders EXCEPT ALL SELECT id FROM customers ORDER BY 1", "1|9|-")]
    [InlineData("SELECT 1 AS n UNION SELECT NULL UNION SELECT 2.5 ORDER BY n", "1|2.5|-")]
    [InlineData("(SELECT id FROM orders ORDER BY id DESC LIMIT 1) UNION ALL (SELECT id FROM orders ORDER BY id LIMIT 1) ORDER BY 1", "1|6")]
    [InlineData("VALUES (1, 'a'), (2, NULL) ORDER BY 1 DESC", "2 -|1 a")]
    [InlineData("SELECT v.b FROM (VALUES (1, 'x'), (3, 'z')) AS v (a, b) JOIN orders o ON o.id = v.a ORDER BY o.id", "x|z")]
    [InlineData("WITH big AS (SELECT * FROM orders WHERE total > 6) SELECT a.id, b.id FROM big a JOIN big b ON a.id < b.id ORDER BY 1, 2", "1 2|1 4|2 4")]
    [InlineData("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5) SELECT sum(i) FROM n", "15")]
    [InlineData("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n LIMIT 3", "1|2|3")]
    [InlineData("WITH RECURSIVE up (id) AS (SELECT 1 UNION SELECT o.id + 1 FROM up JOIN orders o ON o.id = up.id) SELECT count(*) FROM up", "7")]
    [InlineData("SELECT x.n FROM (SELECT count(*) AS n FROM orders) x", "6")]
    [InlineData("SELECT t.table_name, c.name FROM shard.tables t JOIN customers c ON c.id = 1 WHERE t.table_name = 'items'", "items Ada")]
    public async Task Set_operations_and_tables_of_queries_give_their_rows(string text, string expected) =>
        Assert.Equal(expected, await shop.RowsAsync(text));

    [Theory]
    [InlineData("SELECT (SELECT id FROM orders)", "21000")]
    [InlineData("SELECT id FROM customers, orders", "42702")]
    [InlineData("SELECT x.id FROM customers c", "42P01")]
    [InlineData("SELECT c.nam FROM customers c JOIN orders o ON true", "42703")]
    [InlineData("SELECT 1 FROM orders JOIN orders ON true", "42712")]
    [InlineData("SELECT c.name, count(*) FROM customers c JOIN orders o ON true GROUP BY c.city", "42803")]
    [InlineData("SELECT 1 UNION SELECT 1, 2", "42601")]
    [InlineData("SELECT id FROM orders UNION SELECT day FROM orders", "42804")]
    [InlineData("SELECT id FROM orders WHERE row_number() OVER () = 1", "42P20")]
    [InlineData("WITH RECURSIVE n AS (SELECT * FROM n) SELECT * FROM n", "42P19")]
    [InlineData("SELECT id FROM orders WHERE id IN (SELECT id, total FROM orders)", "42601")]
    public async Task A_query_that_means_nothing_says_what_is_wrong(string text, string state)
    {
        ShardSqlException error = await shop.FailsAsync(text);
        Assert.True(state == error.SqlState, $"{error.SqlState}: {error.Message}");
    }

    [Fact]
    public async Task A_join_over_the_memory_limit_is_53200_and_the_server_lives()
    {
        const string Many = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1500) ";
        ShardSqlException error = await shop.FailsAsync(Many + "SELECT a.i, b.i FROM n a, n b ORDER BY a.i * b.i");
        Assert.Equal("53200", error.SqlState);
        Assert.Equal("6", await shop.RowsAsync("SELECT count(*) FROM orders"));
    }

    [Fact]
    public async Task A_query_whose_rows_are_on_one_shard_runs_there_whole()
    {
        await shop.ExecuteAsync("CREATE TABLE homes (id int PRIMARY KEY, city text) SHARD BY HASH (id)");
        await shop.ExecuteAsync(
            "CREATE TABLE pets (home int, n int, name text, PRIMARY KEY (home, n)) COLOCATED WITH homes ON (home)");
        await shop.ExecuteAsync("CREATE TABLE kinds (name text PRIMARY KEY, kind text) REFERENCE");
        await shop.ExecuteAsync("INSERT INTO homes VALUES (1, 'Rome'), (2, 'Oslo')");
        await shop.ExecuteAsync("INSERT INTO pets VALUES (1, 1, 'Rex'), (1, 2, 'Tom'), (2, 1, 'Kit')");
        await shop.ExecuteAsync("INSERT INTO kinds VALUES ('Rex', 'dog'), ('Tom', 'cat'), ('Kit', 'cat')");
        const string Query = "SELECT h.city, p.name, k.kind, (SELECT count(*) FROM pets q WHERE q.home = h.id AND q.home = 1) "
            + "FROM homes h JOIN pets p ON p.home = h.id LEFT JOIN kinds k ON k.name = p.name WHERE h.id = 1 ORDER BY p.n";
        Assert.Equal("Rome Rex dog 2|Rome Tom cat 2", await shop.RowsAsync(Query));
        Assert.StartsWith(
            "distribution: SINGLE-SHARD", await shop.RowsAsync("EXPLAIN " + Query), StringComparison.Ordinal);
        await using ShardSqlConnection connection = await shop.Source.OpenConnectionAsync();
        await using ShardSqlTransaction transaction = await connection.BeginTransactionAsync();
        _ = await ShopFixture.RowsAsync(connection, "INSERT INTO pets VALUES (1, 3, 'Ann')", transaction);
        Assert.Equal(
            "Rome Rex dog 3|Rome Tom cat 3|Rome Ann - 3", await ShopFixture.RowsAsync(connection, Query, transaction));
    }

    [Fact]
    public async Task Explain_of_a_join_shows_the_tree_and_its_shards()
    {
        string plan = await shop.RowsAsync(
            "EXPLAIN SELECT c.name FROM customers c JOIN orders o ON o.customer = c.id WHERE o.id = 1");
        Assert.StartsWith("distribution: CROSS-SHARD", plan, StringComparison.Ordinal);
        Assert.Contains("join (inner) by look-ups of keys", plan, StringComparison.Ordinal);
        Assert.Contains("scan orders", plan, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("SELECT DISTINCT ON (customer) customer, id FROM orders ORDER BY customer, id DESC", "1 2|2 3|3 4|9 5|- 6")]
    [InlineData("SELECT DISTINCT ON (customer) * FROM orders WHERE customer < 3 ORDER BY customer, total", "1 1 10.50 2024-01-01|3 2 5.00 2024-01-02")]
    [InlineData("SELECT DISTINCT ON (city) name FROM customers ORDER BY city NULLS FIRST, name DESC", "Dan|Bob|Cleo")]
    [InlineData("SELECT DISTINCT ON (2) name, city AS place FROM customers ORDER BY place DESC, 1 LIMIT 2", "Dan -|Ada Rome")]
    [InlineData("SELECT DISTINCT ON (upper(city), id > 2) name FROM customers ORDER BY id > 2, upper(city), id", "Bob|Ada|Cleo|Dan")]
    [InlineData("SELECT DISTINCT ON (c.id) c.name, o.total FROM customers c LEFT JOIN orders o ON o.customer = c.id ORDER BY c.id, o.total DESC",
        "Ada 20.00|Bob 5.00|Cleo 7.25|Dan -")]
    [InlineData("SELECT DISTINCT ON (n) city, count(*) AS n FROM customers GROUP BY city ORDER BY n DESC, city", "Rome 2|Oslo 1")]
    [InlineData("SELECT count(*) FROM (SELECT DISTINCT ON (sku) order_id FROM items) q", "3")]
    [InlineData("SELECT DISTINCT ON (customer, day) id FROM orders ORDER BY day, customer, id OFFSET 4", "5|6")]
    [InlineData("SELECT DISTINCT ON (customer) id, row_number() OVER (ORDER BY id DESC) FROM orders WHERE customer = 1 ORDER BY customer, id", "1 2")]
    public async Task Distinct_on_keeps_the_first_row_of_each(string query, string expected) =>
        Assert.Equal(expected, await shop.RowsAsync(query));

    [Theory]
    [InlineData("SELECT DISTINCT ON (city) name FROM customers ORDER BY name", "42P10")]
    [InlineData("SELECT DISTINCT ON (city, id) name FROM customers ORDER BY city, name, id", "42P10")]
    [InlineData("SELECT DISTINCT ON (7) name FROM customers", "42P10")]
    [InlineData("SELECT DISTINCT ON (nothing) name FROM customers", "42703")]
    public async Task Distinct_on_what_does_not_fit_is_refused(string query, string state) =>
        Assert.Equal(state, (await shop.FailsAsync(query)).SqlState);
}
