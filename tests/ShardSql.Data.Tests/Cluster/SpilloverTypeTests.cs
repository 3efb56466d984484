using System;
using System.Collections.Generic;
using System.Data;
using System.Globalization;
using System.Linq;
using System.Threading.Tasks;

using Dapper;

using Xunit;

namespace ShardSql.Data.Tests.Cluster;

/// <summary>Where deltas go (sharding.md §4): beside what their transaction writes, else by its type.</summary>
public sealed class SpilloverTypeTests : OneNodeTests
{
    private const string Add = "UPDATE accounts SET balance = balance + @amount WHERE id = @id";
    private const int Slots = 16;

    [Fact]
    public async Task Types_of_transactions_use_different_slots_of_a_row()
    {
        await CreateAsync();
        int[] deposits = await SlotsAfterAsync("deposit", null);
        Assert.Equal(4, deposits.Length);
        int[] refunds = await SlotsAfterAsync("refund", null);
        Assert.Equal(4, refunds.Length);
        Assert.Empty(deposits.Intersect(refunds));
        Assert.Equal(refunds, await SlotsAfterAsync("deposit", "SET TRANSACTION TYPE 'refund'"));
        Assert.Equal(deposits, await SlotsAfterAsync(null, "SET TRANSACTION READ WRITE, TYPE 'deposit'"));
        Assert.Equal(4, (await SlotsAfterAsync(null, null)).Length);
    }

    [Fact]
    public async Task A_type_given_to_ExecuteInTransaction_is_said_of_each_run()
    {
        await CreateAsync();
        int runs = 0;
        string? type = await Source.ExecuteInTransactionAsync(
            async (connection, transaction, _) =>
            {
                Assert.Equal("fee", transaction.TransactionType);
                string said = await TypeShownAsync(connection, transaction);
                return ++runs > 1 ? said : throw new ShardSqlException("40001", "again", ShardSqlOutcome.RolledBack);
            },
            new ShardSqlTransactionOptions { TransactionType = "fee" });
        Assert.Equal(("fee", 2), (type, runs));
    }

    [Fact]
    public async Task EXPLAIN_and_SHOW_TRANSACTIONS_say_the_type()
    {
        await CreateAsync();
        string own = await ExplainedTypeAsync("UPDATE accounts SET balance = balance + 1 WHERE id = 1");
        Assert.Matches("^of statement [0-9a-f]{8}$", own);
        Assert.Equal(own, await ExplainedTypeAsync("UPDATE   accounts SET balance = balance + 250 WHERE id = 1"));
        Assert.NotEqual(own, await ExplainedTypeAsync("UPDATE accounts SET balance = balance - 1 WHERE id = 1"));

        await using ShardSqlTransaction transaction =
            await Connection.BeginTransactionAsync(IsolationLevel.Serializable, "customer's deposit");
        Assert.Equal("'customer''s deposit'", await ExplainedTypeAsync("UPDATE accounts SET balance = balance + 1 WHERE id = 1"));
        Assert.Equal("customer's deposit", await TypeShownAsync(Connection, transaction));
        await Connection.ExecuteAsync("SET TRANSACTION TYPE 'refund'", transaction: transaction);
        Assert.Equal("refund", await TypeShownAsync(Connection, transaction));
        Assert.Equal("'refund'", await ExplainedTypeAsync("UPDATE accounts SET balance = balance + 1 WHERE id = 1"));
        await transaction.RollbackAsync();

        await using ShardSqlTransaction next = await Connection.BeginTransactionAsync();
        Assert.Null(await TypeShownAsync(Connection, next));
    }

    [Theory]
    [InlineData("BEGIN; INSERT INTO payments VALUES (@id); UPDATE accounts SET balance = balance + 1 WHERE id = 1; COMMIT")]
    [InlineData("BEGIN; UPDATE accounts SET balance = balance + 1 WHERE id = 1; INSERT INTO payments VALUES (@id); COMMIT")]
    [InlineData("BEGIN WORK|INSERT INTO payments VALUES (@id)|UPDATE accounts SET balance = balance + 1 WHERE id = 1|COMMIT WORK")]
    [InlineData("BEGIN WORK|SELECT * FROM payments WHERE id = @id|UPDATE accounts SET balance = balance + 1 WHERE id = 1|COMMIT WORK")]
    public async Task A_delta_goes_to_a_shard_that_its_transaction_uses_anyway(string texts)
    {
        await CreateAsync();
        await ExecuteAsync("CREATE TABLE payments (id int PRIMARY KEY) SHARD BY HASH (id)");
        for (int id = 0; id < 8; id++)
        {
            string home = (await ExplainAsync(string.Create(CultureInfo.InvariantCulture, $"SELECT * FROM payments WHERE id = {id}")))
                .Split("shards: ")[1].Split(')')[0];
            foreach (string text in texts.Split('|'))
            {
                await Connection.ExecuteAsync(text, new { id });
            }

            Assert.Equal(home, await Connection.ExecuteScalarAsync<string>("SELECT shard FROM shard.spillover WHERE pending > 0"));
            await ExecuteAsync("MERGE SPILLOVER FOR TABLE accounts KEY (1)");
        }
    }

    [Fact]
    public async Task Deltas_of_a_batch_add_up_whether_their_rows_have_spilled_or_not()
    {
        const string pay = "INSERT INTO payments VALUES (@id); UPDATE accounts SET balance = balance + 1 WHERE id = 1; UPDATE accounts SET balance = balance + 10 WHERE id = @other";
        await CreateAsync();
        await ExecuteAsync("CREATE TABLE payments (id int PRIMARY KEY) SHARD BY HASH (id)");
        await ExecuteAsync("INSERT INTO accounts VALUES (2, 0)");

        // Account 2 has not spilled at first, and 99 is not there at all.
        for (int id = 0; id < 8; id++)
        {
            Assert.Equal(3, await Connection.ExecuteAsync(pay, new { id, other = 2 }));
            Assert.Equal(2, await Connection.ExecuteAsync(pay, new { id = id + 100, other = 99 }));
            var twice = await Assert.ThrowsAsync<ShardSqlException>(() => Connection.ExecuteAsync(pay, new { id, other = 2 }));
            Assert.Equal("23505", twice.SqlState);
        }

        Assert.Equal([117, 80], await Connection.QueryAsync<decimal>("SELECT balance FROM accounts ORDER BY id"));
        Assert.Equal(16, await Connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM payments"));
        Assert.Equal((8 * 3) - 1, await Connection.ExecuteScalarAsync<long>("SELECT SUM(pending) FROM shard.spillover"));
    }

    [Fact]
    public async Task EXPLAIN_TRANSACTION_places_a_delta_as_the_transaction_would()
    {
        await CreateAsync();
        await ExecuteAsync("CREATE TABLE payments (id int PRIMARY KEY) SHARD BY HASH (id)");
        for (int id = 0; id < 8; id++)
        {
            Assert.Contains(
                "SINGLE-SHARD",
                await ExplainAsync(string.Create(
                    CultureInfo.InvariantCulture,
                    $"TRANSACTION (INSERT INTO payments VALUES ({id}); UPDATE accounts SET balance = balance + 1 WHERE id = 1)")),
                StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("SET TRANSACTION TYPE ''", "22023", "1 to 64 characters, not 0")]
    [InlineData("SET TRANSACTION TYPE 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'", "22023", "1 to 64 characters, not 65")]
    [InlineData("SET TRANSACTION TYPE 'a\tb'", "22023", "no control characters")]
    [InlineData("SET TRANSACTION TYPE deposit", "42601", "")]
    [InlineData("SET TRANSACTION TYPE 'a', READ ONLY", "25001", "before the transaction's first statement")]
    public async Task What_is_no_type_is_refused(string statement, string state, string text)
    {
        await using ShardSqlTransaction transaction = await Connection.BeginTransactionAsync();
        await Connection.ExecuteScalarAsync<int>("SELECT 1", transaction: transaction);
        ShardSqlException failure = await Assert.ThrowsAsync<ShardSqlException>(
            () => Connection.ExecuteAsync(statement, transaction: transaction));
        Assert.Equal(state, failure.SqlState);
        Assert.Contains(text, failure.Message, StringComparison.Ordinal);
    }

    /// <summary>A row that spills, with the headers that its first addition has written.</summary>
    private async Task CreateAsync()
    {
        await ExecuteAsync("CREATE TABLE accounts (id int PRIMARY KEY, balance numeric(12, 2) NOT NULL) SHARD BY HASH (id)");
        await ExecuteAsync("INSERT INTO accounts VALUES (1, 100)");
        await ExecuteAsync(string.Create(
            CultureInfo.InvariantCulture, $"ALTER TABLE accounts ENABLE SPILLOVER ON (balance) WITH (slots = {Slots}, max_age = '1h')"));
        await Connection.ExecuteAsync(Add, new { id = 1, amount = 1 });
    }

    /// <summary>The slots that transactions of one statement use.</summary>
    /// <param name="type">The type that they begin with; null: none.</param>
    /// <param name="before">What they say before the statement; null: nothing.</param>
    private async Task<int[]> SlotsAfterAsync(string? type, string? before)
    {
        const int Transactions = 60;
        for (int i = 0; i < Transactions; i++)
        {
            await using ShardSqlTransaction transaction = type is null
                ? await Connection.BeginTransactionAsync()
                : await Connection.BeginTransactionAsync(IsolationLevel.Serializable, type);
            if (before is not null)
            {
                await Connection.ExecuteAsync(before, transaction: transaction);
            }

            await Connection.ExecuteAsync(Add, new { id = 1, amount = 1 }, transaction);
            await transaction.CommitAsync();
        }

        int[] slots = [.. await Connection.QueryAsync<int>("SELECT slot FROM shard.spillover WHERE pending > 0 ORDER BY slot")];
        Assert.Equal(Transactions, await Connection.ExecuteScalarAsync<long>("SELECT SUM(pending) FROM shard.spillover"));
        await ExecuteAsync("MERGE SPILLOVER FOR TABLE accounts KEY (1)");
        return slots;
    }

    private static async Task<string> TypeShownAsync(ShardSqlConnection connection, ShardSqlTransaction transaction) =>
        (await connection.ExecuteScalarAsync<string>("SELECT type FROM shard.transactions", transaction: transaction))!;

    private async Task<string> ExplainedTypeAsync(string update) =>
        (await ExplainAsync(update)).Split(", transaction type ")[1].Split('\n')[0];

    private async Task<string> ExplainAsync(string statement)
    {
        var lines = new List<string>();
        await using var command = new ShardSqlCommand("EXPLAIN " + statement, Connection, Connection.CurrentTransaction);
        await using ShardSqlDataReader reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            lines.Add(reader.GetString(0));
        }

        return string.Join('\n', lines);
    }
}
