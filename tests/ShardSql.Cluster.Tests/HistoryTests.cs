using System;
using System.Collections.Generic;
using System.Diagnostics;
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

/// <summary>What clients saw while a cluster of processes suffered has a serial order, and nothing acknowledged is lost.
/// </summary>
public sealed class HistoryTests(ITestOutputHelper output)
{
    private const int Clients = 6;
    private const int Gateways = 2;
    private const int CommitsBetween = 60;

    private static readonly StrikeKind[] s_kills =
    [
        StrikeKind.KillNode, StrikeKind.KillGateway, StrikeKind.KillAllNodes, StrikeKind.KillAllGateways,
    ];

    private static readonly StrikeKind[] s_silences =
    [
        StrikeKind.PauseNode, StrikeKind.IsolateNode, StrikeKind.MuteNode, StrikeKind.PauseGateway,
        StrikeKind.DeafenNode, StrikeKind.DelayPeers,
    ];

    [Fact]
    public Task ListAppend_whileProcessesAreKilled_isSerializableInSessionOrder() => RunAsync(s_kills);

    [Fact]
    public Task ListAppend_whileProcessesStandStillAndLinksFail_isSerializableInSessionOrder() => RunAsync(s_silences);

    private async Task RunAsync(StrikeKind[] kinds)
    {
        int seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        await using ProcessCluster cluster = await ProcessCluster.StartAsync(
            new ProcessClusterOptions
            {
                Gateways = Gateways,
                Files = FileFaults.LoseUnsynced,
                HasFaultyLinks = true,
            },
            output);

        // So short that a client gives up while no gateway is there, and has transactions whose outcome nobody told.
        await using ShardSqlDataSource source = cluster.OpenDataSource("Timeout=1");
        var lists = new ListAppend(source);
        await lists.SetUpAsync();
        using var stop = new CancellationTokenSource();
        Task[] clients = lists.Start(Clients, seed, stop.Token);
        var nemesis = new Nemesis(cluster, () => lists.Committed.MoreAsync(CommitsBetween, clients))
        {
            GivenUp = lists.EndOfRunningAsync,
        };
        for (int round = 0; round < TestLength.Times(1) * kinds.Length; round++)
        {
            await lists.Committed.MoreAsync(CommitsBetween, clients);
            StrikeKind kind = kinds[round % kinds.Length];
            var strike = new Strike(kind, kind switch
            {
                StrikeKind.KillGateway or StrikeKind.PauseGateway => 1 + random.Next(Gateways),
                StrikeKind.KillAllNodes or StrikeKind.KillAllGateways or StrikeKind.DelayPeers => 0,
                _ => await ProcessCluster.LeaderOfMostAsync(source),
            });
            long began = Stopwatch.GetTimestamp();
            await nemesis.StrikeAsync(strike);
            output.WriteLine($"{strike}: {Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s");
        }

        await lists.Committed.MoreAsync(CommitsBetween, clients);
        await stop.CancelAsync();
        await Task.WhenAll(clients);
        Judge(lists.History, await lists.ReadAllAsync());
    }

    private void Judge(IReadOnlyList<HistoryOperation> history, IReadOnlyDictionary<int, IReadOnlyList<int>> final)
    {
        HistoryReport report = HistoryChecker.Check(history, final);
        IEnumerable<string> outcomes = history
            .GroupBy(one => one.Outcome)
            .OrderBy(group => group.Key)
            .Select(group => $"{group.Key} {group.Count()}");
        output.WriteLine(
            $"{history.Count} transactions: {string.Join(", ", outcomes)}; {report.ObservedPercent} % of the appends "
            + $"observed; strict: {report.IsStrict}");
        Assert.True(report.IsSessionSerializable, string.Join('\n', report.Anomalies));
        Assert.True(report.IsMeaningful, $"only {report.ObservedPercent} % of the appends were read");
    }
}
