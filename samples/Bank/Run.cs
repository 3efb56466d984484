using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using Dapper;

using ShardSql.Data;
using ShardSql.Gateway.Hosting;
using ShardSql.Primitives;

namespace ShardSql.Bank;

/// <summary>The story from the first customer to the last cent.</summary>
internal sealed class Run(EmbeddedCluster cluster, ShardSqlDataSource database)
{
    private const double StepSeconds = 0.25;

    private static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan s_measured = TimeSpan.FromSeconds(10);

    private readonly Accounts _accounts = new(database);
    private readonly Traffic _traffic = new(Transactions.Next, new Transactions(database).RunAsync);
    private readonly long _begun = Stopwatch.GetTimestamp();
    private readonly DateTimeOffset _begunAt = DateTimeOffset.UtcNow;
    private readonly List<(double From, double To)> _moves = [];
    private long _killed;
    private long _dead;

    public async Task<Summary> TellAsync()
    {
        await _accounts.OpenAsync();
        Console.WriteLine($"{Accounts.Customers} customers on 3 shards by the hash of their ids.");
        using var end = new CancellationTokenSource();
        Task traffic = _traffic.RunAsync(end.Token);
        await Task.Delay(s_warmUp);
        string[] placesBefore = await _accounts.PlacesAsync();
        (long From, long To) before = await Window.MeasureAsync(s_measured);

        long planned = Stopwatch.GetTimestamp();
        string plan = await ExplainAsync();
        long job = await ReshardAsync(plan);
        await NoteMovesAsync(job);
        long moved = Stopwatch.GetTimestamp();

        string[] placesAfter = await _accounts.PlacesAsync();
        (long From, long To) after = await Window.MeasureAsync(s_measured);
        await end.CancelAsync();
        await traffic;
        (Window Before, Window After) merchant = await new Merchant(database).TellAsync(placesAfter);
        return Conclude(
            new Window(_traffic.All(), before.From, before.To, placesBefore),
            new Window(_traffic.All(), after.From, after.To, placesAfter),
            (planned, moved),
            merchant,
            await _accounts.IsExactAsync());
    }

    /// <summary>Throughput over time.</summary>
    public string Plot()
    {
        List<double> ended = [.. _traffic.All().Where(static seen => seen.IsOk).Select(seen => Seconds(seen.Ended))];
        return Chart.Draw(ended, ended[^1], StepSeconds, _moves, Seconds(_killed));
    }

    private async Task<string> ExplainAsync()
    {
        await using ShardSqlConnection connection = await database.OpenConnectionAsync();
        const string Text = "EXPLAIN RESHARD TABLE accounts BY GRAPH WITH (min_gain = '10%')";
        Console.WriteLine($"\n{Text}");
        var plan = (IDictionary<string, object>)(await connection.QueryAsync(Text)).First();
        var id = (string)plan["plan_id"];
        Console.WriteLine($"  {id} | {await connection.QuerySingleAsync<string>("SELECT summary FROM shard.plans WHERE plan_id = @id", new { id })}");
        return id;
    }

    /// <summary>Carries the plan out while the clients go on, and kills a leader when half is done.</summary>
    private async Task<long> ReshardAsync(string plan)
    {
        await using ShardSqlConnection connection = await database.OpenConnectionAsync();
        var job = (long)(await connection.QuerySingleAsync("EXECUTE PLAN @plan WITH (wait = '0s')", new { plan })).job_id;
        Console.WriteLine($"\nEXECUTE PLAN '{plan}': job {job}");
        bool isWhole = true;
        while (true)
        {
            var row = await connection.QuerySingleAsync("SHOW JOBS WHERE job_id = @job", new { job });
            if ((string)row.state is not "running" and not "pending")
            {
                Console.WriteLine($"  {row.state}, {row.rows_copied} rows and entries, {row.bytes_copied} bytes");
                return job;
            }

            if (isWhole && (int)(row.pct ?? 0) >= 50)
            {
                isWhole = false;
                await KillAsync();
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100));
        }
    }

    /// <summary>Its threads stop where they are; nobody is told. A moment later it is started again.</summary>
    private async Task KillAsync()
    {
        NodeId leader = cluster.LeaderOf(new ShardId(1));
        _killed = Stopwatch.GetTimestamp();
        await cluster.KillNodeAsync(leader);
        _dead = Stopwatch.GetTimestamp();
        Console.WriteLine($"  node {leader}, which leads s1, is killed");
        await Task.Delay(TimeSpan.FromSeconds(2));
        await cluster.StartNodeAsync(leader);
    }

    private async Task NoteMovesAsync(long job)
    {
        await using ShardSqlConnection connection = await database.OpenConnectionAsync();
        foreach (var step in await connection.QueryAsync("SELECT started, finished FROM shard.job_steps WHERE job_id = @job AND action = 'move'", new { job }))
        {
            _moves.Add((SecondsOf((DateTimeOffset)step.started), SecondsOf((DateTimeOffset)step.finished)));
        }
    }

    private Summary Conclude(
        Window before, Window after, (long From, long To) moving, (Window Before, Window After) merchant, bool isExact)
    {
        List<Seen> all = _traffic.All();
        long served = all.Where(seen => seen.IsOk && seen.Begun >= _dead).Select(static seen => seen.Ended).DefaultIfEmpty(_dead).Min();
        double failoverMs = FailoverMs(all);
        long calm = _killed + (long)((failoverMs + 1_000) * Stopwatch.Frequency / 1_000);
        bool IsCalm(Seen seen) => seen.Ended < _killed || seen.Begun > Math.Max(calm, served);
        double stallMs = all.Where(seen => seen.Begun >= moving.From && seen.Ended < moving.To && IsCalm(seen))
            .Select(static seen => seen.Ms).DefaultIfEmpty().Max();
        int errors = all.Count(seen => !seen.IsOk && IsCalm(seen));
        Console.WriteLine();
        Console.WriteLine("                cross-shard   transactions/s   p50 ms   p99 ms");
        Console.WriteLine(Row("before", before));
        Console.WriteLine(Row("after", after));
        return new Summary(
            Math.Round(before.CrossShard, 4),
            Math.Round(after.CrossShard, 4),
            Math.Round(before.PerSecond),
            Math.Round(after.PerSecond),
            Math.Round(stallMs, 1),
            errors,
            isExact,
            _moves.Count,
            Math.Round(failoverMs),
            Math.Round(merchant.Before.PerSecond),
            Math.Round(merchant.After.PerSecond),
            Math.Round(merchant.Before.PercentileMs(0.99), 1),
            Math.Round(merchant.After.PercentileMs(0.99), 1));
    }

    // The longest of what was on its way when the leader died.
    private double FailoverMs(List<Seen> all) => all
        .Where(seen => seen.Begun < _dead && seen.Ended > _dead)
        .Select(seen => Stopwatch.GetElapsedTime(_killed, seen.Ended).TotalMilliseconds)
        .DefaultIfEmpty().Max();

    private static string Row(string name, Window window) => string.Create(
        CultureInfo.InvariantCulture,
        $"{name,-14}{window.CrossShard,12:P1}{window.PerSecond,16:N0}{window.PercentileMs(0.5),10:0.0}{window.PercentileMs(0.99),9:0.0}");

    private double Seconds(long at) => Stopwatch.GetElapsedTime(_begun, at).TotalSeconds;

    private double SecondsOf(DateTimeOffset at) => (at - _begunAt).TotalSeconds;
}
