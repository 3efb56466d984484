using System;
using System.Data;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using Dapper;
using ShardSql.Gateway;
using ShardSql.Gateway.Hosting;
using ShardSql.Primitives;
using ShardSql.Protocol;
using ShardSql.Storage.Nodes;
using Xunit;
using Xunit.Abstractions;

namespace ShardSql.Data.Tests.Cluster;

/// <summary>
/// Many rows: memory stays flat, a reader that waits delays nobody, flushed rows are there after a restart.
/// </summary>
[Collection(ClusterCollection.Name)]
public sealed class VolumeTests(ITestOutputHelper output)
{
    private const int RowsPerInsert = 2_000;
    private const int Loaders = 3;
    private const int Samples = 5;
    private const int MaxAttempts = 5;
    private const long MaxGrowth = 64L << 20;

    private static readonly int s_rows =
        Environment.GetEnvironmentVariable("SHARDSQL_LONG") == "1" ? 1_000_000 : 150_000;

    [Fact]
    public async Task Many_rows_are_loaded_read_summed_and_found_again_after_a_restart()
    {
        string folder = Directory.CreateTempSubdirectory("shardsql-volume-").FullName;
        try
        {
            await using (EmbeddedCluster cluster = await StartAsync(folder))
            {
                await using ShardSqlDataSource source = ShardSqlDataSource.Create(cluster.ConnectionString);
                await LoadAsync(source);
                await AgainAsync(() => AssertSumsAsync(source));
                await AgainAsync(() => ReadThroughOneReaderAsync(source));
                await AgainAsync(() => StalledReaderDelaysNobodyAsync(source));
                await HugeSortIsRefusedAsync(cluster, source);
                await UntilFlushedAsync(cluster, source);
            }

            await using EmbeddedCluster again = await StartAsync(folder);
            await using ShardSqlDataSource reopened = ShardSqlDataSource.Create(again.ConnectionString);
            await AgainAsync(() => AssertSumsAsync(reopened));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Task<EmbeddedCluster> StartAsync(string folder) =>
        EmbeddedCluster.StartAsync(new EmbeddedClusterOptions
        {
            Name = "volume-" + Guid.NewGuid().ToString("N"),
            Folder = folder,
            Nodes = 3,
            Shards = 3,
        });

    private async Task LoadAsync(ShardSqlDataSource source)
    {
        await using (ShardSqlConnection connection = await source.OpenConnectionAsync())
        {
            await connection.ExecuteAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"CREATE TABLE many (id bigint PRIMARY KEY, n integer) "
                + $"SHARD BY RANGE (id) SPLIT AT VALUES ({s_rows / 3}), ({s_rows / 3 * 2})"));
        }

        var text = new StringBuilder("INSERT INTO many VALUES ");
        for (int i = 0; i < RowsPerInsert; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"{(i == 0 ? "" : ",")}(@i{i},@n{i})");
        }

        string insert = text.ToString();
        var watch = Stopwatch.StartNew();
        int next = 0;
        await Task.WhenAll(Enumerable.Range(0, Loaders).Select(_ => Task.Run(async () =>
        {
            await using ShardSqlConnection connection = await source.OpenConnectionAsync();
            await using var command = new ShardSqlCommand(insert, connection);
            for (int i = 0; i < RowsPerInsert; i++)
            {
                command.Parameters.AddWithValue(string.Create(CultureInfo.InvariantCulture, $"i{i}"), 0L);
                command.Parameters.AddWithValue(string.Create(CultureInfo.InvariantCulture, $"n{i}"), 0);
            }

            while (Interlocked.Add(ref next, RowsPerInsert) is int end && end <= s_rows)
            {
                for (int i = 0; i < RowsPerInsert; i++)
                {
                    long id = end - RowsPerInsert + i;
                    command.Parameters[2 * i].Value = id;
                    command.Parameters[(2 * i) + 1].Value = (int)(id % 1000);
                }

                Assert.Equal(RowsPerInsert, await command.ExecuteNonQueryAsync());
            }
        })));
        output.WriteLine($"loaded {s_rows} rows in {watch.Elapsed}: {s_rows / watch.Elapsed.TotalSeconds:F0} rows/s");
    }

    private async Task AssertSumsAsync(ShardSqlDataSource source)
    {
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        var watch = Stopwatch.StartNew();
        (long count, long sum, long low, long high) = await connection.QuerySingleAsync<(long, long, long, long)>(
            "SELECT count(*), sum(n), min(id), max(id) FROM many");
        output.WriteLine($"aggregate over all rows: {watch.Elapsed}");
        Assert.Equal((s_rows, s_rows / 1000 * 499_500L, 0L, s_rows - 1L), (count, sum, low, high));
        Assert.Equal(1000, (await connection.QueryAsync("SELECT n, count(*) FROM many GROUP BY n")).Count());
    }

    /// <summary>
    /// A shard that changes its leader after rows were handed out ends the statement, on a machine that is too busy for
    /// heartbeats too; an application runs such work again, within bounds.
    /// </summary>
    private async Task AgainAsync(Func<Task> work)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                await work();
                return;
            }
            catch (ShardSqlException lost) when (lost.IsTransient && attempt < MaxAttempts)
            {
                output.WriteLine($"attempt {attempt}: {lost.Message}");
            }
        }
    }

    /// <summary>
    /// What grows is the live managed memory of the whole process: client, gateway and the nodes' leaders, during one
    /// read of all rows.
    /// </summary>
    private async Task ReadThroughOneReaderAsync(ShardSqlDataSource source)
    {
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        long before = GC.GetTotalMemory(forceFullCollection: true);
        long most = 0;
        var watch = Stopwatch.StartNew();
        int rows = 0;
        await using (ShardSqlDataReader reader =
            await new ShardSqlCommand("SELECT id, n FROM many", connection).ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
            {
                if (++rows % (s_rows / Samples) == 0)
                {
                    most = long.Max(most, GC.GetTotalMemory(forceFullCollection: true) - before);
                }
            }
        }

        output.WriteLine($"read {rows} rows in {watch.Elapsed}; live memory grew by {most >> 10} KiB at most");
        Assert.Equal(s_rows, rows);
        Assert.InRange(most, long.MinValue, MaxGrowth);
    }

    private async Task StalledReaderDelaysNobodyAsync(ShardSqlDataSource source)
    {
        await using ShardSqlConnection stalled = await source.OpenConnectionAsync();
        await using ShardSqlConnection other = await source.OpenConnectionAsync();
        await using ShardSqlDataReader reader =
            await new ShardSqlCommand("SELECT id, n FROM many", stalled).ExecuteReaderAsync();
        Assert.True(await reader.ReadAsync());
        TimeSpan longest = TimeSpan.Zero;
        for (int i = 0; i < 20; i++)
        {
            var watch = Stopwatch.StartNew();
            Assert.Equal(i, await other.ExecuteScalarAsync<int>("SELECT n FROM many WHERE id = @i", new { i }));
            Assert.Equal(1, await other.ExecuteAsync("UPDATE many SET n = n WHERE id = @i", new { i }));
            longest = watch.Elapsed > longest ? watch.Elapsed : longest;
        }

        output.WriteLine($"beside a stalled reader a read and a write took {longest} at most");
        Assert.InRange(longest, TimeSpan.Zero, TimeSpan.FromSeconds(30));
        int rows = 1;
        while (await reader.ReadAsync())
        {
            rows++;
        }

        Assert.Equal(s_rows, rows);

        // A reader that is left in the middle gives its connection back.
        await using (
            ShardSqlDataReader left = await new ShardSqlCommand("SELECT id, n FROM many", other).ExecuteReaderAsync())
        {
            Assert.True(await left.ReadAsync());
        }

        Assert.Equal(1, await other.ExecuteScalarAsync<int>("SELECT 1"));
    }

    private static async Task HugeSortIsRefusedAsync(EmbeddedCluster cluster, ShardSqlDataSource source)
    {
        await using GatewayServer small = SharedStorage.CreateGateway(
            cluster, new GatewayOptions { MaxSessionMemoryBytes = 1 << 20 });
        await small.StartAsync(CancellationToken.None);
        string name = cluster.Name + "-small";
        InProcessEndpoints.Register(name, small);
        await using (ShardSqlDataSource limited = ShardSqlDataSource.Create("Server=inproc:" + name))
        {
            await using ShardSqlConnection connection = await limited.OpenConnectionAsync();
            var refused = await Assert.ThrowsAsync<ShardSqlException>(
                () => connection.QueryAsync("SELECT n, id, sum(n) FROM many GROUP BY n, id ORDER BY sum(n), id DESC"));
            Assert.True(refused.SqlState == "53200", refused.SqlState + ": " + refused.Message);
            Assert.Equal(1, await connection.ExecuteScalarAsync<int>("SELECT 1"));
            Assert.Equal(s_rows, await connection.ExecuteScalarAsync<long>("SELECT count(*) FROM many"));
        }

        InProcessEndpoints.Unregister(name);
        await using ShardSqlConnection next = await source.OpenConnectionAsync();
        Assert.Equal(5, await next.ExecuteScalarAsync<int>("SELECT n FROM many WHERE id = 5"));
    }

    /// <summary>
    /// Writes until every shard has been flushed on the node that leads it; an open snapshot stays as it was.
    /// </summary>
    private async Task UntilFlushedAsync(EmbeddedCluster cluster, ShardSqlDataSource source)
    {
        var storage = (StorageCluster)cluster.Storage;
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        await using ShardSqlConnection reader = await source.OpenConnectionAsync();
        await using ShardSqlTransaction snapshot = await reader.BeginTransactionAsync(IsolationLevel.Snapshot);
        Assert.Equal(0, await reader.ExecuteScalarAsync<int>("SELECT n FROM many WHERE id = 0", transaction: snapshot));
        await connection.ExecuteAsync("UPDATE many SET n = n + 1 WHERE id = 0");
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed < TimeSpan.FromMinutes(4))
        {
            long fewest = long.MaxValue;
            foreach (ShardId shard in storage.DataShards)
            {
                long flushes = await storage.RunningNode(
                    cluster.LeaderOf(shard)).InspectAsync(core => core.Replicas[shard].Flushes);
                fewest = long.Min(fewest, flushes);
            }

            if (fewest > 0)
            {
                output.WriteLine($"every shard was flushed at least {fewest} times, after {watch.Elapsed}");
                Assert.Equal(
                    0, await reader.ExecuteScalarAsync<int>("SELECT n FROM many WHERE id = 0", transaction: snapshot));
                await snapshot.CommitAsync();
                Assert.Equal(1, await connection.ExecuteAsync("UPDATE many SET n = n - 1 WHERE id = 0"));
                return;
            }

            await connection.ExecuteAsync(string.Create(
                CultureInfo.InvariantCulture, $"UPDATE many SET n = n WHERE id IN (0, {s_rows / 2}, {s_rows - 1})"));
        }

        Assert.Fail("no flush in time");
    }
}
