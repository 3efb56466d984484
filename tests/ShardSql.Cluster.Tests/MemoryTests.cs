using System;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Cluster.Tests.Processes;
using ShardSql.Cluster.Tests.Workloads;
using ShardSql.Data;

using Xunit;
using Xunit.Abstractions;

namespace ShardSql.Cluster.Tests;

/// <summary>However many rows go through a reader, gateway and client hold only a few of them.</summary>
public sealed class MemoryTests(ITestOutputHelper output)
{
    private const int RowsPerInsert = 2_000;
    private const int Loaders = 3;
    private const long GrowthMax = 32L << 20;

    private static readonly int s_rows = TestLength.IsLong ? 1_000_000 : 100_000;

    [Fact]
    public async Task Reader_ofManyRows_growsNeitherGatewayNorClient()
    {
        if (!ProcessMemory.IsKnown)
        {
            output.WriteLine("not measured: this system has no /proc");
            return;
        }

        await using ProcessCluster cluster = await ProcessCluster.StartAsync(new ProcessClusterOptions(), output);
        await using ShardSqlDataSource source = cluster.OpenDataSource();
        await LoadAsync(source);
        await using ReadingClient client = await ReadingClient.StartAsync(
            cluster.ConnectionString, $"SELECT id, n FROM many WHERE id < {RowsPerInsert}", "SELECT id, n FROM many");
        var gateway = new ProcessMemory(cluster.Gateway(1).Id);
        gateway.ResetPeak();
        long before = gateway.Resident;
        ReadFigures figures = await client.ReadAsync();
        long growth = gateway.Peak - before;
        output.WriteLine(
            $"{figures.Rows} rows in {figures.Milliseconds} ms; resident memory grew by {growth >> 10} KiB in the gateway "
            + $"(from {before >> 10}), by {figures.ResidentGrowth >> 10} KiB in the client, whose managed heap grew by "
            + $"{figures.ManagedGrowth >> 10} KiB, garbage included");
        Assert.Equal(s_rows, figures.Rows);
        Assert.InRange(growth, 0, GrowthMax);
        Assert.InRange(figures.ResidentGrowth, 0, GrowthMax);
    }

    private static async Task LoadAsync(ShardSqlDataSource source)
    {
        await source.ExecuteAsync(
            "CREATE TABLE many (id bigint PRIMARY KEY, n integer) "
            + $"SHARD BY RANGE (id) SPLIT AT VALUES ({s_rows / 3}), ({s_rows / 3 * 2})");
        int next = 0;
        await Task.WhenAll(Enumerable.Range(0, Loaders).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Add(ref next, RowsPerInsert) is int end && end <= s_rows)
            {
                string rows = string.Join(
                    ", ", Enumerable.Range(end - RowsPerInsert, RowsPerInsert).Select(id => $"({id}, {id % 1000})"));
                await source.ExecuteAsync($"INSERT INTO many (id, n) VALUES {rows}");
            }
        })));
    }
}
