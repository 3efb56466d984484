using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Dapper;
using Xunit;

namespace ShardSql.Data.Tests.Cluster;

/// <summary>Clients that transfer between accounts, each transfer with a row that says so: no client sees an error, and no
/// balance is wrong.</summary>
internal sealed class Bank : IAsyncDisposable
{
    private const int Accounts = 64;
    private const int Clients = 4;
    private const int Opening = 1_000;

    private readonly ShardSqlDataSource _source;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task[] _clients;
    private readonly SemaphoreSlim _progress = new(0);
    private int _acknowledged;

    private Bank(ShardSqlDataSource source)
    {
        _source = source;
        _clients = [.. Enumerable.Range(0, Clients).Select(client => Task.Run(() => TransferAsync(client)))];
    }

    /// <summary>Makes the accounts and begins.</summary>
    public static async Task<Bank> OpenAsync(ShardSqlDataSource source)
    {
        await using ShardSqlConnection connection = await source.OpenConnectionAsync(CancellationToken.None);
        await connection.ExecuteAsync("CREATE TABLE accounts (id int PRIMARY KEY, balance bigint NOT NULL) SHARD BY HASH (id) INTO 8 SEGMENTS");
        await connection.ExecuteAsync("CREATE TABLE transfers (client int, n int, PRIMARY KEY (client, n))");
        await connection.ExecuteAsync(
            "INSERT INTO accounts VALUES " + string.Join(", ", Enumerable.Range(0, Accounts).Select(id => $"({id}, {Opening})")));
        return new Bank(source);
    }

    /// <summary>Waits for so many transfers more.</summary>
    public async Task MoreAsync(int transfers)
    {
        int until = Volatile.Read(ref _acknowledged) + transfers;
        while (Volatile.Read(ref _acknowledged) < until)
        {
            Task failed = await Task.WhenAny([_progress.WaitAsync(TimeSpan.FromSeconds(60)), .. _clients]);
            if (_clients.Contains(failed))
            {
                await failed;
            }
        }
    }

    /// <summary>Ends, and counts.</summary>
    public async Task CheckAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_clients);
        await using ShardSqlConnection connection = await _source.OpenConnectionAsync(CancellationToken.None);
        Assert.Equal(Accounts * Opening, await connection.ExecuteScalarAsync<long>("SELECT sum(balance) FROM accounts"));
        Assert.Equal(_acknowledged, await connection.ExecuteScalarAsync<long>("SELECT count(*) FROM transfers"));
        Assert.True(_acknowledged > 0);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_clients).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
        _progress.Dispose();
    }

    private async Task TransferAsync(int client)
    {
        var random = new Random(client);
        for (int n = 0; !_stop.IsCancellationRequested; n++)
        {
            int[] pair = random.GetItems(Enumerable.Range(0, Accounts).ToArray(), 2);
            int amount = random.Next(1, 10);
            await _source.ExecuteInTransactionAsync(async (session, transaction, stop) =>
            {
                await session.ExecuteAsync(
                    "UPDATE accounts SET balance = balance - @amount WHERE id = @from; "
                    + "UPDATE accounts SET balance = balance + @amount WHERE id = @to; "
                    + "INSERT INTO transfers VALUES (@client, @n)",
                    new { amount, from = pair[0], to = pair[1], client, n },
                    transaction);
            });
            Interlocked.Increment(ref _acknowledged);
            _progress.Release();
        }
    }
}
