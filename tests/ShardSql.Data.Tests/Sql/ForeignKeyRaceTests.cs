using System.Linq;
using System.Threading.Tasks;
using Dapper;
using Xunit;

namespace ShardSql.Data.Tests.SqlStatements;

/// <summary>Foreign keys under concurrency: no row is left without its parent, whichever transaction comes first.</summary>
public sealed class ForeignKeyRaceTests(ShopFixture shop) : IClassFixture<ShopFixture>
{
    [Theory]
    [InlineData("h", "(id int PRIMARY KEY)", "(id int PRIMARY KEY, p int REFERENCES race_h)", false)]
    [InlineData("g", "(id int PRIMARY KEY)", "(id int PRIMARY KEY, p int REFERENCES race_g ON DELETE CASCADE)", true)]
    [InlineData("u", "(id int PRIMARY KEY)", "(id int PRIMARY KEY, p int UNIQUE REFERENCES race_u)", false)]
    [InlineData("c", "(id int PRIMARY KEY)", "(p int REFERENCES race_c, id int, PRIMARY KEY (p, id)) COLOCATED WITH race_c ON (p)", true)]
    [InlineData("f", "(id int PRIMARY KEY) REFERENCE", "(id int PRIMARY KEY, p int REFERENCES race_f)", false)]
    public async Task Of_a_delete_and_an_insert_in_open_transactions_exactly_one_commits(
        string suffix, string parents, string children, bool deletesFirst)
    {
        await shop.ExecuteAsync($"CREATE TABLE race_{suffix} {parents}");
        await shop.ExecuteAsync($"CREATE TABLE race_{suffix}_c {children}");
        await shop.ExecuteAsync($"INSERT INTO race_{suffix} VALUES (1), (2)");
        await using ShardSqlConnection first = await shop.Source.OpenConnectionAsync();
        await using ShardSqlConnection second = await shop.Source.OpenConnectionAsync();
        await using ShardSqlTransaction deleting = await first.BeginTransactionAsync();
        await using ShardSqlTransaction inserting = await second.BeginTransactionAsync();
        Assert.Equal(1, await first.ExecuteAsync($"DELETE FROM race_{suffix} WHERE id = 1", transaction: deleting));
        Assert.Equal(1, await second.ExecuteAsync(
            $"INSERT INTO race_{suffix}_c (id, p) VALUES (1, 1)", transaction: inserting));
        ShardSqlTransaction winner = deletesFirst ? deleting : inserting;
        ShardSqlTransaction loser = deletesFirst ? inserting : deleting;
        await winner.CommitAsync();
        var refused = await Assert.ThrowsAsync<ShardSqlException>(() => loser.CommitAsync());
        Assert.Equal("40001", refused.SqlState);
        Assert.Equal(deletesFirst ? "2" : "1|2", await shop.RowsAsync($"SELECT id FROM race_{suffix} ORDER BY id"));
        Assert.Equal(deletesFirst ? "" : "1", await shop.RowsAsync($"SELECT p FROM race_{suffix}_c"));
    }

    [Fact]
    public async Task Writers_of_both_sides_leave_no_orphan()
    {
        const int Writers = 8;
        const int Rounds = 12;
        await shop.ExecuteAsync("CREATE TABLE storm_p (id int PRIMARY KEY)");
        await shop.ExecuteAsync("CREATE TABLE storm_c (id int PRIMARY KEY, p int REFERENCES storm_p ON DELETE CASCADE)");
        await shop.ExecuteAsync("CREATE TABLE storm_n (id int PRIMARY KEY, p int REFERENCES storm_p)");
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(w => Task.Run(async () =>
        {
            await using ShardSqlConnection connection = await shop.Source.OpenConnectionAsync();
            for (int i = 0; i < Rounds; i++)
            {
                int key = (w + i) % 4;
                string text = (((w * 7) + i) % 4) switch
                {
                    0 => $"DELETE FROM storm_p WHERE id = {key}",
                    1 => $"INSERT INTO storm_c VALUES ({(w * Rounds) + i}, {key})",
                    2 => $"INSERT INTO storm_n VALUES ({(w * Rounds) + i}, {key}); DELETE FROM storm_n WHERE id < {w * Rounds}",
                    _ => $"INSERT INTO storm_p VALUES ({key}) ON CONFLICT DO NOTHING",
                };
                try
                {
                    await connection.ExecuteAsync(text);
                }
                catch (ShardSqlException refused) when (refused.SqlState is "23503" or "40001")
                {
                    // Who comes too late, or finds no parent, has written nothing.
                }
            }
        })));
        foreach (string table in (string[])["storm_c", "storm_n"])
        {
            Assert.Equal("0", await shop.RowsAsync(
                $"SELECT count(*) FROM {table} AS c WHERE NOT EXISTS (SELECT 1 FROM storm_p AS p WHERE p.id = c.p)"));
        }
    }

    [Fact]
    public async Task A_foreign_key_that_is_added_meets_writers_on_both_sides()
    {
        await shop.ExecuteAsync("CREATE TABLE late_p (id int PRIMARY KEY)");
        await shop.ExecuteAsync("CREATE TABLE late_c (id int PRIMARY KEY, p int)");
        await shop.ExecuteAsync("INSERT INTO late_p VALUES (1), (2); INSERT INTO late_c VALUES (1, 1)");
        await using ShardSqlConnection first = await shop.Source.OpenConnectionAsync();
        await using ShardSqlConnection second = await shop.Source.OpenConnectionAsync();
        await using ShardSqlTransaction deleting = await first.BeginTransactionAsync();
        await using ShardSqlTransaction inserting = await second.BeginTransactionAsync();
        await first.ExecuteAsync("DELETE FROM late_p WHERE id = 1", transaction: deleting);
        await second.ExecuteAsync("INSERT INTO late_c VALUES (2, 9)", transaction: inserting);
        await shop.ExecuteAsync("ALTER TABLE late_c ADD FOREIGN KEY (p) REFERENCES late_p");
        Assert.Equal("40001", (await Assert.ThrowsAsync<ShardSqlException>(() => deleting.CommitAsync())).SqlState);
        Assert.Equal("40001", (await Assert.ThrowsAsync<ShardSqlException>(() => inserting.CommitAsync())).SqlState);
        Assert.Equal("23503", (await shop.FailsAsync("DELETE FROM late_p WHERE id = 1")).SqlState);
    }
}
