using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

using Google.Protobuf;

using ShardSql.Gateway.Moves;
using ShardSql.Gateway.Plans;
using ShardSql.Planning;
using ShardSql.Planning.Plans;
using ShardSql.Sql;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Gateway.Jobs;

/// <summary>What statements do with jobs: begin one and wait for it, WAIT JOB, CANCEL JOB, SHOW JOBS.</summary>
internal sealed class JobStatements(GatewayServices services)
{
    /// <summary>The job of an index, or of a table that is rewritten, that a statement begins.</summary>
    public static JobRecord Of(long id, IndexTarget target, Statement statement, MoveOptions options) => new()
    {
        Id = id,
        Kind = target.Rewrite is null ? JobRecord.CreateIndex : JobRecord.AlterTable,
        Target = TargetOf(target),
        TableId = target.TableId,
        IndexNumber = target.Number,
        IsRewrite = target.Rewrite is not null,
        Before = target.Rewrite?.Before ?? "",
        Throttle = options.Throttle,
        SkipsVerify = !options.Verifies,
        Statement = statement.ToByteArray(),
    };

    /// <summary>What such a job is about, for people.</summary>
    public static string TargetOf(IndexTarget target) => target.Rewrite is { } rewrite
        ? $"table {target.TableName}: {(rewrite.Before.Length > 0 ? rewrite.Before : "hidden key")} -> {rewrite.After}"
        : $"index {target.Name} on {target.TableName}";

    /// <summary>Waits until a job has ended or the time is over; 42704 where there is none.</summary>
    public async Task<JobRecord> WaitAsync(long id, TimeSpan? limit, CancellationToken cancellationToken)
    {
        long started = services.Time.GetTimestamp();
        for (int round = 0; ; round++)
        {
            JobRecord job = await services.JobRows.FindAsync(id, cancellationToken) ?? throw NoJob(id);
            TimeSpan? left = limit - services.Time.GetElapsedTime(started);
            if (job.HasEnded || left <= TimeSpan.Zero)
            {
                return job;
            }

            TimeSpan pause = GatewayLimits.FirstJobLook * (1 << Math.Min(round, 5));
            await Task.Delay(left < pause ? left.Value : pause, services.Time, cancellationToken);
        }
    }

    /// <summary>Asks a job to stop and take back what it did; a job that has been asked already is left alone.</summary>
    public async Task<JobRecord> CancelAsync(long id, CancellationToken cancellationToken)
    {
        JobRecord job = await services.JobRows.ChangeAsync(
            id, j => j.HasEnded || j.IsCancelled ? null : j with { IsCancelled = true }, cancellationToken)
            ?? throw NoJob(id);
        return job.IsCancelled
            ? job
            : throw new SqlException(
                SqlStates.ObjectNotInPrerequisiteState, $"job {id} has ended: {StateName(job)}")
            {
                Hint = $"REVERT JOB {id} takes back what it did.",
            };
    }

    /// <summary>Stops work on a job until it is resumed, or resumes it.</summary>
    public async Task<JobRecord> PauseAsync(long id, bool isPaused, CancellationToken cancellationToken)
    {
        JobRecord job = await services.JobRows.ChangeAsync(
            id,
            j => j.HasEnded || j.IsPaused == isPaused
                ? null
                : j with { IsPaused = isPaused, LeaseUntilMs = isPaused ? j.LeaseUntilMs : 0 },
            cancellationToken)
            ?? throw NoJob(id);
        return job.HasEnded
            ? throw new SqlException(
                SqlStates.ObjectNotInPrerequisiteState, $"job {id} has ended: {StateName(job)}")
            : job;
    }

    /// <summary>The row that every job statement gives.</summary>
    public static SqlValue[] RowOf(JobRecord job) =>
    [
        SqlValue.FromInt64(job.Id),
        SqlValue.FromText(job.Kind),
        SqlValue.FromText(StateName(job)),
        PlanOf(job),
        SqlValue.FromText(job.LastError.Length > 0 && job.State != JobState.Succeeded ? job.LastError : job.Target),
    ];

    /// <summary>The error of a statement whose job did not succeed.</summary>
    public static SqlException ErrorOf(JobRecord job) => new(
        job.ErrorState.Length > 0 ? job.ErrorState : SqlStates.QueryCanceled, job.LastError)
    {
        Detail = job.ErrorDetail.Length > 0 ? job.ErrorDetail : null,
    };

    /// <summary>The rows of SHOW JOBS.</summary>
    public async Task<IReadOnlyList<SqlValue[]>> RowsAsync(CancellationToken cancellationToken)
    {
        var rows = new List<SqlValue[]>();
        foreach (JobRecord job in await services.JobRows.ListAsync(cancellationToken))
        {
            rows.Add(
            [
                SqlValue.FromInt64(job.Id),
                SqlValue.FromText(job.Kind),
                SqlValue.FromText(StateName(job)),
                SqlValue.FromText(job.Phase),
                SqlValue.FromInt32(job.Percent),
                SqlValue.FromInt64(job.RowsCopied),
                SqlValue.FromInt64(job.BytesCopied),
                NumberOrNull(job.HasEnded || job.LagMs < 0 ? null : job.LagMs),
                NumberOrNull(job.SecondsLeft(services.JobRows.NowMs)),
                SqlValue.FromInt64(job.EstimatedPauseMs),
                SqlValue.FromInt64(job.RealPauseMs),
                SqlValue.FromText(job.WaitingFor),
                SqlValue.FromInt32(job.Attempts),
                job.LastError.Length == 0 ? SqlValue.NullOf(SqlKind.Text) : SqlValue.FromText(TextOf(job)),
                SqlValue.FromText(job.Target),
                PlanOf(job),
                SqlValue.FromInt32(Math.Max(job.Steps, 1)),
                SqlValue.FromInt32(job.Steps > 0 ? job.StepsDone : job.State == JobState.Succeeded ? 1 : 0),
                TimeOrNull(job.StartedMs),
                TimeOrNull(job.FinishedMs),
                SqlValue.FromInt64(job.MaxPauseMs),
                SqlValue.FromText(Durations.RateText(job.Throttle)),
            ]);
        }

        return rows;
    }

    private static SqlValue PlanOf(JobRecord job) => job.PlanId == 0
        ? SqlValue.NullOf(SqlKind.Text)
        : SqlValue.FromText(PlanRecord.NameOf(job.PlanId));

    private static SqlValue NumberOrNull(long? number) =>
        number is { } known ? SqlValue.FromInt64(known) : SqlValue.NullOf(SqlKind.Int64);

    /// <summary>A moment of a job, ms; NULL for 0.</summary>
    public static SqlValue TimeOrNull(long ms) => ms == 0
        ? SqlValue.NullOf(SqlKind.Timestamptz)
        : SqlValue.FromTimestampTz(DateTimeOffset.FromUnixTimeMilliseconds(ms));

    /// <summary>The error of a job as SHOW JOBS gives it.</summary>
    public static string TextOf(JobRecord job) => job.ErrorDetail.Length == 0
        ? $"{job.ErrorState}: {job.LastError}"
        : $"{job.ErrorState}: {job.LastError}. {job.ErrorDetail}";

    /// <summary>The state as SHOW JOBS gives it.</summary>
    public static string StateName(JobRecord job) => job.State switch
    {
        JobState.Running => job.IsCancelled ? "cancelling" : job.IsPaused ? "paused" : "running",
        JobState.Succeeded => "succeeded",
        JobState.Failed => "failed",
        _ => "cancelled",
    };

    /// <summary>The error of a job that does not exist.</summary>
    public static SqlException NoJob(long id) =>
        new(SqlStates.UndefinedObject, $"job {id} does not exist") { Hint = "SHOW JOBS lists the jobs." };
}
