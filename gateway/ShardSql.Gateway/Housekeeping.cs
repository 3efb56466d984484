using System;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Gateway.Moves;
using ShardSql.Gateway.Submissions;
using ShardSql.Sql;
using ShardSql.Storage.Client;

namespace ShardSql.Gateway;

/// <summary>What a gateway does by the clock: work on jobs, begin those that the
/// cluster's settings ask for, bring deltas home, follow the catalog, report the oldest snapshot, forget old
/// answers.</summary>
internal sealed class Housekeeping(GatewayServices services, TransactionSubmitter submitter)
{
    private readonly MovedRows _moved = new(services.Moves, failure => Log.BackgroundFailed(services.Logger, failure));

    /// <summary>Runs until the gateway stops.</summary>
    public Task RunAsync(CancellationToken stopping)
    {
        // A reader of the first second would hold nothing otherwise.
        _ = ReportAsync(stopping);
        return Task.WhenAll(
            services.Jobs.RunAsync(stopping),
            EveryAsync(GatewayLimits.CatalogPollInterval, services.Catalog.PollAsync, stopping),
            EveryAsync(GatewayLimits.SnapshotReportInterval, ReportAsync, stopping),
            EveryAsync(GatewayLimits.SweepInterval, SweepAsync, stopping),
            EveryAsync(GatewayLimits.CollectInterval, _moved.CollectAsync, stopping),
            EveryAsync(GatewayLimits.SpilloverTick, services.Spillover.LookAsync, stopping),
            EveryAsync(services.Options.Automatic.Period, services.Automatic.LookAsync, stopping));
    }

    private async Task EveryAsync(TimeSpan interval, Func<CancellationToken, Task> work, CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(interval, services.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(stopping))
            {
                await work(stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The gateway stops.
        }
    }

    private Task ReportAsync(CancellationToken cancellationToken)
    {
        services.Client.ReportOldestSnapshot(services.Snapshots.Oldest(services.Stamps));
        return Task.CompletedTask;
    }

    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        services.Sequences.Keep(services.Catalog.Current.Catalog);
        try
        {
            await submitter.SweepAsync(cancellationToken);
        }
        catch (Exception failure) when (failure is ShardUnavailableException or SqlException or GatewayException)
        {
            // The next sweep finds them again.
            Log.BackgroundFailed(services.Logger, failure);
        }
    }
}
