using System;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Dapper;
using Xunit;

namespace ShardSql.Data.Tests.Cluster;

/// <summary>Many clients on few rows: sums stay exact, whoever is refused is run again within bounds.</summary>
[Collection(ClusterCollection.Name)]
public sealed class ContentionTests(ClusterFixture cluster)
{
    private const int Clients = 16;

    [Fact]
    public async Task Sixteen_clients_add_to_one_hot_row_without_a_transaction()
    {
        const int Each = 25;
        string table = await cluster.CreateSpreadTableAsync();
        await cluster.ExecuteAsync($"INSERT INTO {table} VALUES (1, 0)");
        await TogetherAsync(Clients, async _ =>
        {
            await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
            for (int i = 0; i < Each; i++)
            {
                Assert.Equal(1, await connection.ExecuteAsync($"UPDATE {table} SET n = n + 1 WHERE id = 1"));
            }
        });
        Assert.Equal(Clients * Each, await cluster.ScalarAsync<long>($"SELECT n FROM {table}"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(101)]
    public async Task Transactions_under_contention_are_run_again_until_all_are_done(int second)
    {
        const int Each = 10;
        const int MaxRetries = 200;
        string table = await cluster.CreateSpreadTableAsync();
        await cluster.ExecuteAsync($"INSERT INTO {table} VALUES (1, 0), (2, 0), (101, 0)");
        await using ShardSqlDataSource source =
            ShardSqlDataSource.Create($"{cluster.Cluster.ConnectionString};Max Retries={MaxRetries}");
        int runs = 0;
        await TogetherAsync(Clients / 2, async _ =>
        {
            for (int i = 0; i < Each; i++)
            {
                int own = 0;
                await source.ExecuteInTransactionAsync(async (connection, transaction, token) =>
                {
                    Interlocked.Increment(ref runs);
                    Assert.InRange(++own, 1, MaxRetries + 1);
                    long n = await connection.ExecuteScalarAsync<long>(
                        $"SELECT n FROM {table} WHERE id = 1", transaction: transaction);
                    await connection.ExecuteAsync(
                        $"UPDATE {table} SET n = @n WHERE id = 1; UPDATE {table} SET n = n + 1 WHERE id = {second + 1}",
                        new { n = n + 1 },
                        transaction);
                });
            }
        });
        Assert.Equal(Clients / 2 * Each, await cluster.ScalarAsync<long>($"SELECT n FROM {table} WHERE id = 1"));
        Assert.True(runs >= Clients / 2 * Each);
    }

    [Fact]
    public async Task Totals_stay_exact_while_sixteen_clients_move_money_across_shards()
    {
        const int Accounts = 30;
        const int Balance = 100;
        const int Each = 12;
        string table = await cluster.CreateSpreadTableAsync();
        int[] ids = [.. Enumerable.Range(0, Accounts).Select(i => (i % 3 * 100) + i)];
        await cluster.ExecuteAsync(
            $"INSERT INTO {table} VALUES " + string.Join(", ", ids.Select(id => $"({id}, {Balance})")));
        await using ShardSqlDataSource source =
            ShardSqlDataSource.Create(cluster.Cluster.ConnectionString + ";Max Retries=200");
        using var done = new CancellationTokenSource();
        Task<int>[] readers =
        [
            Task.Run(() => ReadTotalsAsync(table, Accounts * Balance, done.Token)),
            Task.Run(() => ReadTotalsAsync(table, Accounts * Balance, done.Token)),
        ];
        await TogetherAsync(Clients, async client =>
        {
            for (int i = 0; i < Each; i++)
            {
                int from = ids[((client * 7) + i) % Accounts];
                int to = ids[((client * 7) + i + 1 + (i % 5)) % Accounts];
                await source.ExecuteInTransactionAsync((connection, transaction, token) => connection.ExecuteAsync(
                    $"UPDATE {table} SET n = n - 1 WHERE id = {from}; UPDATE {table} SET n = n + 1 WHERE id = {to}",
                    transaction: transaction));
            }
        });
        await done.CancelAsync();
        int[] totals = await Task.WhenAll(readers);
        Assert.All(totals, count => Assert.True(count > 0, "no total was read while the transfers ran"));
        Assert.Equal(Accounts * Balance, await cluster.ScalarAsync<long>($"SELECT sum(n) FROM {table}"));
    }

    private static async Task TogetherAsync(int clients, Func<int, Task> work)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(4));
        await Task.WhenAll(
            Enumerable.Range(0, clients).Select(client => Task.Run(() => work(client)))).WaitAsync(limit.Token);
    }

    private async Task<int> ReadTotalsAsync(string table, long expected, CancellationToken done)
    {
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync(CancellationToken.None);
        int read = 0;
        while (!done.IsCancellationRequested)
        {
            Assert.Equal(expected, await connection.ExecuteScalarAsync<long>($"SELECT sum(n) FROM {table}"));
            read++;
        }

        return read;
    }
}
