using System;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Gateway.Commit;
using ShardSql.Gateway.Jobs;
using ShardSql.Gateway.Layouts;
using ShardSql.Gateway.Moves;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Maps;
using ShardSql.Planning.Moves;
using ShardSql.Planning.Plans;
using ShardSql.Primitives;

namespace ShardSql.Gateway.Plans;

/// <summary>
/// A job of many small steps, each a change of the map, a move, or a change of the layout, one after another (sharding.md
/// §1, §5). The job's row says
/// how many are done and the next step is a row of its own; the transaction that makes a step's change writes both. So
/// whoever takes the job goes on where it stands, a step is done once, and a gateway that has lost the job changes nothing.
/// </summary>
internal sealed class MapJob
{
    private readonly GatewayServices _services;
    private readonly JobRecord _taken;
    private JobRecord _job;

    public MapJob(GatewayServices services, JobRecord taken)
    {
        _services = services;
        _taken = taken;
        _job = taken;
    }

    private JobStore Jobs => _services.JobRows;

    /// <summary>Works until the job has ended, or is paused.</summary>
    public async Task<JobRecord> RunAsync(CancellationToken ended)
    {
        while (_job.HasWork)
        {
            if (_job.SegmentId != 0)
            {
                _job = await new SegmentMoving(_services.Moves, _job, EndMove(await CurrentAsync(ended))).RunAsync(ended);
            }
            else if (_job.IsCancelled || _job.Phase == JobPhase.Cleaning)
            {
                await EndAsync(ended);
            }
            else if (_job.StepsDone >= _job.Steps)
            {
                await NoteAsync((_, job) => Ended(job, JobState.Succeeded), ended);
            }
            else
            {
                await BeginAsync(await CurrentAsync(ended), ended);
            }
        }

        return _job;
    }

    private static JobRecord Ended(JobRecord job, JobState state) => job with
    {
        Phase = JobPhase.Done, State = state, SegmentId = 0, LagMs = -1, EstimatedPauseMs = 0, WaitingFor = "",
    };

    private Task<StepRecord> CurrentAsync(CancellationToken ended) => _services.Store.ChangeAsync(
        async transaction =>
        {
            StepRecord? step = await Jobs.Steps.FindAsync(transaction, _job.Id, _job.StepsDone + 1, ended);
            Invariant.Check(step is not null, "A job has all of its steps.");
            return (step!, HasWrites: false);
        },
        ended);

    /// <summary>Begins the next step: a change of the map is done at once.</summary>
    private async Task BeginAsync(StepRecord step, CancellationToken ended)
    {
        if (step.Layout is { } layout)
        {
            await RunAsync(step, layout, ended);
            return;
        }

        MapStep map = step.Map!;
        if (map.Kind != MapStepKind.Move)
        {
            await ChangeAsync(step, ended);
            return;
        }

        await _services.Catalog.CatchUpAsync(_services.Catalog.Current, ended);
        Segment segment = MapSteps.SegmentOf(_services.Catalog.Current, map);
        await NoteAsync(
            async (transaction, job) =>
            {
                // No shard is closed between this and the job's row, which says where the segment goes.
                await RequireOpenAsync(transaction, map.To, ended);
                Jobs.Steps.Put(transaction, job.Id, step with { State = StepState.Running, StartedMs = Jobs.NowMs });
                return job with
                {
                    Phase = JobPhase.Planned,
                    SegmentId = segment.Id.Value,
                    ToShard = map.To.Value,
                    StepWeight = step.Weight,
                    EstimatedPauseMs = step.EstimatedPauseMs,
                };
            },
            ended);
    }

    private async Task RequireOpenAsync(OpenTransaction transaction, ShardId shard, CancellationToken ended)
    {
        byte[]? row = await _services.Store.GetAsync(transaction, SystemKeys.Topology, ended);
        SystemState state = _services.Catalog.Current;
        _ = SegmentNames.Require(
            row is null ? state : state with { Map = new ShardMap(state.Map.Version, Topology.Decode(row), []) }, shard);
    }

    private async Task RunAsync(StepRecord step, LayoutStep layout, CancellationToken ended)
    {
        if (step.State != StepState.Running)
        {
            step = step with { State = StepState.Running, StartedMs = Jobs.NowMs };
            await NoteAsync(
                (transaction, job) =>
                {
                    Jobs.Steps.Put(transaction, job.Id, step);
                    return job with { StepWeight = step.Weight };
                },
                ended);
        }

        _job = await new LayoutStepRun(_services, _taken, layout, (transaction, job) => Done(transaction, job, step))
            .RunAsync(_job, ended);
    }

    private async Task ChangeAsync(StepRecord step, CancellationToken ended)
    {
        MapStep map = step.Map!;
        DdlChange? change = null;
        JobRecord? after = null;
        bool isMade = await _services.Schema.ChangeAsync(
            state => change = MapSteps.ChangeOf(state, map),
            async transaction =>
            {
                JobRecord job = await Jobs.RequireAsync(transaction, _taken, ended);
                if (job.IsCancelled || job.IsPaused)
                {
                    return false;
                }

                after = Jobs.Write(transaction, Done(transaction, job, step with { StartedMs = Jobs.NowMs }));
                return true;
            },
            ended);
        if (isMade)
        {
            _job = after!;
        }
        else if (change is null)
        {
            await NoteAsync((transaction, job) => Done(transaction, job, step with { StartedMs = Jobs.NowMs }), ended);
        }
        else
        {
            await NoteAsync(static (_, job) => job, ended);
        }
    }

    private MoveEnd EndMove(StepRecord step)
    {
        long longestUs = _job.RealPauseUs;
        return (transaction, job, isMoved) =>
        {
            if (!isMoved)
            {
                PutEnd(transaction, job, step);
                return Ended(job, job.IsCancelled ? JobState.Cancelled : JobState.Failed);
            }

            JobRecord done = Done(
                transaction, job, step with { RealPauseUs = job.RealPauseUs, EstimatedPauseMs = Pause(step, job) });
            return done with { RealPauseUs = Math.Max(longestUs, job.RealPauseUs) };
        };
    }

    private static long Pause(StepRecord step, JobRecord job) =>
        job.EstimatedPauseMs > 0 ? job.EstimatedPauseMs : step.EstimatedPauseMs;

    /// <summary>The job with one step more done.</summary>
    private JobRecord Done(OpenTransaction transaction, JobRecord job, StepRecord step)
    {
        Jobs.Steps.Put(transaction, job.Id, step with
        {
            State = StepState.Done,
            FinishedMs = Jobs.NowMs,
            Rows = job.RowsOfStep,
            Bytes = job.BytesOfStep,
        });
        return job with
        {
            Phase = JobPhase.Planned,
            SegmentId = 0,
            StepsDone = job.StepsDone + 1,
            DoneWeight = job.DoneWeight + step.Weight,
            StepWeight = 0,
            RowsOfSteps = job.RowsCopied,
            BytesOfSteps = job.BytesCopied,
            WaitingFor = "",
            LagMs = -1,
        };
    }

    /// <summary>Ends a job whose step is not on its way: what has been done stays.</summary>
    private async Task EndAsync(CancellationToken ended)
    {
        StepRecord? step = _job.StepsDone < _job.Steps ? await CurrentAsync(ended) : null;
        if (_job.IsCancelled && step?.Layout is not null)
        {
            await new LayoutUndo(_services, _taken).RunAsync(step, ended);
        }

        await NoteAsync(
            (transaction, job) =>
            {
                if (step is not null)
                {
                    PutEnd(transaction, job, step);
                }

                return Ended(job, job.IsCancelled ? JobState.Cancelled : JobState.Failed);
            },
            ended);
    }

    private void PutEnd(OpenTransaction transaction, JobRecord job, StepRecord step) =>
        Jobs.Steps.Put(transaction, job.Id, step with
        {
            State = job.IsCancelled ? StepState.Cancelled : StepState.Failed,
            FinishedMs = Jobs.NowMs,
            Rows = job.RowsOfStep,
            Bytes = job.BytesOfStep,
            Error = job.IsCancelled ? "" : JobStatements.TextOf(job),
        });

    private Task NoteAsync(Func<OpenTransaction, JobRecord, JobRecord> step, CancellationToken ended) =>
        NoteAsync((transaction, job) => Task.FromResult(step(transaction, job)), ended);

    private async Task NoteAsync(Func<OpenTransaction, JobRecord, Task<JobRecord>> step, CancellationToken ended) =>
        _job = await _services.Store.ChangeAsync(
            async transaction =>
            {
                JobRecord job = await Jobs.RequireAsync(transaction, _taken, ended);
                return (Jobs.Write(transaction, await step(transaction, job)), HasWrites: true);
            },
            ended);
}
