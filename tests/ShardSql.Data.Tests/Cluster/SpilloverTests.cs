using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using Dapper;

using Xunit;

namespace ShardSql.Data.Tests.Cluster;

/// <summary>Spillover (sharding.md §4): what adds to a hot row becomes a delta beside it, and nobody who reads can tell.</summary>
public sealed class SpilloverTests : OneNodeTests
{
    private const string Deposit = "UPDATE accounts SET balance = balance + @amount WHERE id = @id";

    [Fact]
    public async Task What_adds_to_a_row_becomes_a_delta_and_reads_are_exact()
    {
        await CreateAsync("ENABLE SPILLOVER ON (balance) WITH (max_age = '1h')");
        await ExecuteAsync("UPDATE accounts SET balance = balance + 5 WHERE id = 1");
        Assert.Equal(0, await PendingAsync());
        Assert.Equal(1, await ExecuteAsync("UPDATE accounts SET balance = balance + 7 WHERE id = 1"));
        Assert.Equal(1, await ExecuteAsync("UPDATE accounts AS a SET balance = 3 + a.balance WHERE a.id = 1"));
        Assert.Equal(1, await ExecuteAsync("UPDATE accounts SET balance = balance - 1 - 1 WHERE id = 1"));
        Assert.Equal(3, await PendingAsync());
        Assert.Contains("spillover delta, spill shard", await ExplainAsync("UPDATE accounts SET balance = balance + 1 WHERE id = 1"), StringComparison.Ordinal);

        Assert.Equal(113, await BalanceAsync(1));
        Assert.Equal(413, await Connection.ExecuteScalarAsync<decimal>("SELECT SUM(balance) FROM accounts"));
        Assert.Equal(
            ["1:113.00", "2:100.00"],
            await Connection.QueryAsync<string>(
                "SELECT a.id || ':' || a.balance FROM accounts a JOIN accounts b ON b.id = a.id + 1 WHERE a.balance < b.balance + 14 AND a.id < 3 ORDER BY a.id"));
        Assert.Equal(4, await Connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM accounts"));
        await ExecuteAsync("CREATE VIEW rich AS SELECT id, balance AS worth FROM accounts WHERE balance > 100");
        Assert.Equal(113, await Connection.ExecuteScalarAsync<decimal>("SELECT worth FROM rich"));

        Assert.Equal(0, await ExecuteAsync("UPDATE accounts SET balance = balance + 1 WHERE id = 99"));
        await ExecuteAsync("MERGE SPILLOVER FOR TABLE accounts");
        Assert.Equal(0, await PendingAsync());
        Assert.Equal(113, await BalanceAsync(1));
        await ExecuteAsync("ALTER TABLE accounts DISABLE SPILLOVER");
        Assert.Equal(113, await BalanceAsync(1));
        Assert.Equal(0, await Connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM shard.spillover"));
    }

    [Fact]
    public async Task A_transaction_sees_its_own_deltas_and_takes_them_back()
    {
        await CreateAsync("ENABLE SPILLOVER ON (balance) FOR KEYS ((1)) WITH (max_age = '1h')");
        await ExecuteAsync("UPDATE accounts SET balance = balance + 1 WHERE id = 1");
        await using (ShardSqlTransaction transaction = await Connection.BeginTransactionAsync())
        {
            await Connection.ExecuteAsync(Deposit, new { id = 1, amount = 10 }, transaction);
            await Connection.ExecuteAsync(Deposit, new { id = 2, amount = -10 }, transaction);
            Assert.Equal(111, await Connection.ExecuteScalarAsync<decimal>("SELECT balance FROM accounts WHERE id = 1", transaction: transaction));
            Assert.Equal(90, await Connection.ExecuteScalarAsync<decimal>("SELECT balance FROM accounts WHERE id = 2", transaction: transaction));
            await transaction.RollbackAsync();
        }

        Assert.Equal((101m, 100m, 0L), (await BalanceAsync(1), await BalanceAsync(2), await PendingAsync()));
        await using (ShardSqlTransaction transaction = await Connection.BeginTransactionAsync())
        {
            await Connection.ExecuteAsync(Deposit, new { id = 1, amount = 10 }, transaction);
            Assert.Equal(
                222,
                await Connection.ExecuteScalarAsync<decimal>(
                    "UPDATE accounts SET balance = balance * 2 WHERE id = 1 RETURNING balance", transaction: transaction));
            await Connection.ExecuteAsync(Deposit, new { id = 1, amount = 1 }, transaction);
            await transaction.CommitAsync();
        }

        Assert.Equal((223m, 1L), (await BalanceAsync(1), await PendingAsync()));
    }

    [Fact]
    public async Task FOR_UPDATE_reads_exactly_and_who_writes_from_it_loses_no_delta()
    {
        const string look = "SELECT balance FROM accounts WHERE id = 1 FOR UPDATE";
        const string set = "UPDATE accounts SET balance = @balance WHERE id = 1";
        await CreateAsync("ENABLE SPILLOVER ON (balance) WITH (max_age = '1h')");
        await Connection.ExecuteAsync(Deposit, new { id = 1, amount = 1 });
        await Connection.ExecuteAsync(Deposit, new { id = 1, amount = 10 });
        await using ShardSqlConnection other = await Source.OpenConnectionAsync();
        Exception? refused;
        await using (ShardSqlTransaction transaction = await Connection.BeginTransactionAsync())
        {
            decimal balance = await Connection.ExecuteScalarAsync<decimal>(look, transaction: transaction);
            Assert.Equal(111, balance);
            await other.ExecuteAsync(Deposit, new { id = 1, amount = 100 });
            refused = await Record.ExceptionAsync(async () =>
            {
                await Connection.ExecuteAsync(set, new { balance = balance * 2 }, transaction);
                await transaction.CommitAsync();
            });
        }

        // The deposit comes after it, or it is refused.
        Assert.True(refused is null or ShardSqlException { SqlState: "40001" }, refused?.ToString());
        Assert.Equal(refused is null ? 322 : 211, await BalanceAsync(1));
        await ExecuteAsync("UPDATE accounts SET balance = 200 WHERE id = 1");
        await Connection.ExecuteAsync(Deposit, new { id = 1, amount = 11 });
        await using (ShardSqlTransaction transaction = await Connection.BeginTransactionAsync())
        {
            decimal balance = await Connection.ExecuteScalarAsync<decimal>(look, transaction: transaction);
            await Connection.ExecuteAsync(set, new { balance = balance * 2 }, transaction);
            await transaction.CommitAsync();
        }

        Assert.Equal((422m, 0L), (await BalanceAsync(1), await PendingAsync()));
        Assert.Equal([100, 100, 100, 422], await Connection.QueryAsync<decimal>("SELECT balance FROM accounts ORDER BY balance FOR UPDATE"));
        var ofTwo = await Assert.ThrowsAsync<ShardSqlException>(
            () => ExecuteAsync("SELECT a.balance FROM accounts a JOIN accounts b ON b.id = a.id FOR UPDATE"));
        Assert.Equal("0A000", ofTwo.SqlState);
    }

    [Fact]
    public async Task Whatever_else_writes_a_row_that_has_spilled_is_exact_too()
    {
        await CreateAsync("ENABLE SPILLOVER ON (balance) WITH (max_age = '1h')");
        foreach (int id in (int[])[1, 2, 3, 4, 1, 2, 3, 4])
        {
            await Connection.ExecuteAsync(Deposit, new { id, amount = 10 * id });
        }

        Assert.Equal(4, await PendingAsync());
        Assert.Equal(2, await ExecuteAsync("UPDATE accounts SET name = 'rich' WHERE balance > 150"));
        Assert.Equal(
            ["120.00", "140.00", "160.00", "180.00"],
            await Connection.QueryAsync<string>("SELECT CAST(balance AS text) FROM accounts ORDER BY id"));
        Assert.Equal(1, await ExecuteAsync("DELETE FROM accounts WHERE balance = 140"));
        await ExecuteAsync("INSERT INTO accounts VALUES (2, 'new', 1)");
        Assert.Equal(1, await BalanceAsync(2));
        Assert.Equal(1, await ExecuteAsync("UPDATE accounts SET id = 7 WHERE id = 1"));
        Assert.Equal(120, await BalanceAsync(7));
        await Connection.ExecuteAsync(Deposit, new { id = 7, amount = 1 });
        await Connection.ExecuteAsync(Deposit, new { id = 7, amount = 1 });
        Assert.Equal(122, await BalanceAsync(7));
        Assert.Equal(4, await ExecuteAsync("UPDATE accounts SET balance = balance + 0.5"));
        var finer = await Assert.ThrowsAsync<ShardSqlException>(
            () => ExecuteAsync("UPDATE accounts SET balance = balance - 0.006 WHERE id = 7"));
        Assert.Contains("122.494", finer.Message, StringComparison.Ordinal);
        Assert.Equal(0, await ExecuteAsync("UPDATE accounts SET balance = balance - 0.006 WHERE id = 99"));
        Assert.Equal(465, await Connection.ExecuteScalarAsync<decimal>("SELECT SUM(balance) FROM accounts"));
        await ExecuteAsync("INSERT INTO accounts VALUES (7, 'other', 0) ON CONFLICT (id) DO UPDATE SET name = excluded.name");
        Assert.Equal(122.5m, await BalanceAsync(7));
    }

    [Fact]
    public async Task Merges_beside_writers_lose_nothing_and_nobody_fails()
    {
        const int Writers = 4;
        const int Each = 40;
        await CreateAsync("ENABLE SPILLOVER ON (balance) FOR KEYS ((1))");
        using var done = new CancellationTokenSource();
        Task<int> merging = MergeAsync(done.Token);
        Task<int> reading = ReadAsync(done.Token);
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => WriteAsync(writer, Each, pays: true)));
        await done.CancelAsync();
        Assert.True(await merging > 0);
        Assert.Equal(100 + (Writers * Each), await BalanceAsync(1));

        // Without it transactions of several statements would be in each other's way again.
        Task writing = Task.WhenAll(Enumerable.Range(Writers, Writers).Select(writer => WriteAsync(writer, Each, pays: false)));
        await ExecuteAsync("ALTER TABLE accounts DISABLE SPILLOVER");
        await writing;
        Assert.True(await reading > 0);
        Assert.Equal(100 + (2 * Writers * Each), await BalanceAsync(1));
        Assert.Equal(
            (4 + (Writers * Each / 2), 400m + (2 * Writers * Each)),
            await Connection.QuerySingleAsync<(int, decimal)>("SELECT CAST(COUNT(*) AS int), SUM(balance) FROM accounts"));
    }

    [Fact]
    public async Task Deltas_that_grow_old_are_merged_by_themselves()
    {
        await CreateAsync("ENABLE SPILLOVER ON (balance) WITH (max_age = '1ms')");
        for (int i = 0; i < 3; i++)
        {
            await Connection.ExecuteAsync(Deposit, new { id = 1, amount = 1 });
        }

        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (await PendingAsync() > 0)
        {
            limit.Token.ThrowIfCancellationRequested();
        }

        Assert.Equal(103, await BalanceAsync(1));
    }

    [Fact]
    public async Task An_older_snapshot_is_refused_what_deltas_had_added_once_they_are_gone()
    {
        await CreateAsync("ENABLE SPILLOVER ON (balance) WITH (max_age = '1h')");
        await Connection.ExecuteAsync(Deposit, new { id = 1, amount = 1 });
        await Connection.ExecuteAsync(Deposit, new { id = 1, amount = 1 });
        await using ShardSqlConnection other = await Source.OpenConnectionAsync();
        await other.ExecuteAsync("BEGIN READ ONLY");
        Assert.Equal("b", await other.ExecuteScalarAsync<string>("SELECT name FROM accounts WHERE id = 2"));
        await ExecuteAsync("ALTER TABLE accounts DISABLE SPILLOVER");
        await ExecuteAsync("ALTER TABLE accounts ADD COLUMN more int");
        var failure = await Assert.ThrowsAsync<ShardSqlException>(
            () => other.ExecuteScalarAsync<decimal>("SELECT balance FROM accounts WHERE id = 1"));
        Assert.Equal("72000", failure.SqlState);
        await other.ExecuteAsync("ROLLBACK");
        Assert.Equal(102, await other.ExecuteScalarAsync<decimal>("SELECT balance FROM accounts WHERE id = 1"));
    }

    [Fact]
    public async Task Inside_a_transaction_it_ends_only_where_all_is_merged()
    {
        await CreateAsync("ENABLE SPILLOVER ON (balance) WITH (max_age = '1h')");
        await Connection.ExecuteAsync(Deposit, new { id = 1, amount = 1 });
        await Connection.ExecuteAsync(Deposit, new { id = 1, amount = 1 });
        const string Both = "BEGIN; ALTER TABLE accounts DISABLE SPILLOVER; CREATE TABLE more (id int PRIMARY KEY); COMMIT";
        var failure = await Assert.ThrowsAsync<ShardSqlException>(() => ExecuteAsync(Both));
        Assert.Equal("55000", failure.SqlState);
        await ExecuteAsync("ROLLBACK");
        Assert.Equal((102m, 1L), (await BalanceAsync(1), await PendingAsync()));
        await ExecuteAsync("MERGE SPILLOVER FOR TABLE accounts KEY (1)");
        await ExecuteAsync(Both);
        Assert.Equal(102, await BalanceAsync(1));
        Assert.Empty(await Connection.QueryAsync("SHOW SPILLOVER"));
    }

    [Theory]
    [InlineData("ALTER TABLE accounts ENABLE SPILLOVER ON (name)", "0A000", "type text is not bigint or numeric")]
    [InlineData("ALTER TABLE accounts ENABLE SPILLOVER ON (id)", "0A000", "it is part of the key")]
    [InlineData("ALTER TABLE accounts ENABLE SPILLOVER ON (nothing)", "42703", "does not exist")]
    [InlineData("ALTER TABLE accounts ENABLE SPILLOVER ON (balance) WITH (policy = 'append')", "0A000", "policy append is for text")]
    [InlineData("ALTER TABLE accounts ENABLE SPILLOVER ON (balance) WITH (slots = 0)", "22023", "slots")]
    [InlineData("ALTER TABLE accounts ENABLE SPILLOVER ON (balance) WITH (depth = 1)", "22023", "\"depth\" is not known")]
    [InlineData("ALTER TABLE accounts ENABLE SPILLOVER ON (balance) FOR KEYS ((1, 2))", "42601", "has 1 values")]
    [InlineData("ALTER TABLE accounts DISABLE SPILLOVER", "55000", "is not enabled")]
    [InlineData("MERGE SPILLOVER FOR TABLE accounts", "55000", "is not enabled")]
    public async Task What_cannot_spill_is_refused_with_the_reason(string statement, string state, string text)
    {
        await CreateAsync(null);
        var failure = await Assert.ThrowsAsync<ShardSqlException>(() => ExecuteAsync(statement));
        Assert.Equal(state, failure.SqlState);
        Assert.Contains(text, failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ALTER TABLE accounts ENABLE SPILLOVER ON (balance)", "42710", "enabled already")]
    [InlineData("CREATE INDEX by_balance ON accounts (balance)", "0A000", "index \"by_balance\" holds it")]
    [InlineData("ALTER TABLE accounts ADD CHECK (balance >= 0)", "0A000", "is about its exact value")]
    [InlineData("ALTER TABLE accounts DROP COLUMN balance", "0A000", "cannot be dropped")]
    [InlineData("ALTER TABLE accounts SET SHARD BY RANGE (id) SPLIT AT VALUES (2)", "0A000", "spills over")]
    [InlineData(
        "INSERT INTO accounts VALUES (1, 'a', 1) ON CONFLICT (id) DO UPDATE SET balance = excluded.balance", "0A000", "ON CONFLICT")]
    public async Task What_would_break_spillover_is_refused_while_it_is_on(string statement, string state, string text)
    {
        await CreateAsync("ENABLE SPILLOVER ON (balance)");
        var failure = await Assert.ThrowsAsync<ShardSqlException>(() => ExecuteAsync(statement));
        Assert.Equal(state, failure.SqlState);
        Assert.Contains(text, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_table_is_made_by_says_how_it_spills_over()
    {
        await CreateAsync("ENABLE SPILLOVER ON (balance) FOR KEYS ((1), (2)) WITH (slots = 2, max_age = '5s')");
        string script = (await Connection.QuerySingleAsync<(string, string, string Text)>("SHOW CREATE TABLE accounts")).Text;
        Assert.EndsWith(
            "ALTER TABLE accounts ENABLE SPILLOVER ON (balance) FOR KEYS ((1), (2)) WITH (trigger = 'manual', slots = 2, max_pending = 10000, max_age = '5000ms')",
            script,
            StringComparison.Ordinal);
        await Connection.ExecuteAsync(Deposit, new { id = 1, amount = 1 });
        await Connection.ExecuteAsync(Deposit, new { id = 3, amount = 1 });
        Assert.Equal(
            [("(1)", 0), ("(1)", 1)],
            await Connection.QueryAsync<(string, int)>("SELECT row_key, slot FROM shard.spillover ORDER BY slot"));
        Assert.Equal(2, (await Connection.QueryAsync("SHOW SPILLOVER FOR TABLE accounts KEY (1)")).Count());
        Assert.Empty(await Connection.QueryAsync("SHOW SPILLOVER FOR TABLE accounts KEY (3)"));
        await ExecuteAsync("DROP TABLE accounts");
        Assert.Empty(await Connection.QueryAsync("SHOW SPILLOVER"));
    }

    private async Task CreateAsync(string? spillover)
    {
        await ExecuteAsync(
            "CREATE TABLE accounts (id int PRIMARY KEY, name text NOT NULL, balance numeric(12, 2) NOT NULL) SHARD BY HASH (id)");
        await ExecuteAsync("INSERT INTO accounts VALUES (1, 'a', 100), (2, 'b', 100), (3, 'c', 100), (4, 'd', 100)");
        if (spillover is not null)
        {
            await ExecuteAsync("ALTER TABLE accounts " + spillover);
        }
    }

    private Task<decimal> BalanceAsync(int id) =>
        Connection.ExecuteScalarAsync<decimal>("SELECT balance FROM accounts WHERE id = @id", new { id });

    private Task<long> PendingAsync() =>
        Connection.ExecuteScalarAsync<long>("SELECT COALESCE(SUM(pending), 0) FROM shard.spillover");

    private async Task<string> ExplainAsync(string statement) =>
        string.Join('\n', await Connection.QueryAsync<string>("EXPLAIN " + statement));

    /// <summary>Alone, and where they pay as a part of a payment.</summary>
    private async Task WriteAsync(int writer, int count, bool pays)
    {
        await using ShardSqlConnection connection = await Source.OpenConnectionAsync();
        for (int i = 0; i < count; i++)
        {
            if (!pays || i % 2 == 0)
            {
                await connection.ExecuteAsync(Deposit, new { id = 1, amount = 1 });
                continue;
            }

            int id = 100 + (writer * count) + i;
            await Source.ExecuteInTransactionAsync(async (inside, transaction, _) =>
            {
                await inside.ExecuteAsync(Deposit, new { id = 1, amount = 1 }, transaction);
                await inside.ExecuteAsync("INSERT INTO accounts VALUES (@id, 'payment', 0)", new { id }, transaction);
            });
        }
    }

    private async Task<int> MergeAsync(CancellationToken done)
    {
        await using ShardSqlConnection connection = await Source.OpenConnectionAsync(CancellationToken.None);
        int merged = 0;
        while (!done.IsCancellationRequested)
        {
            merged += await connection.ExecuteAsync("MERGE SPILLOVER FOR TABLE accounts KEY (1)");
        }

        return merged;
    }

    /// <summary>It only ever grows.</summary>
    private async Task<int> ReadAsync(CancellationToken done)
    {
        await using ShardSqlConnection connection = await Source.OpenConnectionAsync(CancellationToken.None);
        decimal last = 0;
        int reads = 0;
        for (; !done.IsCancellationRequested; reads++)
        {
            decimal read = await connection.ExecuteScalarAsync<decimal>("SELECT balance FROM accounts WHERE id = 1");
            Assert.True(read >= last, string.Create(CultureInfo.InvariantCulture, $"{read} was read after {last}"));
            last = read;
        }

        return reads;
    }
}
