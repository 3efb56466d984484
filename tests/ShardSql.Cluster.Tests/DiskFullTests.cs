using System;
using System.Diagnostics;
using System.Threading.Tasks;

using ShardSql.Cluster.Tests.Processes;
using ShardSql.Cluster.Tests.Workloads;
using ShardSql.Data;
using ShardSql.Sql;

using Xunit;
using Xunit.Abstractions;

namespace ShardSql.Cluster.Tests;

/// <summary>A node whose disk fills up refuses writes, serves reads, and takes writes again when there is space.</summary>
public sealed class DiskFullTests(ITestOutputHelper output)
{
    private const int DiskMebibytes = 160;
    private static readonly TimeSpan s_noticedMax = TimeSpan.FromSeconds(180);

    [Fact]
    public async Task Disk_full_writesAre53100UntilThereIsSpaceAndReadsGoOn()
    {
        await using SmallDisk? disk = await SmallDisk.TryMountAsync(DiskMebibytes);
        if (disk is null)
        {
            output.WriteLine("not run: this user may not mount a file system");
            return;
        }

        await using ProcessCluster cluster = await ProcessCluster.StartAsync(
            new ProcessClusterOptions { Nodes = 1, Replicas = 1, FolderOfLastNode = disk.Folder }, output);
        await using ShardSqlDataSource source = cluster.OpenDataSource();
        await source.ExecuteAsync("CREATE TABLE t (id INT PRIMARY KEY)");
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        disk.Fill();
        long rows = await InsertUntilAsync(connection, 0, isRefused: true);
        Assert.Equal(rows, (await connection.QueryAsync("SELECT COUNT(*) FROM t"))[0][0]);

        disk.Free();
        long more = await InsertUntilAsync(connection, rows, isRefused: false);
        Assert.Equal(rows + 1, more);
        Assert.Equal(more, (await connection.QueryAsync("SELECT COUNT(*) FROM t"))[0][0]);
        Assert.False(cluster.Node(1).HasExited);
    }

    // Inserts a row after the other until one is refused, or until one is not; returns how many there are then.
    private static async Task<long> InsertUntilAsync(ShardSqlConnection connection, long rows, bool isRefused)
    {
        long began = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(began) < s_noticedMax)
        {
            try
            {
                await connection.ExecuteAsync($"INSERT INTO t (id) VALUES ({rows})");
                rows++;
                if (!isRefused)
                {
                    return rows;
                }
            }
            catch (ShardSqlException error) when (error.SqlState == SqlStates.DiskFull)
            {
                if (isRefused)
                {
                    return rows;
                }
            }
        }

        throw new TimeoutException($"the node did not notice its disk within {s_noticedMax}");
    }
}
