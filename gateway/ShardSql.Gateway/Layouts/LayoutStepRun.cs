using System;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Gateway.Commit;
using ShardSql.Gateway.Jobs;
using ShardSql.Planning.Catalogs;
using ShardSql.Sql;
using ShardSql.Storage.Client;
using ShardSql.Storage.Nodes;

namespace ShardSql.Gateway.Layouts;

/// <summary>
/// One step of a job that changes the layout. What has been reached the layout, the topology and the shards' logs say; the
/// job's row says what is to be done. So after the death of its gateway another one goes on, or finds that it is done.
/// </summary>
/// <param name="services">The gateway.</param>
/// <param name="taken">The job as this gateway took it.</param>
/// <param name="step">The step.</param>
/// <param name="done">Notes in a transaction that the step is done.</param>
internal sealed partial class LayoutStepRun(
    GatewayServices services, JobRecord taken, LayoutStep step, Func<OpenTransaction, JobRecord, JobRecord> done)
{
    private readonly GroupSteps _groups = new(services.Client, services.Nodes);
    private JobRecord? _now;
    private bool _isOver;

    private JobRecord Job
    {
        get => _now ?? taken;
        set => _now = value;
    }

    private bool GoesOn => !_isOver && !Job.IsCancelled && !Job.IsPaused;

    /// <summary>Works until the step is done, or the job is cancelled or paused.</summary>
    public async Task<JobRecord> RunAsync(JobRecord job, CancellationToken ended)
    {
        Job = job;
        await services.Catalog.CatchUpAsync(services.Catalog.Current, ended);
        await (step.Kind switch
        {
            LayoutStepKind.Mark => MarkAsync(ended),
            LayoutStepKind.HandOver => HandOverAsync(ended),
            LayoutStepKind.AddReplica => AddReplicaAsync(ended),
            LayoutStepKind.RemoveReplica => RemoveReplicaAsync(ended),
            LayoutStepKind.CreateShard => CreateShardAsync(ended),
            LayoutStepKind.FillShard => FillShardAsync(ended),
            LayoutStepKind.OpenShard => OpenShardAsync(ended),
            LayoutStepKind.CloseShard => CloseShardAsync(ended),
            _ => DropShardAsync(ended),
        });
        return Job;
    }

    /// <summary>Changes layout or topology, and notes it: as the end of the step where it is that.</summary>
    private async Task ChangeAsync(
        Func<SystemState, ClusterLayout, LayoutChange?> edit, bool isEnd, CancellationToken ended)
    {
        JobRecord? after = null;
        bool isMade = await services.LayoutRows.ChangeAsync(
            edit,
            async transaction =>
            {
                JobRecord job = await services.JobRows.RequireAsync(transaction, taken, ended);
                if (job.IsCancelled || job.IsPaused)
                {
                    return false;
                }

                after = services.JobRows.Write(transaction, isEnd ? done(transaction, job) : job);
                return true;
            },
            ended);
        if (isMade)
        {
            (Job, _isOver) = (after!, isEnd);
        }
        else
        {
            await NoteAsync((transaction, job) => isEnd && !job.IsCancelled && !job.IsPaused ? End(transaction, job) : job, ended);
        }
    }

    private JobRecord End(OpenTransaction transaction, JobRecord job)
    {
        _isOver = true;
        return done(transaction, job);
    }

    private Task EndAsync(CancellationToken ended) => NoteAsync(End, ended);

    private async Task NoteAsync(Func<OpenTransaction, JobRecord, JobRecord> note, CancellationToken ended) =>
        Job = await services.Store.ChangeAsync(
            async transaction =>
            {
                JobRecord job = await services.JobRows.RequireAsync(transaction, taken, ended);
                return (services.JobRows.Write(transaction, note(transaction, job)), HasWrites: true);
            },
            ended);

    /// <summary>Asks again and again, until it holds; whoever waits for it sees what it waits for. False: the job is cancelled
    /// or paused.</summary>
    private async Task<bool> UntilAsync(Func<CancellationToken, Task<GroupStep>> ask, CancellationToken ended)
    {
        long noted = services.Time.GetTimestamp();
        while (GoesOn)
        {
            GroupStep reached = await AskAsync(ask, ended);
            if (reached.IsDone)
            {
                return true;
            }

            if (Job.WaitingFor != reached.Why || services.Time.GetElapsedTime(noted) >= GatewayLimits.GroupNoteInterval)
            {
                await NoteAsync((_, job) => job with { WaitingFor = reached.Why }, ended);
                noted = services.Time.GetTimestamp();
            }

            await Task.Delay(GatewayLimits.GroupPollInterval, services.Time, ended);
        }

        return false;
    }

    private async Task<GroupStep> AskAsync(Func<CancellationToken, Task<GroupStep>> ask, CancellationToken ended)
    {
        using var limit = new CancellationTokenSource(GatewayLimits.GroupAskTime, services.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ended);
        try
        {
            return await ask(either.Token);
        }
        catch (ShardUnavailableException)
        {
            return new GroupStep(false, $"a leader of shard {step.Shard}");
        }
        catch (OperationCanceledException) when (!ended.IsCancellationRequested)
        {
            return new GroupStep(false, $"a leader of shard {step.Shard}");
        }
    }

    private static SqlException Refused(string message, string hint) =>
        new(SqlStates.ObjectNotInPrerequisiteState, message) { Hint = hint };
}
