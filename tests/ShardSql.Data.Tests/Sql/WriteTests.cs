using System;
using System.Linq;
using System.Threading.Tasks;
using Dapper;
using Xunit;

namespace ShardSql.Data.Tests.SqlStatements;

/// <summary>Writes that read other rows: what is there afterwards, on four shards.</summary>
public sealed class WriteTests(ShopFixture shop) : IClassFixture<ShopFixture>
{
    [Fact]
    public async Task Insert_from_a_query_inserts_its_rows_and_returns_them()
    {
        await shop.ExecuteAsync("CREATE TABLE totals (customer int PRIMARY KEY, sum decimal(10,2), note text DEFAULT 'new')");
        Assert.Equal("1 30.50 new|2 5.00 new|3 7.25 new|9 1.00 new", await shop.RowsAsync(
            "INSERT INTO totals (customer, sum) SELECT customer, sum(total) FROM orders WHERE customer IS NOT NULL "
            + "GROUP BY customer ORDER BY customer RETURNING *"));
        Assert.Equal(4, await shop.ExecuteAsync("INSERT INTO totals SELECT customer + 100, sum FROM totals"));
        Assert.Equal("8", await shop.RowsAsync("SELECT count(*) FROM totals"));
        Assert.Equal(1, await shop.ExecuteAsync("INSERT INTO totals VALUES (500, (SELECT max(sum) FROM totals), NULL)"));
        Assert.Equal("30.50 -", await shop.RowsAsync("SELECT sum, note FROM totals WHERE customer = 500"));
        Assert.Equal("23505", (await shop.FailsAsync("INSERT INTO totals (customer) SELECT id FROM customers")).SqlState);
        Assert.Equal("42804", (await shop.FailsAsync("INSERT INTO totals (customer) SELECT day FROM orders")).SqlState);
    }

    [Fact]
    public async Task With_before_a_write_names_what_its_queries_read()
    {
        await shop.ExecuteAsync("CREATE TABLE marks (id int PRIMARY KEY, n int, note text)");
        Assert.Equal("1 2 a|2 1 a|3 1 a|9 1 a", await shop.RowsAsync(
            "WITH busy AS (SELECT customer, count(*) AS c FROM orders WHERE customer IS NOT NULL GROUP BY customer) "
            + "INSERT INTO marks SELECT customer, c, 'a' FROM busy ORDER BY 1 RETURNING *"));
        Assert.Equal(1, await shop.ExecuteAsync(
            "WITH most AS (SELECT max(n) AS m FROM marks) INSERT INTO marks VALUES (20, (SELECT m FROM most), 'v')"));
        Assert.Equal(1, await shop.ExecuteAsync(
            "WITH x AS (SELECT 30 AS id) INSERT INTO marks (id) WITH y AS (SELECT id + 1 AS id FROM x) SELECT id FROM y"));
        Assert.Equal("1 30.50", await shop.RowsAsync(
            "WITH sums AS (SELECT customer, sum(total) AS s FROM orders GROUP BY customer) "
            + "UPDATE marks m SET note = CAST(s AS text) FROM sums WHERE m.id = sums.customer AND s > 20 RETURNING m.id, note"));
        Assert.Equal(2, await shop.ExecuteAsync(
            "WITH few AS (SELECT id FROM marks WHERE n = 1), some AS (SELECT id FROM few WHERE id > 2) "
            + "DELETE FROM marks USING some WHERE marks.id = some.id"));
        Assert.Equal(3, await shop.ExecuteAsync(
            "WITH RECURSIVE r (i) AS (SELECT 40 UNION ALL SELECT i + 1 FROM r WHERE i < 42) INSERT INTO marks (id) SELECT i FROM r"));
        Assert.Equal(4, await shop.ExecuteAsync(
            "WITH late AS (SELECT id FROM marks WHERE id > 30) DELETE FROM marks WHERE id IN (SELECT id FROM late)"));
        Assert.Equal("1 30.50|2 a|20 v", await shop.RowsAsync("SELECT id, note FROM marks ORDER BY id"));
        Assert.Equal("42P01", (await shop.FailsAsync("WITH w AS (SELECT 1) DELETE FROM w")).SqlState);
        Assert.Equal("42712", (await shop.FailsAsync(
            "WITH w AS (SELECT 1), w AS (SELECT 2) UPDATE marks SET n = 1")).SqlState);
    }

    [Fact]
    public async Task On_conflict_does_nothing_or_updates_the_row_that_is_there()
    {
        await shop.ExecuteAsync("CREATE TABLE hits (page text PRIMARY KEY, n int NOT NULL, CHECK (n < 100))");
        Assert.Equal(2, await shop.ExecuteAsync("INSERT INTO hits VALUES ('a', 1), ('b', 1)"));
        Assert.Equal(1, await shop.ExecuteAsync("INSERT INTO hits VALUES ('a', 5), ('c', 7) ON CONFLICT DO NOTHING"));
        Assert.Equal("a 6|d 2", await shop.RowsAsync(
            "INSERT INTO hits AS h VALUES ('a', 5), ('d', 2) ON CONFLICT (page) DO UPDATE SET n = h.n + excluded.n RETURNING page, n"));
        Assert.Equal(0, await shop.ExecuteAsync(
            "INSERT INTO hits VALUES ('a', 5) ON CONFLICT (page) DO UPDATE SET n = excluded.n WHERE hits.n < 5"));
        Assert.Equal("a 6|b 1|c 7|d 2", await shop.RowsAsync("SELECT * FROM hits ORDER BY page"));
        Assert.Equal("21000", (await shop.FailsAsync(
            "INSERT INTO hits VALUES ('z', 1), ('z', 2) ON CONFLICT (page) DO UPDATE SET n = 3")).SqlState);
        Assert.Equal("23514", (await shop.FailsAsync(
            "INSERT INTO hits VALUES ('a', 1) ON CONFLICT (page) DO UPDATE SET n = 100")).SqlState);
        Assert.Equal("42P10", (await shop.FailsAsync(
            "INSERT INTO hits VALUES ('a', 1) ON CONFLICT (n) DO NOTHING")).SqlState);
        Assert.Equal("0A000", (await shop.FailsAsync(
            "INSERT INTO hits VALUES ('a', 1) ON CONFLICT (page) DO UPDATE SET page = 'q'")).SqlState);
    }

    [Fact]
    public async Task Update_and_delete_with_other_tables_write_each_row_once()
    {
        await shop.ExecuteAsync("CREATE TABLE stock (sku text PRIMARY KEY, n int NOT NULL, seen int)");
        await shop.ExecuteAsync("INSERT INTO stock VALUES ('pen', 10, 0), ('ink', 10, 0), ('cup', 10, 0), ('hat', 10, 0)");
        string changed = await shop.RowsAsync(
            "UPDATE stock s SET n = s.n - i.quantity, seen = 1 FROM items i WHERE i.sku = s.sku AND s.sku <> 'pen' "
            + "RETURNING s.sku, s.n, i.quantity");
        Assert.Equal(["cup 9 1", "ink 9 1"], changed.Split('|').Order(StringComparer.Ordinal));
        Assert.Equal(1, await shop.ExecuteAsync("UPDATE stock SET seen = 2 FROM items WHERE items.sku = stock.sku AND stock.sku = 'pen'"));
        Assert.Equal(4, await shop.ExecuteAsync(
            "UPDATE stock SET n = (SELECT coalesce(sum(quantity), 0) FROM items i WHERE i.sku = stock.sku)"));
        Assert.Equal("cup 1 1|hat 0 0|ink 1 1|pen 8 2", await shop.RowsAsync("SELECT * FROM stock ORDER BY sku"));
        Assert.Equal(3, await shop.ExecuteAsync("DELETE FROM stock USING items WHERE items.sku = stock.sku"));
        Assert.Equal(1, await shop.ExecuteAsync("DELETE FROM stock WHERE sku NOT IN (SELECT sku FROM items)"));
        Assert.Equal("0", await shop.RowsAsync("SELECT count(*) FROM stock"));
    }

    [Fact]
    public async Task Update_of_a_key_moves_the_row_in_the_transaction()
    {
        await shop.ExecuteAsync("CREATE TABLE seats (id int PRIMARY KEY, who text) SHARD BY RANGE (id) SPLIT AT VALUES (10), (20)");
        await shop.ExecuteAsync("INSERT INTO seats VALUES (1, 'a'), (2, 'b'), (3, 'c')");
        Assert.Equal("15 a", await shop.RowsAsync("UPDATE seats SET id = 15 WHERE id = 1 RETURNING *"));
        Assert.Equal(3, await shop.ExecuteAsync("UPDATE seats SET id = id + 1"));
        Assert.Equal("3 b|4 c|16 a", await shop.RowsAsync("SELECT * FROM seats ORDER BY id"));
        Assert.Equal("23505", (await shop.FailsAsync("UPDATE seats SET id = 4 WHERE id = 16")).SqlState);
        Assert.Equal("23502", (await shop.FailsAsync("UPDATE seats SET id = NULL WHERE id = 16")).SqlState);
        await using ShardSqlConnection connection = await shop.Source.OpenConnectionAsync();
        await using ShardSqlTransaction transaction = await connection.BeginTransactionAsync();
        await connection.ExecuteAsync("UPDATE seats SET id = 25 WHERE id = 3", transaction: transaction);
        Assert.Equal("4|16|25", await ShopFixture.RowsAsync(connection, "SELECT id FROM seats ORDER BY id", transaction));
        await transaction.RollbackAsync();
        Assert.Equal("3|4|16", await shop.RowsAsync("SELECT id FROM seats ORDER BY id"));
    }

    [Fact]
    public async Task A_view_is_read_like_a_table_and_written_to_by_nobody()
    {
        await shop.ExecuteAsync("CREATE VIEW romans (who) AS SELECT name, id FROM customers WHERE city = 'Rome'");
        Assert.Equal("Ada|Cleo", await shop.RowsAsync("SELECT who FROM romans ORDER BY 1"));
        Assert.Equal("Ada 2|Cleo 1", await shop.RowsAsync(
            "SELECT r.who, count(*) FROM romans r JOIN orders o ON o.customer = r.id GROUP BY r.who ORDER BY 1"));
        Assert.Equal("42809", (await shop.FailsAsync("DELETE FROM romans")).SqlState);
        Assert.Equal("42809", (await shop.FailsAsync("INSERT INTO romans VALUES ('x', 1)")).SqlState);
        Assert.Equal("42P07", (await shop.FailsAsync("CREATE VIEW romans AS SELECT 1")).SqlState);
        Assert.Equal("42809", (await shop.FailsAsync("DROP TABLE romans")).SqlState);
        await shop.ExecuteAsync("DROP VIEW romans");
        Assert.Equal("42P01", (await shop.FailsAsync("SELECT * FROM romans")).SqlState);
    }

    [Fact]
    public async Task A_phantom_under_a_join_refuses_the_later_of_two_writers()
    {
        await shop.ExecuteAsync("CREATE TABLE rooms (id int PRIMARY KEY, free int) SHARD BY RANGE (id) SPLIT AT VALUES (10)");
        await shop.ExecuteAsync("CREATE TABLE stays (id int PRIMARY KEY, room int) SHARD BY RANGE (id) SPLIT AT VALUES (10)");
        await shop.ExecuteAsync("INSERT INTO rooms VALUES (1, 1), (11, 1)");
        await using ShardSqlConnection one = await shop.Source.OpenConnectionAsync();
        await using ShardSqlConnection two = await shop.Source.OpenConnectionAsync();
        await using ShardSqlTransaction first = await one.BeginTransactionAsync();
        await using ShardSqlTransaction second = await two.BeginTransactionAsync();
        const string Taken = "SELECT count(*) FROM rooms r JOIN stays s ON s.room = r.id";
        Assert.Equal("0", await ShopFixture.RowsAsync(one, Taken, first));
        Assert.Equal("0", await ShopFixture.RowsAsync(two, Taken, second));
        await one.ExecuteAsync("INSERT INTO stays VALUES (2, 1)", transaction: first);
        await two.ExecuteAsync("INSERT INTO stays VALUES (12, 11)", transaction: second);
        await first.CommitAsync();
        ShardSqlException refused = await Assert.ThrowsAsync<ShardSqlException>(() => second.CommitAsync());
        Assert.Equal("40001", refused.SqlState);
        Assert.Equal("1", await shop.RowsAsync(Taken));
    }
}
