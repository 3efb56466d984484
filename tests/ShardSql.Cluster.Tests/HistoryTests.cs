using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Cluster.Tests.Processes;
using ShardSql.Cluster.Tests.Workloads;
using ShardSql.Data;
using ShardSql.Simulation.Checking;

using Xunit;
using Xunit.Abstractions;

namespace ShardSql.Cluster.Tests;

/// <summary>What clients saw while processes were killed has a serial order.</summary>
public sealed class HistoryTests(ITestOutputHelper output)
{
    private const int Clients = 6;
    private static readonly int[] s_kills = [1, Nemesis.AGateway, 2, Nemesis.AllNodes, 3];

    [Fact]
    public async Task ListAppend_whileProcessesAreKilled_isSerializableInSessionOrder()
    {
        int seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        await using ProcessCluster cluster = await ProcessCluster.StartAsync(
            new ProcessClusterOptions { Gateways = 2, LosesUnsynced = true }, output);
        await using ShardSqlDataSource source = cluster.OpenDataSource();
        var lists = new ListAppend(source);
        await lists.SetUpAsync();
        using var stop = new CancellationTokenSource();
        Task[] clients = lists.Start(Clients, seed, stop.Token);
        for (int round = 0; round < TestLength.Times(1) * s_kills.Length; round++)
        {
            await lists.Committed.MoreAsync(80, clients);
            await Nemesis.StrikeAsync(
                cluster, s_kills[round % s_kills.Length], () => lists.Committed.MoreAsync(80, clients));
        }

        await lists.Committed.MoreAsync(80, clients);
        await stop.CancelAsync();
        await Task.WhenAll(clients);

        IReadOnlyList<HistoryOperation> history = lists.History;
        HistoryReport report = HistoryChecker.Check(history, await lists.ReadAllAsync());
        output.WriteLine(
            $"{history.Count} transactions: " + string.Join(", ", history.GroupBy(one => one.Outcome).Select(group => $"{group.Key} {group.Count()}"))
            + $"; {report.ObservedPercent} % of the appends observed; strict: {report.IsStrict}");
        Assert.True(report.IsSessionSerializable, string.Join('\n', report.Anomalies));
        Assert.True(report.IsMeaningful, $"only {report.ObservedPercent} % of the appends were read");
    }
}
