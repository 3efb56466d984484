using System;
using System.Collections.Generic;
using System.Data;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Dapper;
using ShardSql.Gateway;
using ShardSql.Gateway.Hosting;
using ShardSql.Primitives;
using ShardSql.Protocol;
using Xunit;
using Xunit.Abstractions;

namespace ShardSql.Data.Tests.Cluster;

/// <summary>
/// Random transactions of many clients over two gateways have a serial order, also while leaders die.
/// </summary>
[Collection(ClusterCollection.Name)]
public sealed class HistoryTests(ITestOutputHelper output)
{
    private const int Clients = 10;
    private const int Kills = 6;
    private const int KeysPerShard = 4;
    private const int ConflictsInARow = 10_000;

    private static readonly int s_transactions =
        Environment.GetEnvironmentVariable("SHARDSQL_LONG") == "1" ? 10_000 : 600;

    private static readonly int[] s_keys =
        [.. Enumerable.Range(0, 3).SelectMany(shard => Enumerable.Range(shard * 100, KeysPerShard))];

    private int _lastInsert;
    private int _refused;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Random_transactions_have_a_serial_order(bool leadersDie)
    {
        string folder = Directory.CreateTempSubdirectory("shardsql-history-").FullName;
        try
        {
            await using EmbeddedCluster cluster = await EmbeddedCluster.StartAsync(new EmbeddedClusterOptions
            {
                Name = "history-" + Guid.NewGuid().ToString("N"),
                Folder = folder,
            });
            await using GatewayServer second = SharedStorage.CreateGateway(cluster);
            await second.StartAsync(CancellationToken.None);
            InProcessEndpoints.Register(cluster.Name + "-2", second);
            await RunAsync(cluster, leadersDie);
            InProcessEndpoints.Unregister(cluster.Name + "-2");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task RunAsync(EmbeddedCluster cluster, bool leadersDie)
    {
        await using ShardSqlDataSource first = ShardSqlDataSource.Create(cluster.ConnectionString);
        await using ShardSqlDataSource second = ShardSqlDataSource.Create($"Server=inproc:{cluster.Name}-2");
        await using ShardSqlConnection connection = await first.OpenConnectionAsync();
        await connection.ExecuteAsync(
            "CREATE TABLE counters (id integer PRIMARY KEY, n bigint) "
            + "SHARD BY RANGE (id) SPLIT AT VALUES (100), (200); "
            + "CREATE TABLE inserts (id integer PRIMARY KEY, client integer) SHARD BY HASH (id)");
        await connection.ExecuteAsync(
            $"INSERT INTO counters VALUES {string.Join(", ", s_keys.Select(key => $"({key}, 0)"))}");
        using var history = new History();
        Task[] clients = [.. Enumerable.Range(0, Clients).Select(client => Task.Run(
            () => ClientAsync(client % 2 == 0 ? first : second, new Random(client), history)))];
        Task killer = leadersDie ? Task.Run(() => KillAsync(cluster, history)) : Task.CompletedTask;
        await Task.WhenAll([.. clients, killer]).WaitAsync(TimeSpan.FromMinutes(5));
        IEnumerable<(int, long)> values =
            await connection.QueryAsync<(int, long)>("SELECT id, n FROM counters", commandTimeout: 60);
        IEnumerable<int> inserts = await connection.QueryAsync<int>("SELECT id FROM inserts");
        output.WriteLine($"{history.Committed} transactions committed, {_refused} were refused");
        history.AssertSerializable(values.ToDictionary(row => row.Item1, row => row.Item2), inserts.ToHashSet());
    }

    /// <summary>
    /// Kills the leader of one shard after the other and starts it again at once, until there is enough.
    /// </summary>
    private static async Task KillAsync(EmbeddedCluster cluster, History history)
    {
        for (int kill = 1; kill < Kills; kill++)
        {
            await history.CommittedAsync(s_transactions / Kills * kill, CancellationToken.None);
            NodeId leader = cluster.LeaderOf(new ShardId((uint)(kill % 3) + 1));
            if (leader != default)
            {
                await cluster.KillNodeAsync(leader);
                await cluster.StartNodeAsync(leader, CancellationToken.None);
            }
        }
    }

    private async Task ClientAsync(ShardSqlDataSource source, Random random, History history)
    {
        int inARow = 0;
        while (history.Committed < s_transactions)
        {
            var transaction = new History.Transaction();
            try
            {
                await using ShardSqlConnection connection = await source.OpenConnectionAsync();
                await RunOneAsync(connection, random, transaction);
                history.Commit(transaction);
                inARow = 0;
            }
            catch (ShardSqlException refused) when (
                refused.Outcome == ShardSqlOutcome.RolledBack && inARow++ < ConflictsInARow)
            {
                Interlocked.Increment(ref _refused);
            }
            catch (ShardSqlException unknown) when (unknown.Outcome == ShardSqlOutcome.Unknown)
            {
                history.MayHaveCommitted(transaction);
            }
        }
    }

    private async Task RunOneAsync(ShardSqlConnection connection, Random random, History.Transaction transaction)
    {
        if (random.Next(8) == 0)
        {
            foreach ((int id, long n) in await connection.QueryAsync<(int, long)>("SELECT id, n FROM counters"))
            {
                transaction.Reads[id] = n;
            }

            return;
        }

        bool readOnly = random.Next(6) == 0;
        await using ShardSqlTransaction open =
            await connection.BeginTransactionAsync(readOnly ? IsolationLevel.Snapshot : IsolationLevel.Serializable);
        await ReadAsync(connection, open, random, transaction);
        if (!readOnly)
        {
            await WriteAsync(connection, open, random, transaction);
        }

        await open.CommitAsync();
    }

    private async Task ReadAsync(
        ShardSqlConnection connection, ShardSqlTransaction open, Random random, History.Transaction transaction)
    {
        int[] chosen =
            [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => s_keys[random.Next(s_keys.Length)]).Distinct()];
        if (random.Next(2) == 0)
        {
            foreach (int id in chosen)
            {
                transaction.Reads[id] = await connection.ExecuteScalarAsync<long>(
                    "SELECT n FROM counters WHERE id = @id", new { id }, open);
            }
        }
        else
        {
            IEnumerable<(int, long)> rows = await connection.QueryAsync<(int, long)>(
                "SELECT id, n FROM counters WHERE id IN @chosen", new { chosen }, open);
            foreach ((int id, long n) in rows)
            {
                transaction.Reads[id] = n;
            }
        }

        if (random.Next(3) == 0)
        {
            int from = Math.Max(0, Volatile.Read(ref _lastInsert) - random.Next(20));
            int to = from + random.Next(1, 40);
            IEnumerable<int> seen = await connection.QueryAsync<int>(
                "SELECT id FROM inserts WHERE id >= @from AND id < @to", new { from, to }, open);
            transaction.Ranges.Add((from, to, [.. seen]));
        }
    }

    private async Task WriteAsync(
        ShardSqlConnection connection, ShardSqlTransaction open, Random random, History.Transaction transaction)
    {
        foreach ((int id, long n) in transaction.Reads.Where(_ => random.Next(2) == 0).ToArray())
        {
            transaction.Writes[id] = n + 1;
            Assert.Equal(1, await connection.ExecuteAsync(
                "UPDATE counters SET n = @n WHERE id = @id", new { n = n + 1, id }, open));
        }

        int added = s_keys[random.Next(s_keys.Length)];
        if (!transaction.Reads.ContainsKey(added))
        {
            transaction.Writes[added] = await connection.ExecuteScalarAsync<long>(
                "UPDATE counters SET n = n + 1 WHERE id = @added RETURNING n", new { added }, open);
        }

        int insert = Interlocked.Increment(ref _lastInsert);
        transaction.Inserts.Add(insert);
        await connection.ExecuteAsync("INSERT INTO inserts VALUES (@insert, 1)", new { insert }, open);
    }
}
