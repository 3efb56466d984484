using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using ShardSql.Data;
using ShardSql.Gateway.Hosting;
using ShardSql.Primitives;

namespace ShardSql.QuickStart;

/// <summary>The steps of the story, in the order in which Program tells them.</summary>
internal sealed class Demonstration(EmbeddedCluster cluster, ShardSqlDataSource database)
{
    private static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan s_measured = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan s_beforeKill = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan s_afterKill = TimeSpan.FromSeconds(6);

    private readonly Bank _bank = new(database);
    private readonly List<Acknowledged> _acknowledged = [];

    /// <summary>Every transfer that the database has acknowledged so far.</summary>
    public IReadOnlyList<Acknowledged> Acknowledged => _acknowledged;

    public async Task OpenAccountsAsync()
    {
        await _bank.CreateTablesAsync();
        await Screen.ProgressAsync("Opening accounts", Bank.Customers, _bank.LoadAsync);
    }

    public async Task QueryAsync()
    {
        const long Customer = 7;
        Screen.Line($"Customer {Customer} moves {await _bank.AmalgamateAsync(Customer):N2} from savings to checking.");
        foreach ((long id, string name, decimal balance) in await _bank.RichestAsync(3))
        {
            Screen.Line($"  {id,6} {name,-16} {balance,12:N2}");
        }
    }

    public async Task ExplainAsync(Places places)
    {
        Screen.Lines(await _bank.ExplainAsync(places.NextWithin(new Random(1))));
        Screen.Lines(await _bank.ExplainAsync(places.NextAcross(new Random(1))));
    }

    /// <summary>Transfers within shards, then across shards.</summary>
    public async Task<(TrafficLog Within, TrafficLog Across)> MeasureAsync(Places places)
    {
        await RunAsync(places.NextAny, s_warmUp);
        TrafficLog within = await RunAsync(places.NextWithin, s_measured);
        Screen.Figures("within a shard", within);
        TrafficLog across = await RunAsync(places.NextAcross, s_measured);
        Screen.Figures("across shards", across);
        return (within, across);
    }

    /// <summary>
    /// Kills the leader of a shard under load: its threads stop where they are, nothing is flushed, nobody is told.
    /// Gives the milliseconds from the kill until a transfer that began when the node was dead was acknowledged on that
    /// shard; null: none.
    /// </summary>
    public async Task<double?> KillLeaderAsync(Places places)
    {
        using var end = new CancellationTokenSource();
        Task<TrafficLog> running = new Traffic(_bank).RunAsync(places.NextAny, end.Token);
        await Task.Delay(s_beforeKill);

        var shard = new ShardId(places.Shards[0]);
        NodeId leader = cluster.LeaderOf(shard);
        long killed = Stopwatch.GetTimestamp();
        await cluster.KillNodeAsync(leader);
        long dead = Stopwatch.GetTimestamp();
        await Task.Delay(s_afterKill);
        await end.CancelAsync();
        TrafficLog log = await running;
        _acknowledged.AddRange(log.Acknowledged);

        double? failoverMs = log.FirstAfterMs(
            killed, dead, transfer => places.IsOn(shard.Value, transfer.From) || places.IsOn(shard.Value, transfer.To));
        Screen.Line($"Node {leader} led shard {shard} and was killed.");
        Screen.Line($"After {failoverMs:N0} ms the shard served again, now led by {cluster.LeaderOf(shard)}.");
        Screen.Figures("with the kill", log);
        return failoverMs;
    }

    /// <summary>Looks for every acknowledged transfer, and counts the money.</summary>
    public async Task<(int Lost, decimal Total)> AuditAsync(IReadOnlyList<Acknowledged> acknowledged)
    {
        HashSet<Guid> found = await _bank.TransferIdsAsync();
        int lost = acknowledged.Count(one => !found.Contains(one.Transfer.Id));
        decimal total = await _bank.TotalAsync();
        Screen.Line($"{acknowledged.Count:N0} transfers were acknowledged, {lost} of them are lost.");
        Screen.Line($"The accounts hold {total:N2}; they were opened with {Bank.Total:N2}.");
        return (lost, total);
    }

    private async Task<TrafficLog> RunAsync(Func<Random, Transfer> next, TimeSpan duration)
    {
        using var end = new CancellationTokenSource(duration);
        TrafficLog log = await new Traffic(_bank).RunAsync(next, end.Token);
        _acknowledged.AddRange(log.Acknowledged);
        return log;
    }
}
