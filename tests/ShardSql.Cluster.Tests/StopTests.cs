using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading.Tasks;

using ShardSql.Cluster.Tests.Processes;
using ShardSql.Cluster.Tests.Workloads;
using ShardSql.Data;

using Xunit;
using Xunit.Abstractions;

namespace ShardSql.Cluster.Tests;

/// <summary>Starts that succeed, starts that are refused, and stops in order.</summary>
public sealed class StopTests(ITestOutputHelper output) : IDisposable
{
    private const string ReadyPrefix = "ShardSql is ready: ";
    private static readonly TimeSpan s_stopMax = TimeSpan.FromSeconds(TestLength.IsLong ? 10 : 60);

    private readonly string _folder = Directory.CreateTempSubdirectory("cluster-tests-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(Signals.Interrupt)]
    [InlineData(Signals.Terminate)]
    public async Task Dev_signalledUnderLoad_endsInOrderAndFindsEverythingAgain(int signal)
    {
        if (Signals.IsIgnored(signal))
        {
            output.WriteLine($"not run: signal {signal} is ignored here, and so it is by what this process starts");
            return;
        }

        string listen = Listen();
        var written = new List<int>();
        await using (ServerProcess first = ServerProcess.Launch(Dev(listen)))
        {
            await using ShardSqlDataSource source = await ConnectAsync(first);
            await source.ExecuteAsync("CREATE TABLE kept (id INT PRIMARY KEY)");
            var begun = new Progress();
            Task writing = Task.Run(() => WriteUntilRefusedAsync(source, written, begun));
            await begun.MoreAsync(20, writing);
            long signalled = Stopwatch.GetTimestamp();
            first.Signal(signal);
            Assert.Equal(0, await first.ExitAsync());
            TimeSpan took = Stopwatch.GetElapsedTime(signalled);
            output.WriteLine($"signal {signal}: ended after {took.TotalMilliseconds:0} ms; {first.Errors}");
            Assert.True(took < s_stopMax, $"it took {took} to stop");
            await writing;
        }

        await using ServerProcess second = ServerProcess.Launch(Dev(listen));
        await using ShardSqlDataSource again = await ConnectAsync(second);
        List<object[]> rows = await again.QueryAsync("SELECT id FROM kept");
        Assert.Subset(rows.Select(row => (int)row[0]).ToHashSet(), written.ToHashSet());
    }

    [Fact]
    public async Task Cluster_stoppedBySigterm_endsWithCodeZeroAndFindsEverythingAgain()
    {
        await using ProcessCluster cluster = await ProcessCluster.StartAsync(
            new ProcessClusterOptions { Files = FileFaults.LoseUnsynced }, output);
        await using ShardSqlDataSource source = cluster.OpenDataSource();
        await source.ExecuteAsync("CREATE TABLE kept (id INT PRIMARY KEY)");
        await source.ExecuteAsync("INSERT INTO kept (id) VALUES (1), (2), (3)");
        Assert.All(await cluster.StopAllAsync(), code => Assert.Equal(0, code));
        await cluster.StartNodesAsync(1, 2, 3);
        await cluster.StartGatewayAsync(1);
        Assert.Equal(3L, (await source.QueryAsync("SELECT COUNT(*) FROM kept"))[0][0]);
    }

    [Fact]
    public async Task Serve_folderLockedByAnotherProcess_isRefusedWithPathAndProcess()
    {
        await using ProcessCluster cluster = await ProcessCluster.StartAsync(
            new ProcessClusterOptions { Nodes = 1, Replicas = 1, Gateways = 0 }, output);
        await using ServerProcess second = cluster.LaunchNode(1);
        Assert.Equal(1, await second.ExitAsync());
        Assert.Contains(cluster.NodeFolder(1), second.Errors, StringComparison.Ordinal);
        Assert.Contains(cluster.Node(1).Id.ToString(CultureInfo.InvariantCulture), second.Errors, StringComparison.Ordinal);
        Assert.False(cluster.Node(1).HasExited);
    }

    [Theory]
    [InlineData("log")]
    [InlineData("sqlite")]
    public async Task Serve_logOrStoreOfAnotherCluster_isRefusedWithBothNames(string part)
    {
        var one = new ProcessClusterOptions { Nodes = 1, Replicas = 1, Gateways = 0 };
        await using ProcessCluster ours = await ProcessCluster.StartAsync(one, output);
        await using ProcessCluster theirs = await ProcessCluster.StartAsync(one, output);
        string ourId = ours.ClusterId;
        string theirId = theirs.ClusterId;
        Assert.NotEqual(ourId, theirId);
        await ours.StopAllAsync();
        await theirs.StopAllAsync();
        ours.ReplacePart(part, theirs);
        await using ServerProcess mixed = ours.LaunchNode(1);
        Assert.Equal(1, await mixed.ExitAsync());
        Assert.Contains($"data of cluster {theirId}, expected {ourId}", mixed.Errors, StringComparison.Ordinal);
    }

    private static string Listen() => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{FreePorts.Take()}");

    private static async Task<ShardSqlDataSource> ConnectAsync(ServerProcess process)
    {
        string ready = await process.ReadyAsync();
        Assert.StartsWith(ReadyPrefix, ready, StringComparison.Ordinal);
        return ShardSqlDataSource.Create(ready[ReadyPrefix.Length..]);
    }

    private static async Task WriteUntilRefusedAsync(ShardSqlDataSource source, List<int> written, Progress begun)
    {
        for (int id = 0; ; id++)
        {
            try
            {
                await source.ExecuteAsync($"INSERT INTO kept (id) VALUES ({id})");
                written.Add(id);
                begun.Add();
            }
            catch (ShardSqlException error) when (error.IsTransient || error.Outcome == ShardSqlOutcome.Unknown)
            {
                return;
            }
        }
    }

    private string[] Dev(string listen) => ["dev", "--listen", listen, "--data", Path.Combine(_folder, "data")];
}
