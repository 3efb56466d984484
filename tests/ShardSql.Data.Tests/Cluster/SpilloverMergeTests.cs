using System;
using System.Data;
using System.Globalization;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using Dapper;

using Xunit;

namespace ShardSql.Data.Tests.Cluster;

/// <summary>Many merges of one row beside many interactive writers of it (sharding.md §4): they are not in each other's
/// way.</summary>
public sealed class SpilloverMergeTests : OneNodeTests
{
    private const int Writers = 64;
    private const int Readers = 2;
    private const int AttemptsMax = 10;
    private const decimal Opening = 1_000;

    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(10);

    // SHARDSQL_LONG=1 makes as many merges as the design asks for; fewer fit the time that a test has.
    private static readonly int s_merges = Environment.GetEnvironmentVariable("SHARDSQL_LONG") == "1" ? 1_000 : 50;

    [Fact]
    public async Task Merges_abort_no_writer_starve_for_none_and_lose_nothing()
    {
        await CreateAsync();
        using var done = new CancellationTokenSource(s_limit);
        Task<int>[] writing = [.. Enumerable.Range(1, Writers).Select(writer => PayAsync(writer, done.Token))];
        Task<int>[] reading = [.. Enumerable.Range(1, Readers).Select(reader => NoteAsync(reader, done.Token))];
        try
        {
            await MergeAsync(done.Token);
        }
        finally
        {
            await done.CancelAsync();
        }

        int[] paid = await Task.WhenAll(writing);
        int[] noted = await Task.WhenAll(reading);
        Assert.All(paid, static payments => Assert.True(payments > 0));
        Assert.All(noted, static notes => Assert.True(notes > 0));
        Assert.Equal(
            Opening + paid.Sum(),
            await Connection.ExecuteScalarAsync<decimal>("SELECT balance FROM merchants WHERE id = 1"));
        Assert.Equal(paid.Sum(), await Connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM payments"));
        Assert.Equal(
            Opening * (Writers + 1),
            await Connection.ExecuteScalarAsync<decimal>("SELECT SUM(balance) FROM merchants")
                + await Connection.ExecuteScalarAsync<decimal>("SELECT SUM(balance) FROM wallets"));
    }

    private async Task CreateAsync()
    {
        await ExecuteAsync(
            """
            CREATE TABLE merchants (id int PRIMARY KEY, balance numeric(12, 2) NOT NULL);
            CREATE TABLE wallets (id int PRIMARY KEY, balance numeric(12, 2) NOT NULL);
            CREATE TABLE payments (wallet int, number int, PRIMARY KEY (wallet, number));
            CREATE TABLE notes (reader int, number int, balance numeric(12, 2) NOT NULL, PRIMARY KEY (reader, number))
            """);
        await Connection.ExecuteAsync("INSERT INTO merchants VALUES (1, @Opening)", new { Opening });
        await Connection.ExecuteAsync(
            "INSERT INTO wallets VALUES (@id, @Opening)", Enumerable.Range(1, Writers).Select(id => new { id, Opening }));

        // Merged by statement alone, so that each is counted.
        await ExecuteAsync("ALTER TABLE merchants ENABLE SPILLOVER ON (balance) FOR KEYS ((1)) WITH (max_age = '1h')");
        await ExecuteAsync("UPDATE merchants SET balance = balance + 0 WHERE id = 1");
    }

    /// <summary>Pays from a wallet of its own until it is told to end. No attempt fails: whatever else it reads and writes
    /// is its own.</summary>
    private async Task<int> PayAsync(int wallet, CancellationToken done)
    {
        await using ShardSqlConnection connection = await Source.OpenConnectionAsync(CancellationToken.None);
        int number = 0;
        for (; !done.IsCancellationRequested; number++)
        {
            await using ShardSqlTransaction transaction =
                await connection.BeginTransactionAsync(IsolationLevel.Serializable, CancellationToken.None);
            decimal left = await connection.ExecuteScalarAsync<decimal>(
                "SELECT balance FROM wallets WHERE id = @wallet", new { wallet }, transaction);
            Assert.Equal(Opening - number, left);
            await connection.ExecuteAsync("UPDATE merchants SET balance = balance + 1 WHERE id = 1", transaction: transaction);
            await connection.ExecuteAsync("UPDATE wallets SET balance = balance - 1 WHERE id = @wallet", new { wallet }, transaction);
            await connection.ExecuteAsync("INSERT INTO payments VALUES (@wallet, @number)", new { wallet, number }, transaction);
            await transaction.CommitAsync(CancellationToken.None);
        }

        return number;
    }

    /// <summary>Notes what the row holds, which only ever grows, in the transaction that reads it.</summary>
    private async Task<int> NoteAsync(int reader, CancellationToken done)
    {
        await using ShardSqlConnection connection = await Source.OpenConnectionAsync(CancellationToken.None);
        decimal last = 0;
        int number = 0;
        for (; !done.IsCancellationRequested; number++)
        {
            decimal read = await NoteOnceAsync(connection, reader, number);
            Assert.True(read >= last, string.Create(CultureInfo.InvariantCulture, $"{read} was read after {last}"));
            last = read;
        }

        return number;
    }

    private static async Task<decimal> NoteOnceAsync(ShardSqlConnection connection, int reader, int number)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                await using ShardSqlTransaction transaction =
                    await connection.BeginTransactionAsync(IsolationLevel.Serializable, CancellationToken.None);
                decimal balance = await connection.ExecuteScalarAsync<decimal>(
                    "SELECT balance FROM merchants WHERE id = 1", transaction: transaction);
                await connection.ExecuteAsync(
                    "INSERT INTO notes VALUES (@reader, @number, @balance)", new { reader, number, balance }, transaction);
                await transaction.CommitAsync(CancellationToken.None);
                return balance;
            }
            catch (ShardSqlException failure) when (failure.SqlState == "40001" && attempt < AttemptsMax)
            {
                // The next attempt reads what is newest.
            }
        }
    }

    private async Task MergeAsync(CancellationToken limit)
    {
        await using ShardSqlConnection connection = await Source.OpenConnectionAsync(CancellationToken.None);
        for (int merged = 0; merged < s_merges;)
        {
            limit.ThrowIfCancellationRequested();
            merged += await connection.ExecuteAsync("MERGE SPILLOVER FOR TABLE merchants KEY (1)");
        }
    }
}
