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
    private const int KeysPerKill = 6;

    private static readonly StrikeKind[] s_strikes =
    [
        StrikeKind.KillNode, StrikeKind.PauseNode, StrikeKind.IsolateNode, StrikeKind.KillGateway,
        StrikeKind.MuteNode, StrikeKind.KillAllNodes, StrikeKind.PauseGateway, StrikeKind.DeafenNode,
        StrikeKind.KillAllGateways, StrikeKind.DelayPeers,
    ];

    /// <summary>One run has a strike of each kind.</summary>
    public static TheoryData<int> Runs => TestLength.IsLong ? [1, 2] : [1];

    [Theory]
    [MemberData(nameof(Runs))]
    public async Task ListAppend_whileTheClusterIsStruck_isSerializableInSessionOrderAndNothingIsLost(int run)
    {
        int seed = Environment.TickCount + run;
        output.WriteLine($"run {run}, seed {seed}");
        var random = new Random(seed);
        await using ProcessCluster cluster = await ProcessCluster.StartAsync(
            new ProcessClusterOptions
            {
                Gateways = Gateways,
                Files = FileFaults.LoseUnsynced,
                HasFaultyLinks = true,
            },
            output);

        // So short that a client gives up while no gateway is there, and has transactions whose outcome nobody told; and
        // that those whose gateway stands still go on with another.
        await using ShardSqlDataSource source = cluster.OpenDataSource("Timeout=1;Command Timeout=3;Cancellation Timeout=200");
        var lists = new ListAppend(source, 400 + (KeysPerKill * TestLength.Kills));
        await lists.SetUpAsync();
        using var stop = new CancellationTokenSource();
        Task[] clients = lists.Start(Clients, seed, stop.Token);
        var nemesis = new Nemesis(cluster, () => lists.Committed.MoreAsync(CommitsBetween, clients))
        {
            GivenUp = lists.EndOfRunningAsync,
        };
        int kills = 0;
        for (int round = 0; round < TestLength.Times(1) * s_strikes.Length || kills < TestLength.Kills; round++)
        {
            await lists.Committed.MoreAsync(CommitsBetween, clients);

            // The second run begins in the middle.
            StrikeKind kind = s_strikes[(round + ((run - 1) * s_strikes.Length / 2)) % s_strikes.Length];
            kills += KillsOf(kind, cluster);
            var strike = new Strike(kind, kind switch
            {
                StrikeKind.KillGateway or StrikeKind.PauseGateway => 1 + random.Next(Gateways),
                StrikeKind.KillAllNodes or StrikeKind.KillAllGateways or StrikeKind.DelayPeers => 0,
                _ => await ProcessCluster.LeaderOfMostAsync(source),
            });
            long began = Stopwatch.GetTimestamp();
            try
            {
                await nemesis.StrikeAsync(strike);
            }
            finally
            {
                output.WriteLine($"{strike}: {Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s; {cluster.Links}");
            }
        }

        await lists.Committed.MoreAsync(CommitsBetween, clients);
        await stop.CancelAsync();
        await Task.WhenAll(clients);
        Judge(lists.History, await lists.ReadAllAsync(), kills);
    }

    private static int KillsOf(StrikeKind kind, ProcessCluster cluster) => kind switch
    {
        StrikeKind.KillNode or StrikeKind.KillGateway => 1,
        StrikeKind.KillAllNodes => cluster.Nodes.Count,
        StrikeKind.KillAllGateways => cluster.Gateways.Count,
        _ => 0,
    };

    private void Judge(
        IReadOnlyList<HistoryOperation> history, IReadOnlyDictionary<int, IReadOnlyList<int>> final, int kills)
    {
        HistoryReport report = HistoryChecker.Check(history, final);
        IEnumerable<string> outcomes = history
            .GroupBy(one => one.Outcome)
            .OrderBy(group => group.Key)
            .Select(group => $"{group.Key} {group.Count()}");
        output.WriteLine(
            $"{history.Count} transactions: {string.Join(", ", outcomes)}; {report.ObservedPercent} % of the appends "
            + $"observed; strict: {report.IsStrict}");
        int lost = report.Anomalies.Count(anomaly => anomaly.Kind == "lost-ack");
        output.WriteLine(
            $"kills {kills}, transactions {history.Count}, acknowledged {history.Count(one => one.Outcome == HistoryOutcome.Ok)}, "
            + $"lost {lost}, anomalies {report.Anomalies.Count(one => !one.Kind.EndsWith("-realtime", StringComparison.Ordinal))}");
        Assert.True(report.IsSessionSerializable, string.Join('\n', report.Anomalies));
        Assert.True(report.IsMeaningful, $"only {report.ObservedPercent} % of the appends were read");
    }
}
