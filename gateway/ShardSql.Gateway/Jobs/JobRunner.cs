using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Gateway.Commit;
using ShardSql.Gateway.Plans;
using ShardSql.Gateway.Sessions;
using ShardSql.Gateway.Statements;
using ShardSql.Sql;
using ShardSql.Storage.Client;

namespace ShardSql.Gateway.Jobs;

/// <summary>
/// Works on jobs: those that this gateway's sessions begin, at once, and those that nobody works on any more, when their
/// lease is over. What a gateway leaves behind when it dies another goes on with from the last position.
/// </summary>
internal sealed class JobRunner(GatewayServices services) : IDisposable
{
    private readonly SemaphoreSlim _signal = new(0);
    private readonly Dictionary<long, (JobRecord Taken, Task Work)> _running = [];

    /// <summary>Says that there is a new job.</summary>
    public void Signal()
    {
        _signal.Release();
    }

    /// <summary>Runs until the gateway stops.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            while (true)
            {
                await LookAsync(stopping);
                await WaitAsync(stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            await Task.WhenAll(_running.Values.Select(static job => job.Work));
            await ReleaseAllAsync();
        }
    }

    /// <summary>What this gateway has begun and not ended another takes at once.</summary>
    private async Task ReleaseAllAsync()
    {
        using var limit = new CancellationTokenSource(GatewayLimits.StopTimeout, services.Time);
        try
        {
            foreach ((JobRecord taken, _) in _running.Values)
            {
                await services.JobRows.ReleaseAsync(taken, limit.Token);
            }

            await services.Automatic.ReleaseAsync(limit.Token);
            await services.Spillover.ReleaseAsync(limit.Token);
        }
        catch (Exception failure) when (failure is ShardUnavailableException or SqlException or GatewayException or OperationCanceledException)
        {
            // Then others wait for the leases to run out.
            Log.BackgroundFailed(services.Logger, failure);
        }
    }

    public void Dispose() => _signal.Dispose();

    private async Task WaitAsync(CancellationToken stopping)
    {
        using var limit = new CancellationTokenSource(GatewayLimits.JobPollInterval, services.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stopping);
        try
        {
            await _signal.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            // Nobody said anything: another gateway may have left a job.
        }
    }

    /// <summary>Looks once for jobs that nobody works on, and begins to work on them.</summary>
    public async Task LookAsync(CancellationToken stopping)
    {
        Forget();
        try
        {
            List<JobRecord> jobs = await services.JobRows.ListAsync(stopping);
            int steps = 0;
            for (int i = jobs.Count - 1; i >= 0; i--)
            {
                steps += jobs[i].Steps;
                if (jobs[i].HasEnded && (jobs.Count - i > GatewayLimits.MaxKeptJobs || steps > GatewayLimits.MaxKeptSteps))
                {
                    await services.JobRows.ForgetAsync(jobs[i].Id, stopping);
                }
            }

            foreach (JobRecord job in jobs)
            {
                if (job.HasWork && !_running.ContainsKey(job.Id) && _running.Count < GatewayLimits.MaxRunningJobs
                    && await services.JobRows.TakeAsync(job.Id, stopping) is { } taken)
                {
                    _running.Add(taken.Id, (taken, WorkAsync(taken, stopping)));
                }
            }
        }
        catch (Exception failure) when (failure is ShardUnavailableException or SqlException or GatewayException)
        {
            // The next look finds them again.
            Log.BackgroundFailed(services.Logger, failure);
        }
    }

    private void Forget()
    {
        foreach (long id in (long[])[.. _running.Keys])
        {
            if (_running[id].Work.IsCompleted)
            {
                _running.Remove(id);
            }
        }
    }

    private async Task WorkAsync(JobRecord job, CancellationToken stopping)
    {
        await Task.Yield();
        for (int attempt = 1; ; attempt++)
        {
            Exception failure;
            try
            {
                await (job.IsBuild
                    ? new IndexBuild(services, job).RunAsync(stopping)
                    : new MapJob(services, job).RunAsync(stopping));
                return;
            }
            catch (JobLostException)
            {
                return;
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // Whatever it is, the job's row says it, and the gateway lives on.
            catch (Exception any)
#pragma warning restore CA1031
            {
                failure = any;
            }

            if (await NoteAsync(job, failure, attempt, stopping) is not { HasEnded: false } noted)
            {
                return;
            }

            attempt = IsFurther(noted, job) ? 0 : attempt;
            job = noted;
        }
    }

    private static bool IsFurther(JobRecord now, JobRecord before) =>
        now.StepsDone > before.StepsDone || now.ShardsDone > before.ShardsDone || now.RowsCopied > before.RowsCopied
        || now.DoneWeight > before.DoneWeight;

    /// <summary>Notes what went wrong: it is tried again, or where that is of no use the job takes back what it
    /// did. Null: somebody else has the job, or nobody can be told.</summary>
    private async Task<JobRecord?> NoteAsync(JobRecord job, Exception failure, int attempt, CancellationToken stopping)
    {
        Protocol.Messages.Error error = ErrorFrames.From(failure, out bool isCatalogued);

        if (!isCatalogued)
        {
            Log.JobFailed(services.Logger, failure, job.Id, job.Target);
        }

        // A pause that would be too long is for the one who limited it to decide on, not for another attempt.
        bool isFinal = (isCatalogued && failure is SqlException && (!error.IsTransient || error.SqlState == SqlStates.WritePauseExceeded))
            || attempt >= GatewayLimits.MaxJobAttempts;
        try
        {
            await Backoff.BeforeRecoveryAsync(attempt, services.Time, stopping);
            await services.Catalog.RefreshAsync(stopping);
            return await services.Store.ChangeAsync(
                async transaction =>
                {
                    JobRecord now = await services.JobRows.RequireAsync(transaction, job, stopping);
                    now = now with
                    {
                        Attempts = now.Attempts + 1,
                        ErrorState = error.SqlState,
                        LastError = error.Message,
                        ErrorDetail = error.Detail,
                        Phase = isFinal ? JobPhase.Cleaning : now.Phase,
                    };
                    return (services.JobRows.Write(transaction, now), HasWrites: true);
                },
                stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return null;
        }
        catch (Exception again) when (again is JobLostException or ShardUnavailableException or SqlException or GatewayException)
        {
            // When the lease is over, any gateway takes it again.
            Log.BackgroundFailed(services.Logger, again);
            return null;
        }
    }
}
