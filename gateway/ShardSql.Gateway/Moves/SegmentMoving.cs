using System;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Gateway.Commit;
using ShardSql.Gateway.Jobs;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Maps;
using ShardSql.Planning.Moves;
using ShardSql.Primitives;
using ShardSql.Sql;
using ShardSql.Storage.Client;
using ShardSql.Transactions;
using ShardSql.Transactions.Moves;

namespace ShardSql.Gateway.Moves;

/// <summary>
/// The job that moves one segment (sharding.md §2). What has been copied, and how far, the shards' logs say; the job's row
/// says what is to be done. So after the death of its gateway another one goes on, or finds that it is done.
/// </summary>
internal sealed class SegmentMoving
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(200);

    private readonly MoveServices _services;
    private readonly JobRecord _taken;
    private JobRecord _job;
    private long _notedAt;
    private readonly long _rowsBefore;
    private readonly long _bytesBefore;

    private readonly MoveEnd _end;
    private bool _isOver;
    private bool _mayBeBegun = true;
    private long _lagMs = -1;

    public SegmentMoving(MoveServices services, JobRecord taken, MoveEnd? end = null)
    {
        _services = services;
        _end = end ?? EndJob;
        _taken = taken;
        _job = taken;
        (_rowsBefore, _bytesBefore) = (taken.RowsCopied, taken.BytesCopied);
    }

    /// <summary>Works until the move is over, one way or the other, or paused.</summary>
    public async Task<JobRecord> RunAsync(CancellationToken ended)
    {
        while (!_isOver && _job.HasWork)
        {
            SystemState state = await _services.Catalog.NewestAsync(ended);
            if (state.Map.Find(new SegmentId(_job.SegmentId)) is not { } segment)
            {
                if (_job.Phase == JobPhase.Cleaning || _job.IsCancelled)
                {
                    await EndBegunAsync(state, ended);
                    return await EndAsync(isMoved: false, ended);
                }

                throw new SqlException(SqlStates.UndefinedObject, $"segment seg-{_job.SegmentId} does not exist any more");
            }

            var target = new ShardId(_job.ToShard);
            if (segment.Shard == target)
            {
                return await EndAsync(isMoved: true, ended);
            }

            var move = new MovingSegment(
                (ulong)_job.Id,
                (ulong)_taken.Epoch,
                segment,
                target,
                state.Catalog,
                SegmentContents.RangesOf(state.Catalog, segment));
            await TryAsync(move, ended);
        }

        return _job;
    }

    /// <summary>The end of a job that is nothing but a move.</summary>
    private static JobRecord EndJob(OpenTransaction transaction, JobRecord job, bool isMoved) => job with
    {
        Phase = JobPhase.Done,
        State = isMoved ? JobState.Succeeded : job.IsCancelled ? JobState.Cancelled : JobState.Failed,
        WaitingFor = isMoved ? "" : job.WaitingFor,
        EstimatedPauseMs = isMoved ? 0 : job.EstimatedPauseMs,
        LagMs = -1,
    };

    private async Task<JobRecord> EndAsync(bool isMoved, CancellationToken ended)
    {
        JobRecord job = await StepAsync((transaction, job) => _end(transaction, job, isMoved), ended);
        _isOver = true;
        return job;
    }

    private async Task TryAsync(MovingSegment move, CancellationToken ended)
    {
        _services.NoteMove();
        var copier = new SegmentCopier(_services.Client, _services.NextTicket, move);
        if (_job.Phase == JobPhase.Cleaning || _job.IsCancelled)
        {
            await copier.EndAsync(ended);
            await EndAsync(isMoved: false, ended);
            return;
        }

        try
        {
            if (SegmentContents.BuildingIn(move.Catalog, move.Segment.GroupId) is { } index)
            {
                await GiveUpAsync(copier, ended);
                await WaitAsync($"index {index.Name}, which is being built", ended);
                return;
            }

            _mayBeBegun = true;
            await copier.BeginAsync(ended);
            await CopyAsync(copier, ended);
            await VerifyAsync(move, copier, ended);
            await CatchUpAsync(move, copier, ended);
        }
        catch (MoveRefusedException refused) when (refused.Verdict == MoveVerdict.Occupied)
        {
            await copier.EndAsync(ended);
            await WaitAsync($"rows of an earlier move to be collected at shard {move.Target}", ended);
        }
        catch (MoveRefusedException refused) when (refused.Verdict is MoveVerdict.Switching or MoveVerdict.Unknown)
        {
            // The source may know of the switch before the map that was read does.
            await WaitAsync("the outcome of the switch", ended);
        }
        catch (MoveRefusedException refused) when (refused.Verdict == MoveVerdict.Stale)
        {
            throw new JobLostException(refused.Message, refused);
        }
    }

    /// <summary>Ends what was begun with a segment that has been joined to another since: where that was only the shards know.
    /// </summary>
    private async Task EndBegunAsync(SystemState state, CancellationToken ended)
    {
        foreach (ShardId shard in state.Map.DataShards.OrderBy(shard => shard.Value == _job.ToShard ? 0 : 1))
        {
            MoveReply reply = await _services.Client.MoveAsync(shard, null, ended);
            foreach (SegmentMove begun in reply.Moves)
            {
                if (begun.Segment != _job.SegmentId || begun.Job != (ulong)_job.Id || begun.Role == MoveRole.Former)
                {
                    continue;
                }

                var name = new MoveName(begun.Segment, begun.Job, (ulong)_taken.Epoch, _services.NextTicket());
                Command end = begun.Role == MoveRole.Source
                    ? new MoveOutCommand(name, MoveOutStep.End, [], default)
                    : new MoveInCommand(name, MoveInStep.End, [], [], default, [], default);
                MoveVerdict verdict = (await _services.Client.MoveAsync(shard, end, ended)).Verdict;
                if (verdict != MoveVerdict.Done)
                {
                    throw new MoveRefusedException($"shard {shard} refused the end of the move: {verdict}", verdict);
                }
            }
        }
    }

    /// <summary>Ends what this runner, or one before it, has begun: a move holds the horizon back, which a table that is
    /// rewritten waits for.</summary>
    private async Task GiveUpAsync(SegmentCopier copier, CancellationToken ended)
    {
        if (_mayBeBegun)
        {
            await copier.EndAsync(ended);
            _mayBeBegun = false;
        }
    }

    private async Task CopyAsync(SegmentCopier copier, CancellationToken ended)
    {
        await StepAsync(job => job with { Phase = JobPhase.Copying, WaitingFor = "" }, ended);
        JobPace pace = PaceOf(copier, JobPhase.Copying);
        while (!copier.HasCopiedAll && _job.GoesOn)
        {
            long before = copier.Bytes;
            long began = _services.Time.GetTimestamp();
            await copier.CopyPartAsync(ended);
            if (!copier.HasCopiedAll)
            {
                await pace.RestAsync(began, ended);
            }

            await pace.ThrottleAsync(copier.Bytes - before, ended);
            if (_services.Time.GetElapsedTime(_notedAt) > JobPace.NoteInterval)
            {
                await NoteAfterPassAsync(copier, JobPhase.Copying, ended);
            }
        }
    }

    private JobPace PaceOf(SegmentCopier copier, string phase) =>
        new(_services.Time, () => _job, ended => NoteAfterPassAsync(copier, phase, ended));

    // The horizon waits for what is not staged yet.
    private async Task NoteAfterPassAsync(SegmentCopier copier, string phase, CancellationToken ended)
    {
        await PassAsync(copier, ended);
        await NoteAsync(copier, phase, ended);
    }

    private async Task VerifyAsync(MovingSegment move, SegmentCopier copier, CancellationToken ended)
    {
        var verifier = new SegmentVerifier(_services.Client, move, copier);
        JobPace pace = PaceOf(copier, JobPhase.Verifying);
        while (!verifier.IsDone && _job.GoesOn && !_job.SkipsVerify)
        {
            if (_job.Phase != JobPhase.Verifying || _services.Time.GetElapsedTime(_notedAt) > JobPace.NoteInterval)
            {
                await NoteAfterPassAsync(copier, JobPhase.Verifying, ended);
            }

            long began = _services.Time.GetTimestamp();
            if (await TryCompareAsync(verifier, copier, ended))
            {
                await (verifier.IsDone ? Task.CompletedTask : pace.RestAsync(began, ended));
            }
            else
            {
                // The target's horizon was ahead of what the source had closed when the move began.
                await Task.Delay(s_look, _services.Time, ended);
                await PassAsync(copier, ended);
            }
        }
    }

    private static async Task<bool> TryCompareAsync(
        SegmentVerifier verifier, SegmentCopier copier, CancellationToken ended)
    {
        try
        {
            return await verifier.CompareAsync(ended);
        }
        catch (SqlException different) when (different.SqlState == SqlStates.DataCorrupted)
        {
            await copier.EndAsync(ended);
            throw;
        }
    }

    private async Task CatchUpAsync(MovingSegment move, SegmentCopier copier, CancellationToken ended)
    {
        var switcher = new SegmentSwitcher(_services, move, copier, () => _job.MaxPauseMs);
        for (int pass = 0; _job.GoesOn; pass++)
        {
            long bytes = await PassAsync(copier, ended);
            long tookMs = _lagMs;
            if (pass == 0 || _services.Time.GetElapsedTime(_notedAt) > JobPace.NoteInterval)
            {
                _job = _job with { EstimatedPauseMs = 2 * tookMs };
                await NoteAsync(copier, JobPhase.CatchingUp, ended);
                continue;
            }

            if (bytes > GatewayLimits.MoveTailBytes || 2 * tookMs > _job.MaxPauseMs)
            {
                await ExceedAsync(copier, 2 * tookMs, ended);
                continue;
            }

            if (_job.GoesOn && await PauseInTurnAsync(switcher, copier, ended))
            {
                return;
            }
        }
    }

    /// <summary>The pause would be too long (55P04), as the statement wants it: the end, or more catching up.</summary>
    private async Task ExceedAsync(SegmentCopier copier, long estimateMs, CancellationToken ended)
    {
        if (_job.AbortsOnPause && estimateMs > _job.MaxPauseMs)
        {
            await copier.EndAsync(ended);
            throw new SqlException(
                SqlStates.WritePauseExceeded,
                $"writes would wait for {estimateMs} ms, and max_write_pause is {_job.MaxPauseMs} ms");
        }
    }

    private async Task<bool> PauseInTurnAsync(SegmentSwitcher switcher, SegmentCopier copier, CancellationToken ended)
    {
        await _services.Catalog.MapTurn.WaitAsync(ended);
        try
        {
            return await PauseAsync(switcher, copier, ended);
        }
        finally
        {
            _services.Catalog.MapTurn.Release();
        }
    }

    /// <summary>Fences the segment and switches; true: this try is over, whatever became of it.</summary>
    private async Task<bool> PauseAsync(SegmentSwitcher switcher, SegmentCopier copier, CancellationToken ended)
    {
        using var pause = new CancellationTokenSource(TimeSpan.FromMilliseconds(_job.MaxPauseMs), _services.Time);
        long started = _services.Time.GetTimestamp();
        await copier.StepAsync(MoveOutStep.Fence, ended);
        JobRecord? switched = null;
        SwitchResult result = await switcher.RunAsync(
            async system =>
            {
                JobRecord job = await _services.JobRows.RequireAsync(system, _taken, ended);
                job = job with
                {
                    RowsCopied = _rowsBefore + copier.Rows,
                    BytesCopied = _bytesBefore + copier.Bytes,
                    RealPauseUs = (long)_services.Time.GetElapsedTime(started).TotalMicroseconds,
                };
                switched = _services.JobRows.Write(system, _end(system, job, isMoved: true));
            },
            pause.Token,
            ended);
        if (result == SwitchResult.Switched)
        {
            (_job, _isOver) = (switched!, true);
            await _services.Catalog.RefreshAsync(ended);
            return true;
        }

        await copier.StepAsync(MoveOutStep.Unfence, ended);
        await StepAsync(job => job with { Attempts = job.Attempts + 1, Phase = JobPhase.CatchingUp }, ended);
        if (result == SwitchResult.OtherTables)
        {
            await copier.EndAsync(ended);
            return true;
        }

        await ExceedAsync(copier, _job.MaxPauseMs + 1, ended);
        return false;
    }

    private Task<JobRecord> NoteAsync(SegmentCopier copier, string phase, CancellationToken ended) => StepAsync(
        job => job with
        {
            Phase = phase,
            RowsCopied = _rowsBefore + copier.Rows,
            BytesCopied = _bytesBefore + copier.Bytes,
            EstimatedPauseMs = _job.EstimatedPauseMs,
            LagMs = _lagMs,
        },
        ended);

    /// <summary>A pass; what is staged then is what the source had when it began.</summary>
    private async Task<long> PassAsync(SegmentCopier copier, CancellationToken ended)
    {
        long started = _services.Time.GetTimestamp();
        long bytes = await copier.CatchUpAsync(ended);
        _lagMs = (long)_services.Time.GetElapsedTime(started).TotalMilliseconds;
        return bytes;
    }

    private async Task WaitAsync(string what, CancellationToken ended)
    {
        await StepAsync(job => job with { WaitingFor = what }, ended);
        await Task.Delay(s_look, _services.Time, ended);
    }

    private Task<JobRecord> StepAsync(Func<JobRecord, JobRecord> step, CancellationToken ended) =>
        StepAsync((_, job) => step(job), ended);

    private async Task<JobRecord> StepAsync(Func<OpenTransaction, JobRecord, JobRecord> step, CancellationToken ended)
    {
        _job = await _services.Store.ChangeAsync(
            async transaction =>
            {
                JobRecord job = await _services.JobRows.RequireAsync(transaction, _taken, ended);
                return (_services.JobRows.Write(transaction, step(transaction, job)), HasWrites: true);
            },
            ended);
        _notedAt = _services.Time.GetTimestamp();
        return _job;
    }
}
