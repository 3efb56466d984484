using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using Google.Protobuf;

using ShardSql.Gateway.Commit;
using ShardSql.Gateway.Jobs;
using ShardSql.Gateway.Layouts;
using ShardSql.Gateway.Moves;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Moves;
using ShardSql.Planning.Plans;
using ShardSql.Primitives;
using ShardSql.Sql;
using ShardSql.Sql.Tree;

namespace ShardSql.Gateway.Plans;

/// <summary>Keeps plans, and begins the jobs that carry them out (sql.md §2, R3).</summary>
internal sealed class PlanJobs(GatewayServices services)
{
    private readonly StepDescriber _describer = new(services);

    /// <summary>Thinks out what statements ask for.</summary>
    public PlanMaker Maker { get; } = new(services);

    /// <summary>Thinks out what statements on replicas and shards ask for.</summary>
    public LayoutMaker Layouts { get; } = new(services);

    /// <summary>The plans' rows.</summary>
    public PlanStore Rows { get; } = new(services.Store);

    private JobStore Jobs => services.JobRows;

    /// <summary>EXPLAIN of a statement on segments: thinks out its job and keeps the plan.</summary>
    public async Task<(PlanRecord Plan, List<StepRecord> Steps)> ExplainAsync(
        SegmentWish wish, MoveOptions options, CancellationToken ended) =>
        await KeepAsync(await Maker.MakeAsync(wish, options, ended), options, PlanRecord.OfStatement, ended);

    /// <summary>EXPLAIN of a statement on replicas and shards.</summary>
    public async Task<(PlanRecord Plan, List<StepRecord> Steps)> ExplainAsync(
        LayoutWish wish, MoveOptions options, CancellationToken ended) =>
        await KeepAsync(await Layouts.MakeAsync(wish, ended), options, PlanRecord.OfStatement, ended);

    /// <summary>Keeps a plan, and says who made it.</summary>
    public async Task<(PlanRecord Plan, List<StepRecord> Steps)> KeepAsync(
        PlanDraft draft, MoveOptions options, string origin, CancellationToken ended)
    {
        List<StepRecord> steps = await _describer.DescribeAsync(draft, GatewayLimits.MaxSurveyedBytes, ended);
        PlanRecord plan = Sum(draft.Kind, draft.Target, draft.State, steps, options) with
        {
            Summary = draft.Summary, Origin = origin,
        };
        return (await Rows.AddAsync(plan, steps, ended), steps);
    }

    /// <summary>EXPLAIN of CREATE INDEX, and of ALTER TABLE ... SET placement where rows get other keys.</summary>
    public async Task<(PlanRecord Plan, List<StepRecord> Steps)> ExplainAsync(
        Statement statement, IndexTarget target, MoveOptions options, CancellationToken ended)
    {
        SystemState state = services.Catalog.Current;
        TableDescriptor table = state.Catalog.Require(target.TableName);
        bool isRewrite = target.Rewrite is not null;
        (long rows, long bytes) = await new SegmentSurvey(services.Client, state).MeasureAsync(
            table, GatewayLimits.MaxSurveyedBytes, ended);

        var step = new StepRecord
        {
            Number = 1,
            Action = isRewrite ? StepRecord.Rewrite : StepRecord.BuildIndex,
            Segment = isRewrite ? "" : target.Name,
            Tables = table.Name,
            EstimatedRows = rows,
            EstimatedBytes = bytes,
        };
        string kind = isRewrite ? JobRecord.AlterTable : JobRecord.CreateIndex;
        PlanRecord plan = Sum(kind, JobStatements.TargetOf(target), state, [step], options) with
        {
            CatalogVersion = state.Catalog.Version, Statement = statement.ToByteArray(),
        };
        return (await Rows.AddAsync(plan, [step], ended), [step]);
    }

    /// <summary>Begins the job of a statement on segments; what only changes the map in one step is done at once.</summary>
    public Task<JobRecord> BeginAsync(SegmentWish wish, MoveOptions options, CancellationToken ended) =>
        BeginAsync(() => Maker.MakeAsync(wish, options, ended), options, ended);

    /// <summary>Begins the job of a statement on replicas and shards; one that does the same and has not ended goes on.
    /// </summary>
    public async Task<JobRecord> BeginAsync(LayoutWish wish, MoveOptions options, CancellationToken ended) =>
        (await Jobs.ListAsync(ended)).Find(job => !job.HasEnded && job.Kind == wish.Tag && job.Target == wish.Target)
        ?? await BeginAsync(() => Layouts.MakeAsync(wish, ended), options, ended);

    /// <summary>Begins the job of a draft, which is made again when the map has changed before it could be begun.</summary>
    public async Task<JobRecord> BeginAsync(Func<Task<PlanDraft>> make, MoveOptions options, CancellationToken ended)
    {
        long id = await Jobs.NextIdAsync(ended);
        for (int attempt = 1; ; attempt++)
        {
            PlanDraft draft = await make();
            List<StepRecord> steps = await _describer.DescribeAsync(draft, GatewayLimits.MaxSurveyedBytesAtOnce, ended);
            string target = draft.Summary.Length == 0 ? draft.Target : $"{draft.Target}: {draft.Summary}";
            JobRecord job = JobOf(id, draft.Kind, target, steps, options);
            JobRecord? begun = steps is [{ Map.Kind: not MapStepKind.Move }]
                ? await ChangeAsync(job, steps[0], draft.State.Map.Version, ended)
                : await PutAsync(job, steps, draft.State.Map.Version, ended);
            if (begun is not null)
            {
                return begun;
            }

            // The map has changed since: think again.
            RequireRest(attempt);
        }
    }

    /// <summary>Begins the job of a plan; a plan whose job is begun by its statement is only checked.</summary>
    /// <param name="planId">The plan.</param>
    /// <param name="choose">From the options of the plan to those of the job.</param>
    /// <param name="inside">What else belongs to the transaction that begins the job; it is given the job's id.</param>
    /// <param name="ended">Ends it.</param>
    public async Task<(PlanRecord Plan, JobRecord? Job)> ExecuteAsync(
        long planId,
        Func<MoveOptions, MoveOptions> choose,
        Func<OpenTransaction, long, Task>? inside,
        CancellationToken ended)
    {
        long id = await Jobs.NextIdAsync(ended);
        return await services.Store.ChangeAsync(
            async transaction =>
            {
                PlanRecord plan = await Rows.FindAsync(transaction, planId, ended) ?? throw NoPlan(planId);
                await RequireCurrentAsync(transaction, plan, ended);
                if (plan.Statement.Length > 0)
                {
                    return ((plan, (JobRecord?)null), HasWrites: false);
                }

                List<StepRecord> steps = [.. (await Rows.Steps.ListAsync(transaction, planId, ended)).Select(s => s.Step)];
                JobRecord job = JobOf(id, plan.Kind, plan.Target, steps, choose(plan.Options)) with { PlanId = planId };
                if (inside is not null)
                {
                    await inside(transaction, id);
                }

                Put(transaction, job, steps);
                PlanStore.Put(transaction, plan with { JobId = id });
                return ((plan, (JobRecord?)job), HasWrites: true);
            },
            ended);
    }

    /// <summary>55006 where the map has changed under a plan once too often.</summary>
    public static void RequireRest(int attempt)
    {
        if (attempt >= GatewayLimits.MaxStatementRestarts)
        {
            throw new SqlException(SqlStates.ObjectInUse, "the shard map does not come to rest") { Hint = "Try again." };
        }
    }

    /// <summary>The error of a plan that does not exist.</summary>
    public static SqlException NoPlan(long id) =>
        new(SqlStates.UndefinedObject, $"plan {PlanRecord.NameOf(id)} does not exist")
        {
            Hint = $"SHOW PLANS lists the plans; the last {GatewayLimits.MaxKeptPlans} are kept. EXPLAIN makes one.",
        };

    /// <summary>Begins a job of steps for a map; null: the map is another one.</summary>
    public Task<JobRecord?> PutAsync(
        JobRecord job, IReadOnlyList<StepRecord> steps, ulong mapVersion, CancellationToken ended) =>
        services.Store.ChangeAsync<JobRecord?>(
            async transaction =>
            {
                if ((await HeaderAsync(transaction, ended)).MapVersion != mapVersion)
                {
                    return (null, HasWrites: false);
                }

                Put(transaction, job, steps);
                return (job, HasWrites: true);
            },
            ended);

    /// <summary>A job of steps that has not been begun.</summary>
    public static JobRecord JobOf(
        long id, string kind, string target, IReadOnlyList<StepRecord> steps, MoveOptions options) => new()
        {
            Id = id,
            Kind = kind,
            Target = target,
            Phase = JobPhase.Planned,
            Steps = steps.Count,
            TotalWeight = steps.Sum(static step => step.Weight),
            MaxPauseMs = (int)options.MaxWritePause.TotalMilliseconds,
            AbortsOnPause = options.AbortsOnPause,
            Throttle = options.Throttle,
            SkipsVerify = !options.Verifies,
        };

    private static PlanRecord Sum(
        string kind, string target, SystemState state, List<StepRecord> steps, MoveOptions options) => new()
        {
            Id = 0,
            Kind = kind,
            Target = target,
            MapVersion = state.Map.Version,
            Steps = steps.Count,
            Moves = steps.Count(static step => step.Map?.Kind == MapStepKind.Move),
            EstimatedRows = steps.Sum(static step => step.EstimatedRows),
            EstimatedBytes = steps.Sum(static step => step.EstimatedBytes),
            EstimatedPauseMs = steps.Count == 0 ? 0 : steps.Max(static step => step.EstimatedPauseMs),
            Options = options,
        };

    private void Put(OpenTransaction transaction, JobRecord job, IReadOnlyList<StepRecord> steps)
    {
        JobStore.Put(transaction, job);
        foreach (StepRecord step in steps)
        {
            Jobs.Steps.Put(transaction, job.Id, step);
        }
    }

    private async Task<CatalogHeader> HeaderAsync(OpenTransaction transaction, CancellationToken ended) =>
        CatalogHeader.Decode((await services.Store.GetAsync(transaction, SystemKeys.Header, ended))!);

    private async Task RequireCurrentAsync(OpenTransaction transaction, PlanRecord plan, CancellationToken ended)
    {
        CatalogHeader header = await HeaderAsync(transaction, ended);
        (string what, ulong then, ulong now) = plan.CatalogVersion != 0
            ? ("catalog", plan.CatalogVersion, header.Version)
            : ("shard map", plan.MapVersion, header.MapVersion);
        if (then != now)
        {
            throw new SqlException(
                SqlStates.ObjectNotInPrerequisiteState,
                $"plan {PlanRecord.NameOf(plan.Id)} was made for version {then} of the {what}, which is at version {now} now")
            {
                Hint = $"Make a new plan: EXPLAIN {plan.Kind} …, then EXECUTE PLAN with its id.",
            };
        }
    }

    /// <summary>Changes the map alone: done in one transaction, and listed as a job like the others.</summary>
    private async Task<JobRecord?> ChangeAsync(JobRecord job, StepRecord step, ulong version, CancellationToken ended)
    {
        MapStep map = step.Map!;
        JobRecord done = job with
        {
            Phase = JobPhase.Done,
            State = JobState.Succeeded,
            StepsDone = 1,
            StartedMs = Jobs.NowMs,
            FinishedMs = Jobs.NowMs,
        };
        bool isMade = await services.Schema.ChangeAsync(
            state => state.Map.Version == version ? MapSteps.ChangeOf(state, map) : null,
            transaction =>
            {
                Put(
                    transaction,
                    done,
                    [step with { State = StepState.Done, StartedMs = done.StartedMs, FinishedMs = done.FinishedMs }]);
                return Task.FromResult(true);
            },
            ended);
        return isMade ? done : null;
    }
}
