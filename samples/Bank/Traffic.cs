using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Data;

namespace ShardSql.Bank;

/// <summary>A transaction as its client saw it; times by Stopwatch.</summary>
internal readonly record struct Seen(Wish Wish, long Begun, long Ended, bool IsOk)
{
    public double Ms => Stopwatch.GetElapsedTime(Begun, Ended).TotalMilliseconds;
}

/// <summary>Clients that want the next thing as soon as they have the last one.</summary>
/// <param name="next">What a client wants next.</param>
/// <param name="run">Does it.</param>
internal sealed class Traffic(Func<Random, Wish> next, Func<Wish, Task> run)
{
    private const int Clients = 16;

    private readonly List<List<Seen>> _logs = [];

    /// <summary>Runs the clients until the token ends it.</summary>
    public Task RunAsync(CancellationToken end)
    {
        var clients = new List<Task>();
        for (int client = 0; client < Clients; client++)
        {
            var log = new List<Seen>();
            var random = new Random(client);
            _logs.Add(log);
            clients.Add(Task.Run(() => RunClientAsync(random, log, end), CancellationToken.None));
        }

        return Task.WhenAll(clients);
    }

    /// <summary>All that was seen, once the clients have ended.</summary>
    public List<Seen> All() => [.. _logs.SelectMany(static log => log).OrderBy(static seen => seen.Ended)];

    private async Task RunClientAsync(Random random, List<Seen> log, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            Wish wish = next(random);
            long begun = Stopwatch.GetTimestamp();
            bool isOk = true;
            try
            {
                await run(wish);
            }
            catch (ShardSqlException error) when (error.IsTransient || error.Outcome == ShardSqlOutcome.Unknown)
            {
                isOk = false;
            }

            log.Add(new Seen(wish, begun, Stopwatch.GetTimestamp(), isOk));
        }
    }
}
