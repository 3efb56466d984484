using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Cluster.Tests.Processes;
using ShardSql.Cluster.Tests.Workloads;
using ShardSql.Data;

using Xunit;
using Xunit.Abstractions;

namespace ShardSql.Cluster.Tests;

/// <summary>
/// SIGKILL to each party of a move in its phases, under load, over files that lose what was not synced: the leader of
/// the source, of the target, of the system shard, each in a process of its own, and the gateway that runs the move. The
/// move ends by itself, and money moves on meanwhile.
/// </summary>
public sealed class MoveKillTests(ITestOutputHelper output)
{
    private const int Writers = 4;
    private const int MovingGateway = 1;
    private const int LooksMax = 20_000;
    private const int MoreLooksMax = 30;

    // What the job's row says. The pause and the switch come right after the last of them, within a few looks more.
    private static readonly string[] s_phases = ["copying", "verifying", "catching_up"];

    private enum Party
    {
        Source,
        Target,
        System,
        Gateway,
    }

    [Fact]
    public async Task Kill_ofEachPartyOfAMove_losesNothingAndLeavesNothingOpen()
    {
        int seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        await using ProcessCluster cluster = await ProcessCluster.StartAsync(
            new ProcessClusterOptions { Gateways = 2, Files = FileFaults.LoseUnsynced }, output);
        await using ShardSqlDataSource all = cluster.OpenDataSource();
        await using ShardSqlDataSource watching = cluster.OpenDataSourceOf(MovingGateway + 1);
        var ledger = new Ledger(all);
        await ledger.SetUpAsync(Writers);
        using var stop = new CancellationTokenSource();
        Task[] writers = ledger.Start(Writers, seed, stop.Token);
        long started = Stopwatch.GetTimestamp();
        var kills = new List<string>();
        foreach ((string phase, Party party) in Strikes(seed))
        {
            kills.Add(await StrikeAsync(cluster, watching, ledger, writers, phase, party, random));
            await ledger.VerifyAsync();
        }

        await stop.CancelAsync();
        await Task.WhenAll(writers);
        await ledger.VerifyAsync();
        output.WriteLine(string.Join('\n', kills));
        output.WriteLine(
            $"{kills.Count} kills in {Stopwatch.GetElapsedTime(started).TotalSeconds:0.0} s: {ledger.Acknowledged.Count} "
            + $"acknowledged, {ledger.UnknownCount} unknown, {ledger.RefusedCount} refused");
        List<object[]> left = await watching.QueryAsync("SELECT job_id FROM shard.jobs WHERE state <> 'succeeded'");
        Assert.Empty(left);
    }

    // Each party once, in phases that change from run to run; in a long run each in each of them.
    private static IEnumerable<(string Phase, Party Party)> Strikes(int seed) =>
        from phase in Enumerable.Range(0, s_phases.Length)
        from party in Enum.GetValues<Party>()
        where TestLength.IsLong || (phase + (int)party + (seed & int.MaxValue)) % s_phases.Length == 0
        select (s_phases[phase], party);

    private static async Task<string> StrikeAsync(
        ProcessCluster cluster, ShardSqlDataSource watching, Ledger ledger, Task[] writers, string phase, Party party, Random random)
    {
        await cluster.AllNodesUpAsync(watching);
        (string segment, string source) = await SegmentAsync(watching, random);
        string target = $"s{(int.Parse(source.AsSpan(1), CultureInfo.InvariantCulture) % 3) + 1}";
        int[] nodes = [.. cluster.Nodes.OrderBy(_ => random.Next())];
        await watching.ExecuteAsync($"TRANSFER LEADER OF SHARD {source} TO NODE {nodes[0]}");
        await watching.ExecuteAsync($"TRANSFER LEADER OF SHARD {target} TO NODE {nodes[1]}");
        await watching.ExecuteAsync($"TRANSFER LEADER OF SHARD s0 TO NODE {nodes[2]}");
        object job;
        await using (ShardSqlDataSource moving = cluster.OpenDataSourceOf(MovingGateway))
        {
            job = (await moving.QueryAsync($"MOVE SEGMENT '{segment}' TO SHARD {target} WITH (wait = '0s', throttle = '100KB/s')"))[0][0];
        }

        string seen = await PhaseAsync(watching, job, phase, random.Next(MoreLooksMax));
        if (party == Party.Gateway)
        {
            await cluster.KillGatewayAsync(MovingGateway);
            await ledger.Acknowledged.MoreAsync(20, writers);
            await cluster.StartGatewayAsync(MovingGateway);
        }
        else
        {
            int killed = nodes[(int)party];
            await cluster.KillNodesAsync(killed);
            await ledger.Acknowledged.MoreAsync(20, writers);
            await cluster.StartNodesAsync(killed);
        }

        object[] ended = (await watching.QueryAsync($"WAIT JOB {job} TIMEOUT '120s'"))[0];
        Assert.Equal("succeeded", ended[2]);
        Assert.Equal(target, (await watching.QueryAsync($"SELECT shard FROM shard.segments WHERE segment = '{segment}'"))[0][0]);
        return $"{segment} from {source} to {target}: {party} killed after \"{seen}\"";
    }

    private static async Task<(string Segment, string Shard)> SegmentAsync(ShardSqlDataSource source, Random random)
    {
        List<object[]> segments = await source.QueryAsync("SELECT segment, shard FROM shard.segments");
        object[] drawn = segments[random.Next(segments.Count)];
        return ((string)drawn[0], (string)drawn[1]);
    }

    /// <summary>Looks until the job is in a phase, or past it, and some more times; gives what it is in.</summary>
    private static async Task<string> PhaseAsync(ShardSqlDataSource source, object job, string wanted, int moreLooks)
    {
        int at = Array.IndexOf(s_phases, wanted);
        for (int look = 0; look < LooksMax; look++)
        {
            object[] row = (await source.QueryAsync($"SELECT phase, state FROM shard.jobs WHERE job_id = {job}"))[0];
            bool isThere = Array.IndexOf(s_phases, (string)row[0]) >= at || (string)row[1] != "running";
            if (isThere && moreLooks-- == 0)
            {
                return (string)row[0];
            }
        }

        throw new TimeoutException($"job {job} does not come to {wanted}");
    }
}
