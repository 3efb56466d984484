using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading.Tasks;

namespace ShardSql.Benchmarks.Load;

/// <summary>Clients of one contender that each begin the next transaction when the last one is acknowledged; the
/// time of a transaction is from its first attempt on.</summary>
internal sealed class ClosedLoop : IAsyncDisposable
{
    private readonly IContender _contender;
    private readonly List<ILoadClient> _clients = [];

    private ClosedLoop(IContender contender) => _contender = contender;

    /// <summary>Opens the clients; they stay open over all windows.</summary>
    public static async Task<ClosedLoop> OpenAsync(IContender contender, int clients)
    {
        var loop = new ClosedLoop(contender);
        try
        {
            for (int i = 0; i < clients; i++)
            {
                loop._clients.Add(await contender.OpenClientAsync(i));
            }
        }
        catch
        {
            await loop.DisposeAsync();
            throw;
        }

        return loop;
    }

    /// <summary>Runs all clients for a while and measures.</summary>
    public async Task<Window> RunAsync(TimeSpan duration)
    {
        TimeSpan serverBefore = ProcessTree.CpuTime(_contender.ProcessIds);
        TimeSpan clientBefore = Environment.CpuUsage.TotalTime;
        long start = Stopwatch.GetTimestamp();
        long end = start + (long)(duration.TotalSeconds * Stopwatch.Frequency);
        (List<long> Ticks, long RolledBack)[] runs =
            await Task.WhenAll(_clients.Select(client => Task.Run(() => RunClientAsync(client, end))));
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        TimeSpan clientCpu = Environment.CpuUsage.TotalTime - clientBefore;
        TimeSpan serverCpu = ProcessTree.CpuTime(_contender.ProcessIds) - serverBefore;

        long[] times = [.. runs.SelectMany(run => run.Ticks)];
        if (times.Length == 0)
        {
            throw new BenchmarkException($"{_contender.Name} acknowledged nothing in {seconds:F1} s.");
        }

        Array.Sort(times);
        return new Window(
            times.Length / seconds,
            Percentile(times, 0.50),
            Percentile(times, 0.99),
            Percentile(times, 1),
            serverCpu.TotalMicroseconds / times.Length,
            clientCpu.TotalMicroseconds / times.Length,
            runs.Sum(run => run.RolledBack));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (ILoadClient client in _clients)
        {
            await client.DisposeAsync();
        }
    }

    private static async Task<(List<long> Ticks, long RolledBack)> RunClientAsync(ILoadClient client, long end)
    {
        var times = new List<long>();
        long rolledBack = 0;
        long begun = Stopwatch.GetTimestamp();
        for (long now = begun; now < end;)
        {
            bool acknowledged = await client.RunOnceAsync();
            now = Stopwatch.GetTimestamp();
            if (acknowledged)
            {
                times.Add(now - begun);
                begun = now;
            }
            else
            {
                rolledBack++;
            }
        }

        return (times, rolledBack);
    }

    private static double Percentile(long[] sorted, double share) =>
        sorted[(int)(share * (sorted.Length - 1))] * 1000.0 / Stopwatch.Frequency;
}
