using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Gateway.Commit;
using ShardSql.Gateway.Jobs;
using ShardSql.Gateway.Layouts;
using ShardSql.Gateway.Moves;
using ShardSql.Gateway.Sessions;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Ddl;
using ShardSql.Planning.Moves;
using ShardSql.Sql;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Parsing;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Gateway.Plans;

/// <summary>REVERT JOB, RETRY JOB, ALTER JOB (sql.md §2).</summary>
internal sealed class JobRepairs(GatewayServices services)
{
    // Each step of a dry run makes a map anew.
    private const int DryRunSteps = 1_000;

    private JobStore Jobs => services.JobRows;

    /// <summary>Begins the job that takes back what an ended one has done, in the opposite order.</summary>
    public async Task<JobRecord> RevertAsync(long id, Func<TimeSpan> timeLeft, CancellationToken ended)
    {
        JobRecord job = await Jobs.FindAsync(id, ended) ?? throw JobStatements.NoJob(id);
        if (!job.HasEnded)
        {
            throw Refused($"job {id} has not ended: it is {JobStatements.StateName(job)}", $"CANCEL JOB {id} ends it, WAIT JOB {id} waits for it.");
        }

        if (job.IsBuild)
        {
            return job.IsRewrite
                ? await RewriteBackAsync(job, timeLeft, ended)
                : await DropIndexAsync(job, timeLeft, ended);
        }

        List<StepRecord> steps = await ReadAsync(id, ended);
        RequireOfMap(steps, $"job {id} cannot be reverted: it changed the layout");
        List<StepRecord> done =
        [
            .. steps.Where(static step => step.State == StepState.Done && step.Map is not null),
        ];
        done.Reverse();
        if (done.Count == 0)
        {
            throw Refused($"job {id} has done nothing that could be taken back", $"RETRY JOB {id} begins it again.");
        }

        return await BeginOppositeAsync(job, done, ended);
    }

    /// <summary>Goes on with a job that has failed or was cancelled, from the step at which it stopped.</summary>
    public async Task<JobRecord> RetryAsync(long id, Func<TimeSpan> timeLeft, CancellationToken ended)
    {
        JobRecord job = await Jobs.FindAsync(id, ended) ?? throw JobStatements.NoJob(id);
        RequireStopped(job);
        if (job is { Kind: LayoutTags.DrainNode, State: JobState.Cancelled })
        {
            throw Refused($"job {id} was cancelled, and its node is no longer marked", $"DRAIN NODE begins anew: {job.Target}.");
        }

        return job.IsBuild
            ? await BuildAgainAsync(job, timeLeft, ended)
            : await services.Store.ChangeAsync(
                async transaction =>
                {
                    JobRecord now = await Jobs.GetAsync(transaction, id, ended) ?? throw JobStatements.NoJob(id);
                    RequireStopped(now);
                    now = Anew(now);
                    if (await Jobs.Steps.FindAsync(transaction, id, now.StepsDone + 1, ended) is { } step)
                    {
                        Jobs.Steps.Put(transaction, id, step.Anew());
                    }

                    JobStore.Put(transaction, now);
                    return (now, HasWrites: true);
                },
                ended);
    }

    /// <summary>Changes the options of a job that runs; what works on it sees them at its next note.</summary>
    public async Task<JobRecord> AlterAsync(
        long id, IReadOnlyList<Option> options, Func<Expression, SqlValue> evaluate, CancellationToken ended)
    {
        foreach (Option option in options)
        {
            if (option.Name is "wait" or "max_moves")
            {
                throw new SqlException(
                    SqlStates.InvalidParameterValue, $"{option.Name} of a job cannot be changed", (int)option.Position)
                {
                    Hint = "ALTER JOB changes throttle, max_write_pause, on_pause_exceeded and verify.",
                };
            }
        }

        JobRecord job = await Jobs.ChangeAsync(
            id, job => job.HasEnded ? null : Altered(job, options, evaluate), ended)
            ?? throw JobStatements.NoJob(id);
        return job.HasEnded
            ? throw Refused($"job {id} has ended: {JobStatements.StateName(job)}", $"RETRY JOB {id} begins it again.")
            : job;
    }

    private static JobRecord Altered(
        JobRecord job, IReadOnlyList<Option> options, Func<Expression, SqlValue> evaluate)
    {
        MoveOptions wanted = job.IsBuild
            ? MoveOptions.OfBuild(options, evaluate, job.IsRewrite, OptionsOf(job))
            : MoveOptions.Of(options, evaluate, OptionsOf(job));
        return job with
        {
            MaxPauseMs = (int)wanted.MaxWritePause.TotalMilliseconds,
            AbortsOnPause = wanted.AbortsOnPause,
            Throttle = wanted.Throttle,
            SkipsVerify = !wanted.Verifies,
        };
    }

    private static MoveOptions OptionsOf(JobRecord job) => new()
    {
        MaxWritePause = TimeSpan.FromMilliseconds(job.MaxPauseMs),
        AbortsOnPause = job.AbortsOnPause,
        Throttle = job.Throttle,
        Verifies = !job.SkipsVerify,
    };

    private static JobRecord Anew(JobRecord job) => job with
    {
        State = JobState.Running,
        Phase = JobPhase.Planned,
        IsCancelled = false,
        IsPaused = false,
        Attempts = 0,
        ErrorState = "",
        LastError = "",
        ErrorDetail = "",
        WaitingFor = "",
        SegmentId = 0,
        StepWeight = 0,
        RowsCopied = job.RowsOfSteps,
        BytesCopied = job.BytesOfSteps,
        LeaseUntilMs = 0,
        StartedMs = 0,
        FinishedMs = 0,
    };

    private static void RequireOfMap(List<StepRecord> steps, string why)
    {
        if (steps.Find(static step => step.Layout is not null)?.Layout is { } layout)
        {
            throw Refused(why, layout.Kind switch
            {
                LayoutStepKind.AddReplica => $"ALTER SHARD {layout.Shard} REMOVE REPLICA ON {layout.Node} takes it back.",
                LayoutStepKind.RemoveReplica => $"ALTER SHARD {layout.Shard} ADD REPLICA ON {layout.Node} takes it back.",
                LayoutStepKind.CreateShard => $"DROP SHARD {layout.Shard} takes it back.",
                LayoutStepKind.Mark => $"ADD NODE {layout.Node} AT its address lets replicas be placed there again.",
                _ => "CREATE SHARD makes another shard.",
            });
        }
    }

    private static void RequireStopped(JobRecord job)
    {
        if (job.State is not (JobState.Failed or JobState.Cancelled))
        {
            throw Refused(
                $"job {job.Id} has neither failed nor been cancelled: it is {JobStatements.StateName(job)}",
                job.HasEnded ? $"REVERT JOB {job.Id} takes back what it did." : $"WAIT JOB {job.Id} waits for it.");
        }
    }

    private Task<List<StepRecord>> ReadAsync(long id, CancellationToken ended) => services.Store.ChangeAsync(
        async transaction =>
        {
            List<StepRecord> steps = [.. (await Jobs.Steps.ListAsync(transaction, id, ended)).Select(static s => s.Step)];
            return (steps, HasWrites: false);
        },
        ended);

    private async Task<JobRecord> BeginOppositeAsync(JobRecord job, List<StepRecord> done, CancellationToken ended)
    {
        long id = await Jobs.NextIdAsync(ended);
        for (int attempt = 1; ; attempt++)
        {
            SystemState state = await services.Catalog.NewestAsync(ended);
            var steps = new List<StepRecord>();
            SystemState then = state;
            foreach (StepRecord step in done)
            {
                MapStep opposite = step.Map!.Opposite();
                then = done.Count <= DryRunSteps ? Require(then, opposite, job) : then;
                steps.Add(StepDescriber.Describe(state, opposite, steps.Count + 1) with
                {
                    EstimatedRows = step.Rows,
                    EstimatedBytes = step.Bytes,
                    EstimatedPauseMs = step.RealPauseMs,
                });
            }

            JobRecord opposing = PlanJobs.JobOf(
                id, $"{JobRecord.Revert} {job.Kind}", $"job {job.Id}: {job.Target}", steps, OptionsOf(job)) with
            {
                Reverts = job.Id,
            };
            if (await services.Plans.PutAsync(opposing, steps, state.Map.Version, ended) is { } begun)
            {
                return begun;
            }

            PlanJobs.RequireRest(attempt);
        }
    }

    private static SystemState Require(SystemState state, MapStep step, JobRecord job)
    {
        try
        {
            return MapSteps.After(state, step);
        }
        catch (SqlException impossible)
        {
            throw new SqlException(
                SqlStates.ObjectNotInPrerequisiteState,
                $"job {job.Id} cannot be reverted, the map has changed since: {impossible.Message}")
            {
                Hint = "SHOW SEGMENTS says how it is now; MOVE, SPLIT and MERGE SEGMENTS change it.",
            };
        }
    }

    private async Task<JobRecord> DropIndexAsync(JobRecord job, Func<TimeSpan> timeLeft, CancellationToken ended)
    {
        RequireSucceeded(job);
        SystemState state = await services.Catalog.NewestAsync(ended);
        IndexDescriptor index = state.Catalog.Find(job.TableId)?.Indexes.FirstOrDefault(i => i.Number == job.IndexNumber)
            ?? throw Refused($"job {job.Id} cannot be reverted: its index has been dropped", "SHOW INDEXES lists the indexes.");
        var drop = new Statement { DropIndex = new DropTable { Tables = { new TableName { Name = index.Name } } } };
        return await RunAsync(
            drop,
            new JobRecord
            {
                Id = await Jobs.NextIdAsync(ended),
                Kind = $"{JobRecord.Revert} {job.Kind}",
                Target = $"job {job.Id}: {job.Target}",
                Phase = JobPhase.Done,
                State = JobState.Succeeded,
                StartedMs = Jobs.NowMs,
                FinishedMs = Jobs.NowMs,
                Reverts = job.Id,
            },
            timeLeft,
            ended);
    }

    /// <summary>Begins the job that gives a table the placement again that it had.</summary>
    private async Task<JobRecord> RewriteBackAsync(JobRecord job, Func<TimeSpan> timeLeft, CancellationToken ended)
    {
        RequireSucceeded(job);
        SystemState state = await services.Catalog.NewestAsync(ended);
        TableDescriptor table = state.Catalog.Find(job.TableId)
            ?? throw Refused($"job {job.Id} cannot be reverted: its table has been dropped, or was rewritten since", "SHOW JOBS lists the jobs.");
        if (job.Before.Length == 0)
        {
            throw Refused(
                $"job {job.Id} cannot be reverted: table \"{table.Name}\" was placed by a hidden key, which no statement can name",
                $"ALTER TABLE {table.Name} SET … gives it any other placement.");
        }

        string text = $"ALTER TABLE {ExpressionPrinter.Quote(table.Name)} SET {job.Before}";
        Statement statement = SqlParser.Parse(text).Statements[0];
        JobRecord back = job with { Id = await Jobs.NextIdAsync(ended), Kind = $"{JobRecord.Revert} {job.Kind}", Target = text };
        return await RunAsync(
            statement,
            back,
            timeLeft,
            ended,
            begun => begun with { Kind = back.Kind, Reverts = job.Id });
    }

    private static void RequireSucceeded(JobRecord job)
    {
        if (job.State != JobState.Succeeded)
        {
            throw Refused(
                $"job {job.Id} has done nothing that could be taken back: it has {JobStatements.StateName(job)}",
                $"RETRY JOB {job.Id} begins it again.");
        }
    }

    private async Task<JobRecord> BuildAgainAsync(JobRecord job, Func<TimeSpan> timeLeft, CancellationToken ended)
    {
        if (job.Statement.Length == 0)
        {
            throw Refused($"job {job.Id} does not say what began it", "Run its statement again.");
        }

        long id = await Jobs.NextIdAsync(ended);
        return await RunAsync(Statement.Parser.ParseFrom(job.Statement), job with { Id = id, Epoch = 0 }, timeLeft, ended);
    }

    /// <summary>Makes a change of the schema, and its job's row with it.</summary>
    private async Task<JobRecord> RunAsync(
        Statement statement,
        JobRecord job,
        Func<TimeSpan> timeLeft,
        CancellationToken ended,
        Func<JobRecord, JobRecord>? mark = null)
    {
        (_, CommitOutcome? outcome) = await services.Schema.RunAsync(
            statement,
            services.Store.NewName(),
            timeLeft,
            (transaction, plan) =>
            {
                job = plan.Builds is { } target ? JobStatements.Of(job.Id, target, statement, OptionsOf(job)) : job;
                job = mark is null ? job : mark(job);
                JobStore.Put(transaction, job);
            },
            ended);
        return outcome is not null
            ? job
            : throw Refused("there is nothing to be done any more: everything is as it was to be", "SHOW PLACEMENT and SHOW INDEXES tell.");
    }

    private static SqlException Refused(string message, string hint) =>
        new(SqlStates.ObjectNotInPrerequisiteState, message) { Hint = hint };
}
