using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using ShardSql.Data;

namespace ShardSql.QuickStart;

/// <summary>Clients that transfer money, each the next amount as soon as the last one is acknowledged.</summary>
internal sealed class Traffic(Bank bank)
{
    private const int Clients = 16;

    /// <summary>Runs the clients until the token ends it; no transfer is left halfway.</summary>
    public async Task<TrafficLog> RunAsync(Func<Random, Transfer> next, CancellationToken end)
    {
        long start = Stopwatch.GetTimestamp();
        TrafficLog[] logs = await Task.WhenAll(Enumerable.Range(0, Clients)
            .Select(client => Task.Run(() => RunClientAsync(new Random(client), next, end))));
        return TrafficLog.Merge(logs, Stopwatch.GetElapsedTime(start));
    }

    private async Task<TrafficLog> RunClientAsync(Random random, Func<Random, Transfer> next, CancellationToken end)
    {
        var acknowledged = new List<Acknowledged>();
        int refused = 0;
        int unknown = 0;
        while (!end.IsCancellationRequested)
        {
            Transfer transfer = next(random);
            long begun = Stopwatch.GetTimestamp();
            try
            {
                await bank.TransferAsync(transfer);
                acknowledged.Add(new Acknowledged(transfer, begun, Stopwatch.GetTimestamp()));
            }
            catch (ShardSqlException error) when (error.Outcome == ShardSqlOutcome.Unknown)
            {
                // The server was lost while it committed: the transfer is there as a whole, or not at all.
                unknown++;
            }
            catch (ShardSqlException error) when (error.IsTransient)
            {
                // The provider has tried again as often as it may; surely nothing of the transfer happened.
                refused++;
            }
        }

        return new TrafficLog(acknowledged, refused, unknown, TimeSpan.Zero);
    }
}
