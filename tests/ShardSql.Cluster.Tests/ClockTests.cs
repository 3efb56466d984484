using System;
using System.Diagnostics;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Cluster.Tests.Processes;
using ShardSql.Cluster.Tests.Workloads;
using ShardSql.Data;
using ShardSql.Gateway.Hosting;
using ShardSql.Primitives;

using Xunit;
using Xunit.Abstractions;

namespace ShardSql.Cluster.Tests;

/// <summary>
/// A node whose clock is wrong harms nobody: within the allowed skew whoever else is down, by more as long as the others
/// outvote it.
/// </summary>
public sealed class ClockTests(ITestOutputHelper output)
{
    private const int Writers = 4;
    private static readonly NodeId s_wrong = new(2);

    [Theory]
    [InlineData(4)]
    [InlineData(-4)]
    [InlineData(3_600)]
    [InlineData(-3_600)]
    public async Task Clock_ofOneNodeWrong_writersGoOnAndTheLedgerIsRight(int aheadSeconds)
    {
        int seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var wrong = new WrongClock(TimeSpan.FromSeconds(aheadSeconds));
        var nodes = new TunedNodes(3, options => options)
        {
            ClockOf = node => node == s_wrong ? wrong : TimeProvider.System,
        };
        await using EmbeddedCluster cluster = await EmbeddedCluster.StartAsync(
            new EmbeddedClusterOptions { Name = $"clock{aheadSeconds}" }, nodes, null, default);
        await using ShardSqlDataSource source = ShardSqlDataSource.Create(cluster.ConnectionString);
        var ledger = new Ledger(source);
        await ledger.SetUpAsync(Writers);
        using var stop = new CancellationTokenSource();
        Task[] writers = ledger.Start(Writers, seed, stop.Token);
        long began = Stopwatch.GetTimestamp();
        bool isWithinSkew = Math.Abs(aheadSeconds) * 1_000L < HlcClock.MaxSkewMs;
        foreach (NodeId killed in isWithinSkew ? nodes.All : [s_wrong])
        {
            await nodes.KillNodeAsync(killed);
            await ledger.Acknowledged.MoreAsync(50, writers);
            await nodes.StartNodeAsync(killed);
            await ledger.Acknowledged.MoreAsync(50, writers);
        }

        await stop.CancelAsync();
        await Task.WhenAll(writers);
        await ledger.VerifyAsync();
        output.WriteLine(
            $"{ledger.Acknowledged.Count} transfers in {Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s, "
            + $"{ledger.RefusedCount} refused");
        Assert.False(nodes.Failed.IsCompleted);
    }
}
