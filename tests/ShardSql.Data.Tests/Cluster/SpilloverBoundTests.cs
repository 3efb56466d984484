using System;
using System.Linq;
using System.Threading.Tasks;

using Dapper;

using Xunit;

namespace ShardSql.Data.Tests.Cluster;

/// <summary>Policy bounded_sum (sharding.md §4): deltas that take away keep a CHECK without reading the row.</summary>
public sealed class SpilloverBoundTests : OneNodeTests
{
    private const string Add = "UPDATE accounts SET balance = balance + @amount WHERE id = @id";

    [Fact]
    public async Task What_is_taken_is_there()
    {
        await CreateAsync();
        Assert.Equal(1, await AddAsync(1, -40));
        Assert.Equal(0, await PendingAsync());
        Assert.Equal(1, await AddAsync(1, -10));
        Assert.Equal(1, await AddAsync(1, 5));
        Assert.Equal((2L, 55m), (await PendingAsync(), await BalanceAsync(1)));
        Assert.Equal((3L, 55m), await Connection.QuerySingleAsync<(long, decimal)>("SELECT COUNT(quota), SUM(quota) FROM shard.spillover"));

        // No slot has so much; together they do.
        Assert.Equal(1, await AddAsync(1, -54));
        Assert.Equal(1, await BalanceAsync(1));
        await RefusedAsync("UPDATE accounts SET balance = balance - 2 WHERE id = 1");
        Assert.Equal(1, await AddAsync(1, -1));
        Assert.Equal(0, await BalanceAsync(1));
        await RefusedAsync("UPDATE accounts SET balance = balance - 0.01 WHERE id = 1");
        Assert.Equal(0, await BalanceAsync(1));
        Assert.Equal(1, await AddAsync(1, 0.01m));
        Assert.Equal(1, await AddAsync(1, -0.01m));
    }

    [Fact]
    public async Task Whatever_else_writes_the_row_keeps_its_quotas()
    {
        await CreateAsync();
        foreach (decimal amount in (decimal[])[-1, -1, -1])
        {
            Assert.Equal(1, await AddAsync(1, amount));
        }

        Assert.Equal(1, await ExecuteAsync("UPDATE accounts SET balance = 10 WHERE id = 1"));
        await RefusedAsync("UPDATE accounts SET balance = balance - 11 WHERE id = 1");
        Assert.Equal(1, await AddAsync(1, -9));
        Assert.Equal(2, await ExecuteAsync("UPDATE accounts SET balance = balance + 50"));
        Assert.Equal(1, await AddAsync(1, -50));
        Assert.Equal(1, await BalanceAsync(1));
        await RefusedAsync("UPDATE accounts SET balance = balance - 2");
        await ExecuteAsync("MERGE SPILLOVER FOR TABLE accounts");
        Assert.Equal(1, await AddAsync(1, -1));

        Assert.Equal(1, await ExecuteAsync("DELETE FROM accounts WHERE id = 1"));
        Assert.Equal(0, await AddAsync(1, -1));
        await ExecuteAsync("INSERT INTO accounts VALUES (1, 3)");
        Assert.Equal(1, await AddAsync(1, -1));
        Assert.Equal(1, await AddAsync(1, -2));
        await RefusedAsync("UPDATE accounts SET balance = balance - 1 WHERE id = 1");

        await ExecuteAsync("ALTER TABLE accounts DISABLE SPILLOVER");
        await RefusedAsync("UPDATE accounts SET balance = balance - 1 WHERE id = 1");
        Assert.Equal(1, await AddAsync(1, 7));
        await ExecuteAsync(Enable);
        Assert.Equal(1, await AddAsync(1, -3));
        Assert.Equal(1, await AddAsync(1, -4));
        await RefusedAsync("UPDATE accounts SET balance = balance - 1 WHERE id = 1");
    }

    [Fact]
    public async Task A_transaction_counts_what_it_has_taken_itself()
    {
        await CreateAsync();
        await AddAsync(1, -10);
        await using (ShardSqlTransaction transaction = await Connection.BeginTransactionAsync())
        {
            await Connection.ExecuteAsync(Add, new { id = 1, amount = -30 }, transaction);
            await Connection.ExecuteAsync("SAVEPOINT before", transaction: transaction);
            await Connection.ExecuteAsync(Add, new { id = 1, amount = -60 }, transaction);
            var failure = await Assert.ThrowsAsync<ShardSqlException>(
                () => Connection.ExecuteAsync(Add, new { id = 1, amount = -1 }, transaction));
            Assert.Equal("23514", failure.SqlState);
            await Connection.ExecuteAsync("ROLLBACK TO SAVEPOINT before", transaction: transaction);
            await Connection.ExecuteAsync(Add, new { id = 1, amount = -20 }, transaction);
            Assert.Equal(40, await Connection.ExecuteScalarAsync<decimal>("SELECT balance FROM accounts WHERE id = 1", transaction: transaction));
            await transaction.CommitAsync();
        }

        Assert.Equal(40, await BalanceAsync(1));
        Assert.Equal(1, await AddAsync(1, -40));
        await RefusedAsync("UPDATE accounts SET balance = balance - 1 WHERE id = 1");
    }

    [Fact]
    public async Task Many_who_take_and_give_are_never_below_the_bound_and_nobody_is_refused_wrongly()
    {
        const int Writers = 6;
        const int Each = 30;
        const int Amount = 3;
        await CreateAsync();
        await AddAsync(1, -100 + (2 * Writers * Amount));
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(TakeAndGiveAsync));
        Assert.Equal(2 * Writers * Amount, await BalanceAsync(1));

        // All that is there is taken by many at once, and no more.
        long[] taken = await Task.WhenAll(Enumerable.Range(0, Writers).Select(_ => TakeAllAsync()));
        Assert.Equal((0m, 2L * Writers * Amount), (await BalanceAsync(1), taken.Sum()));

        async Task TakeAndGiveAsync(int writer)
        {
            await using ShardSqlConnection connection = await Source.OpenConnectionAsync();
            for (int i = 0; i < Each; i++)
            {
                Assert.Equal(1, await connection.ExecuteAsync(Add, new { id = 1, amount = -Amount }));
                decimal seen = await connection.ExecuteScalarAsync<decimal>("SELECT balance FROM accounts WHERE id = 1");
                Assert.InRange(seen, 0, 2 * Writers * Amount);
                Assert.Equal(1, await connection.ExecuteAsync(Add, new { id = 1, amount = Amount }));
            }
        }

        async Task<long> TakeAllAsync()
        {
            await using ShardSqlConnection connection = await Source.OpenConnectionAsync();
            for (long taken = 0; ; taken++)
            {
                try
                {
                    await Source.ExecuteInTransactionAsync(async (inside, transaction, _) =>
                        await inside.ExecuteAsync(Add, new { id = 1, amount = -1 }, transaction));
                }
                catch (ShardSqlException spent) when (spent.SqlState == "23514")
                {
                    return taken;
                }
            }
        }
    }

    [Fact]
    public async Task Only_of_rows_that_were_named_the_slots_are_read()
    {
        async Task<string> VerdictAsync() =>
            (await Connection.QueryAsync<string>("EXPLAIN UPDATE accounts SET balance = balance - 1 WHERE id = 2")).First();
        await CreateAsync();
        Assert.Contains("SINGLE-SHARD", await VerdictAsync(), StringComparison.Ordinal);
        await AddAsync(2, 5);
        await AddAsync(2, -5);
        await RefusedAsync("UPDATE accounts SET balance = balance - 1 WHERE id = 2");

        await ExecuteAsync("ALTER TABLE accounts ALTER SPILLOVER FOR KEYS ((1), (2))");
        await AddAsync(2, 7);
        await AddAsync(2, 7);
        Assert.Equal((14m, 1L), (await BalanceAsync(2), await PendingAsync()));
        await ExecuteAsync("ALTER TABLE accounts ALTER SPILLOVER FOR KEYS ((1))");
        Assert.DoesNotContain("SINGLE-SHARD", await VerdictAsync(), StringComparison.Ordinal);
        await AddAsync(2, -14);
        await RefusedAsync("UPDATE accounts SET balance = balance - 1 WHERE id = 2");
        Assert.Equal(0, await BalanceAsync(2));
    }

    [Theory]
    [InlineData("balance", "", "policy = 'bounded_sum'", "takes rows that are named")]
    [InlineData("balance", "FOR KEYS ((1))", "policy = 'bounded_sum', trigger = 'always'", "takes rows that are named")]
    [InlineData("other", "FOR KEYS ((1))", "policy = 'bounded_sum'", "needs CHECK (other >= constant)")]
    [InlineData("balance, other", "FOR KEYS ((1))", "policy = 'bounded_sum'", "takes one column")]
    [InlineData("fine", "FOR KEYS ((1))", "policy = 'bounded_sum'", "smallest unit")]
    [InlineData("balance", "FOR KEYS ((1))", "policy = 'sum'", "policy bounded_sum keeps")]
    public async Task What_cannot_be_bounded_is_refused_with_the_reason(string columns, string keys, string options, string text)
    {
        await ExecuteAsync(
            "CREATE TABLE accounts (id int PRIMARY KEY, balance numeric(12, 2) NOT NULL CHECK (balance >= 0), other bigint NOT NULL, fine numeric NOT NULL CHECK (0 <= fine))");
        var failure = await Assert.ThrowsAsync<ShardSqlException>(
            () => ExecuteAsync($"ALTER TABLE accounts ENABLE SPILLOVER ON ({columns}) {keys} WITH ({options})"));
        Assert.Equal("0A000", failure.SqlState);
        Assert.Contains(text, failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ALTER TABLE accounts DROP CONSTRAINT positive", "needs CHECK")]
    [InlineData("ALTER TABLE accounts ADD CHECK (balance < 1000)", "no other CHECK")]
    [InlineData("ALTER TABLE accounts ALTER SPILLOVER WITH (slots = 9)", "stay as many")]
    [InlineData("ALTER TABLE accounts ALTER SPILLOVER WITH (policy = 'sum')", "policy of spillover cannot be altered")]
    public async Task What_would_break_the_bound_is_refused_while_it_is_kept(string statement, string text)
    {
        await CreateAsync();
        var failure = await Assert.ThrowsAsync<ShardSqlException>(() => ExecuteAsync(statement));
        Assert.Equal("0A000", failure.SqlState);
        Assert.Contains(text, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_script_of_a_table_says_its_policy()
    {
        await CreateAsync();
        string script = (await Connection.QuerySingleAsync<(string, string, string Text)>("SHOW CREATE TABLE accounts")).Text;
        Assert.Contains("WITH (policy = 'bounded_sum', trigger = 'manual'", script, StringComparison.Ordinal);
    }

    private const string Enable =
        "ALTER TABLE accounts ENABLE SPILLOVER ON (balance) FOR KEYS ((1)) WITH (policy = 'bounded_sum', max_age = '1h', slots = 3)";

    private async Task CreateAsync()
    {
        await ExecuteAsync(
            "CREATE TABLE accounts (id int PRIMARY KEY, balance numeric(12, 2) NOT NULL, CONSTRAINT positive CHECK (balance >= 0)) SHARD BY HASH (id)");
        await ExecuteAsync("INSERT INTO accounts VALUES (1, 100), (2, 0)");
        await ExecuteAsync(Enable);
    }

    private async Task RefusedAsync(string statement)
    {
        var failure = await Assert.ThrowsAsync<ShardSqlException>(() => ExecuteAsync(statement));
        Assert.Equal("23514", failure.SqlState);
    }

    private Task<int> AddAsync(int id, decimal amount) => Connection.ExecuteAsync(Add, new { id, amount });

    private Task<decimal> BalanceAsync(int id) =>
        Connection.ExecuteScalarAsync<decimal>("SELECT balance FROM accounts WHERE id = @id", new { id });

    private Task<long> PendingAsync() =>
        Connection.ExecuteScalarAsync<long>("SELECT COALESCE(SUM(pending), 0) FROM shard.spillover");
}
