using System;
using System.Globalization;
using System.Linq;
using System.Threading.Tasks;

using Xunit;

namespace ShardSql.Data.Tests.SqlStatements;

/// <summary>
/// Joins and aggregates of tables that lie together, which shards run by themselves, against the same rows in tables that
/// do not.
/// </summary>
public sealed class ColocatedTests(ShopFixture shop) : IClassFixture<ShopFixture>, IAsyncLifetime
{
    private const int Houses = 40;
    private const int Guests = 200;

    private static readonly string[] s_queries =
    [
        "SELECT h.id, g.n, g.name FROM {0}houses h JOIN {0}guests g ON g.house = h.id ORDER BY 1, 2, 3",
        "SELECT h.id, g.n FROM {0}houses h LEFT JOIN {0}guests g ON g.house = h.id AND g.n > 3 ORDER BY 1, 2",
        "SELECT h.id, g.n FROM {0}houses h RIGHT JOIN {0}guests g ON g.house = h.id AND h.stars = 2 ORDER BY 1, 2",
        "SELECT h.id, g.n FROM {0}houses h FULL JOIN {0}guests g ON g.house = h.id AND g.n = h.stars ORDER BY 1, 2",
        "SELECT h.stars, count(*), sum(g.n), avg(g.n), min(g.name), max(g.name), count(g.name) FROM {0}houses h "
            + "JOIN {0}guests g ON g.house = h.id GROUP BY h.stars ORDER BY 1",
        "SELECT count(*), sum(g.n), avg(g.n), max(g.name) FROM {0}houses h JOIN {0}guests g ON g.house = h.id "
            + "WHERE h.stars = 99",
        "SELECT k.name, count(*) FROM {0}guests g JOIN {0}houses h ON h.id = g.house JOIN kinds_of k ON k.id = g.n "
            + "GROUP BY k.name HAVING count(*) > 1 ORDER BY 2 DESC, 1",
        "SELECT k.name, count(h.id) FROM {0}guests g LEFT JOIN kinds_of k ON k.id = g.n "
            + "LEFT JOIN {0}houses h ON h.id = g.house AND h.stars > 1 GROUP BY k.name ORDER BY 1",
        "SELECT DISTINCT h.stars, g.n FROM {0}houses h JOIN {0}guests g ON g.house = h.id ORDER BY 1, 2",
        "SELECT h.stars, g.n FROM {0}houses h JOIN {0}guests g ON g.house = h.id ORDER BY 2 DESC, 1, g.name LIMIT 7 OFFSET 3",
        "SELECT count(DISTINCT g.n), sum(DISTINCT g.n) FROM {0}houses h JOIN {0}guests g ON g.house = h.id",
        "SELECT count(*) FROM {0}guests a JOIN {0}guests b ON a.house = b.house AND a.n < b.n",
        "SELECT (SELECT count(*) FROM {0}houses), (SELECT max(n) FROM {0}guests WHERE name LIKE 'g1%')",
        "SELECT h.id FROM {0}houses h WHERE EXISTS (SELECT 1 FROM {0}guests g WHERE g.house = h.id AND g.n = 3) ORDER BY 1",
        "SELECT h.id FROM {0}houses h WHERE (SELECT count(*) FROM {0}guests g WHERE g.house = h.id) = @p ORDER BY 1",
        "WITH busy AS (SELECT g.house, count(*) AS c FROM {0}guests g JOIN {0}houses h ON h.id = g.house GROUP BY g.house) "
            + "SELECT a.house, a.c FROM busy a JOIN busy b ON a.c = b.c AND a.house < b.house ORDER BY 1, 2",
        "SELECT g.house, count(*) FROM {0}guests g WHERE g.n > @p GROUP BY g.house UNION ALL "
            + "SELECT -h.stars, count(*) FROM {0}houses h JOIN {0}guests g ON g.house = h.id GROUP BY h.stars ORDER BY 1, 2",
    ];

    public static TheoryData<int> Queries => [.. Enumerable.Range(0, s_queries.Length)];

    public async Task InitializeAsync()
    {
        if (await shop.RowsAsync("SELECT count(*) FROM information_schema.tables WHERE table_name = 'kinds_of'") == "1")
        {
            return;
        }

        await shop.ExecuteAsync("CREATE TABLE kinds_of (id int PRIMARY KEY, name text) REFERENCE");
        await shop.ExecuteAsync("INSERT INTO kinds_of VALUES (0, 'none'), (1, 'one'), (2, 'two'), (4, 'four')");
        await shop.ExecuteAsync("CREATE TABLE houses (id int PRIMARY KEY, stars int)");
        await shop.ExecuteAsync("CREATE TABLE guests (house int, nr int, n int, name text, PRIMARY KEY (house, nr)) "
            + "COLOCATED WITH houses ON (house)");
        await shop.ExecuteAsync("CREATE TABLE far_houses (id int PRIMARY KEY, stars int)");
        await shop.ExecuteAsync(
            "CREATE TABLE far_guests (nr int PRIMARY KEY, house int, n int, name text) SHARD BY HASH (nr)");
        string houses = string.Join(", ", Enumerable.Range(0, Houses).Select(i => Row($"{i}, {i % 5}")));
        string guests = string.Join(", ", Enumerable.Range(0, Guests).Select(
            i => Row($"{i * 5 % (Houses + 9)}, {i}, {i * i % 6}, {(i % 11 == 0 ? "NULL" : $"'g{i * 31 % 97}'")}")));
        foreach (string prefix in (string[])["", "far_"])
        {
            await shop.ExecuteAsync($"INSERT INTO {prefix}houses (id, stars) VALUES {houses}");
            await shop.ExecuteAsync($"INSERT INTO {prefix}guests (house, nr, n, name) VALUES {guests}");
        }
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Theory]
    [MemberData(nameof(Queries))]
    public async Task A_query_of_tables_that_lie_together_gives_what_it_gives_of_others(int query)
    {
        string text = s_queries[query].Replace("@p", "4", StringComparison.Ordinal);
        string together = await shop.RowsAsync(Of(text, ""));
        Assert.Equal(await shop.RowsAsync(Of(text, "far_")), together);
        Assert.NotEmpty(together);
    }

    [Fact]
    public async Task A_query_of_tables_that_lie_together_sees_what_its_transaction_wrote()
    {
        const string Query = "SELECT count(*), sum(g.n) FROM houses h JOIN guests g ON g.house = h.id WHERE h.id >= 1000";
        await using ShardSqlConnection connection = await shop.Source.OpenConnectionAsync();
        await using ShardSqlTransaction transaction = await connection.BeginTransactionAsync();
        _ = await ShopFixture.RowsAsync(connection, "INSERT INTO houses SELECT id + 1000, 1 FROM houses", transaction);
        _ = await ShopFixture.RowsAsync(
            connection, "INSERT INTO guests SELECT id + 1000, 1, 3, 'x' FROM houses WHERE id < 1000", transaction);
        Assert.Equal(
            Row2(Houses, 3 * Houses), await ShopFixture.RowsAsync(connection, Query, transaction));
        await transaction.RollbackAsync();
        Assert.Equal("0 -", await shop.RowsAsync(Query));
    }

    [Fact]
    public async Task Explain_shows_what_shards_run_by_themselves()
    {
        string plan = await shop.RowsAsync(
            "EXPLAIN ANALYZE SELECT h.stars, count(*) FROM houses h JOIN guests g ON g.house = h.id GROUP BY h.stars");
        Assert.Contains("on each shard", plan, StringComparison.Ordinal);
        Assert.Contains("group of the partials", plan, StringComparison.Ordinal);
    }

    private static string Of(string text, string prefix) => text.Replace("{0}", prefix, StringComparison.Ordinal);

    private static string Row(string values) => $"({values})";

    private static string Row2(int first, int second) =>
        string.Create(CultureInfo.InvariantCulture, $"{first} {second}");
}
