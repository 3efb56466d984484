using System.Collections.Generic;
using System.Linq;

using ShardSql.Planning.Plans;
using ShardSql.Sql.Values;

namespace ShardSql.Planning;

/// <summary>The system tables of jobs and plans, and what statements about them give.</summary>
public static class JobTables
{
    /// <summary>SHOW JOBS (sql.md §2).</summary>
    public static VirtualTable Jobs { get; } = new(
        "jobs",
        [
            new("job_id", SqlType.Int64),
            new("kind", SqlType.Text),
            new("state", SqlType.Text),
            new("phase", SqlType.Text),
            new("pct", SqlType.Int32),
            new("rows_copied", SqlType.Int64),
            new("bytes_copied", SqlType.Int64),
            new("lag_ms", SqlType.Int64),
            new("eta_s", SqlType.Int64),
            new("est_write_pause_ms", SqlType.Int64),
            new("real_write_pause_ms", SqlType.Int64),
            new("waiting_for", SqlType.Text),
            new("attempts", SqlType.Int32),
            new("last_error", SqlType.Text),
            new("target", SqlType.Text),
            new("plan_id", SqlType.Text),
            new("steps", SqlType.Int32),
            new("steps_done", SqlType.Int32),
            new("started", SqlType.TimestampTz),
            new("finished", SqlType.TimestampTz),
            new("max_write_pause_ms", SqlType.Int64),
            new("throttle", SqlType.Text),
        ]);

    /// <summary>SHOW JOB n STEPS.</summary>
    public static VirtualTable JobSteps { get; } = new(
        "job_steps",
        [
            new("job_id", SqlType.Int64),
            .. StepColumns(),
            new("state", SqlType.Text),
            new("phase", SqlType.Text),
            new("rows_copied", SqlType.Int64),
            new("bytes_copied", SqlType.Int64),
            new("est_rows", SqlType.Int64),
            new("est_bytes", SqlType.Int64),
            new("started", SqlType.TimestampTz),
            new("finished", SqlType.TimestampTz),
            new("est_write_pause_ms", SqlType.Int64),
            new("real_write_pause_ms", SqlType.Int64),
            new("error", SqlType.Text),
        ]);

    /// <summary>SHOW PLANS: what EXPLAIN of jobs has planned.</summary>
    public static VirtualTable Plans { get; } = new(
        "plans",
        [
            new("plan_id", SqlType.Text),
            new("kind", SqlType.Text),
            new("target", SqlType.Text),
            new("summary", SqlType.Text),
            new("map_version", SqlType.Int64),
            new("is_current", SqlType.Boolean),
            new("steps", SqlType.Int32),
            new("moves", SqlType.Int32),
            new("est_rows", SqlType.Int64),
            new("est_bytes", SqlType.Int64),
            new("est_write_pause_ms", SqlType.Int64),
            new("created", SqlType.TimestampTz),
            new("job_id", SqlType.Int64),
            new("origin", SqlType.Text),
        ]);

    /// <summary>The steps of plans.</summary>
    public static VirtualTable PlanSteps { get; } = new(
        "plan_steps",
        [
            new("plan_id", SqlType.Text),
            .. StepColumns(),
            new("est_rows", SqlType.Int64),
            new("est_bytes", SqlType.Int64),
            new("est_write_pause_ms", SqlType.Int64),
        ]);

    /// <summary>What every statement that begins or drives a job gives (sql.md §2, R2).</summary>
    public static IReadOnlyList<ResultColumn> JobColumns { get; } =
    [
        new("job_id", SqlType.Int64),
        new("kind", SqlType.Text),
        new("state", SqlType.Text),
        new("plan_id", SqlType.Text),
        new("message", SqlType.Text),
    ];

    /// <summary>What EXPLAIN of a job gives: the whole as step 0, then its steps.</summary>
    public static IReadOnlyList<ResultColumn> PlanColumns { get; } =
    [
        .. PlanSteps.Columns.Select(static c => new ResultColumn(c.Name, c.Type)),
        new("message", SqlType.Text),
    ];

    /// <summary>What a step does, in words.</summary>
    private static VirtualColumn[] StepColumns() =>
    [
        new("step", SqlType.Int32),
        new("action", SqlType.Text),
        new("segment", SqlType.Text),
        new("tables", SqlType.Text),
        new("from_key", SqlType.Text),
        new("to_key", SqlType.Text),
        new("from_shard", SqlType.Text),
        new("to_shard", SqlType.Text),
    ];
}
