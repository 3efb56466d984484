using System;
using System.Collections.Generic;
using System.Text;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Gateway.Jobs;
using ShardSql.Planning.Moves;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Gateway.Plans;

/// <summary>Plans, their steps and those of jobs as rows.</summary>
internal sealed class PlanRows(GatewayServices services)
{
    /// <summary>Rows of <c>shard.plans</c>.</summary>
    public async Task<IReadOnlyList<SqlValue[]>> PlansAsync(CancellationToken cancellationToken)
    {
        await services.Catalog.CatchUpAsync(services.Catalog.Current, cancellationToken);
        var rows = new List<SqlValue[]>();
        foreach (PlanRecord plan in await services.Plans.Rows.ListAsync(cancellationToken))
        {
            rows.Add(
            [
                SqlValue.FromText(PlanRecord.NameOf(plan.Id)),
                SqlValue.FromText(plan.Kind),
                SqlValue.FromText(plan.Target),
                TextOrNull(plan.Summary),
                SqlValue.FromInt64((long)plan.MapVersion),
                SqlValue.FromBoolean(IsCurrent(plan)),
                SqlValue.FromInt32(plan.Steps),
                SqlValue.FromInt32(plan.Moves),
                SqlValue.FromInt64(plan.EstimatedRows),
                SqlValue.FromInt64(plan.EstimatedBytes),
                SqlValue.FromInt64(plan.EstimatedPauseMs),
                JobStatements.TimeOrNull(plan.CreatedMs),
                plan.JobId == 0 ? SqlValue.NullOf(SqlKind.Int64) : SqlValue.FromInt64(plan.JobId),
                SqlValue.FromText(plan.Origin),
            ]);
        }

        return rows;
    }

    /// <summary>Rows of <c>shard.plan_steps</c>.</summary>
    public async Task<IReadOnlyList<SqlValue[]>> PlanStepsAsync(CancellationToken cancellationToken)
    {
        var rows = new List<SqlValue[]>();
        foreach ((long id, StepRecord step) in await services.Plans.Rows.Steps.ListAsync(0, cancellationToken))
        {
            rows.Add([SqlValue.FromText(PlanRecord.NameOf(id)), .. Planned(step)]);
        }

        return rows;
    }

    /// <summary>Rows of <c>shard.job_steps</c>.</summary>
    public async Task<IReadOnlyList<SqlValue[]>> JobStepsAsync(CancellationToken cancellationToken)
    {
        var steps = new Dictionary<long, List<StepRecord>>();
        foreach ((long id, StepRecord step) in await services.JobRows.Steps.ListAsync(0, cancellationToken))
        {
            if (!steps.TryGetValue(id, out List<StepRecord>? ofJob))
            {
                ofJob = [];
                steps.Add(id, ofJob);
            }

            ofJob.Add(step);
        }

        var rows = new List<SqlValue[]>();
        foreach (JobRecord job in await services.JobRows.ListAsync(cancellationToken))
        {
            foreach (StepRecord step in steps.GetValueOrDefault(job.Id) ?? StepsOf(job))
            {
                rows.Add(RowOf(job, step));
            }
        }

        return rows;
    }

    /// <summary>What EXPLAIN of a job gives: the whole, then its steps.</summary>
    public static IReadOnlyList<SqlValue[]> Explained(PlanRecord plan, IReadOnlyList<StepRecord> steps)
    {
        SqlValue name = SqlValue.FromText(PlanRecord.NameOf(plan.Id));
        var whole = new StepRecord
        {
            Number = 0,
            Action = plan.Kind,
            EstimatedRows = plan.EstimatedRows,
            EstimatedBytes = plan.EstimatedBytes,
            EstimatedPauseMs = plan.EstimatedPauseMs,
        };
        var rows = new List<SqlValue[]> { ([name, .. Planned(whole), SqlValue.FromText(Message(plan))]) };
        foreach (StepRecord step in steps)
        {
            rows.Add([name, .. Planned(step), SqlValue.NullOf(SqlKind.Text)]);
        }

        return rows;
    }

    /// <summary>The same as one JSON object.</summary>
    public static string Json(PlanRecord plan, IReadOnlyList<StepRecord> steps)
    {
        using var stream = new System.IO.MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteString("plan_id", PlanRecord.NameOf(plan.Id));
            json.WriteString("kind", plan.Kind);
            json.WriteString("target", plan.Target);
            json.WriteString("summary", plan.Summary);
            json.WriteNumber("map_version", plan.MapVersion);
            json.WriteNumber("moves", plan.Moves);
            WriteEstimates(json, plan.EstimatedRows, plan.EstimatedBytes, plan.EstimatedPauseMs);
            json.WriteStartArray("steps");
            foreach (StepRecord step in steps)
            {
                Write(json, step);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static void Write(Utf8JsonWriter json, StepRecord step)
    {
        json.WriteStartObject();
        json.WriteNumber("step", step.Number);
        json.WriteString("action", step.Action);
        json.WriteString("segment", step.Segment);
        json.WriteString("tables", step.Tables);
        json.WriteString("from_key", step.FromKey);
        json.WriteString("to_key", step.ToKey);
        if (step.Map is { Kind: MapStepKind.Move } map)
        {
            json.WriteString("from_shard", map.From.ToString());
            json.WriteString("to_shard", map.To.ToString());
        }

        WriteEstimates(json, step.EstimatedRows, step.EstimatedBytes, step.EstimatedPauseMs);
        json.WriteEndObject();
    }

    private static void WriteEstimates(Utf8JsonWriter json, long rows, long bytes, long pauseMs)
    {
        json.WriteNumber("est_rows", rows);
        json.WriteNumber("est_bytes", bytes);
        json.WriteNumber("est_write_pause_ms", pauseMs);
    }

    private static string Message(PlanRecord plan) =>
        $"{plan.Target}{(plan.Summary.Length > 0 ? $": {plan.Summary}" : "")}. "
        + $"EXECUTE PLAN '{PlanRecord.NameOf(plan.Id)}' runs it";

    private static SqlValue[] Planned(StepRecord step) =>
    [
        SqlValue.FromInt32(step.Number),
        .. Named(step),
        SqlValue.FromInt64(step.EstimatedRows),
        SqlValue.FromInt64(step.EstimatedBytes),
        SqlValue.FromInt64(step.EstimatedPauseMs),
    ];

    private static SqlValue[] Named(StepRecord step) =>
    [
        SqlValue.FromText(step.Action),
        TextOrNull(step.Segment),
        TextOrNull(step.Tables),
        TextOrNull(step.FromKey),
        TextOrNull(step.ToKey),
        TextOrNull(step.Map is { Kind: MapStepKind.Move } from ? from.From.ToString() : ""),
        TextOrNull(step.Map is { Kind: MapStepKind.Move } to ? to.To.ToString() : ""),
    ];

    /// <summary>Of a job that has no steps of its own: the one thing that it does.</summary>
    private static IEnumerable<StepRecord> StepsOf(JobRecord job) => !job.IsBuild ? [] :
    [
        new StepRecord
        {
            Number = 1,
            Action = job.IsRewrite ? StepRecord.Rewrite : StepRecord.BuildIndex,
            Segment = job.Target,
            State = job.State switch
            {
                JobState.Succeeded => StepState.Done,
                JobState.Failed => StepState.Failed,
                JobState.Cancelled => StepState.Cancelled,
                _ => job.StartedMs == 0 ? StepState.Planned : StepState.Running,
            },
            Rows = job.RowsCopied,
            Bytes = job.BytesCopied,
            StartedMs = job.StartedMs,
            FinishedMs = job.FinishedMs,
            Error = job.LastError.Length > 0 && job.State != JobState.Succeeded ? JobStatements.TextOf(job) : "",
        },
    ];

    // What the step at work has copied, its job's row says.
    private static SqlValue[] RowOf(JobRecord job, StepRecord step)
    {
        bool isRunning = step.State == StepState.Running && !job.HasEnded;
        return
        [
            SqlValue.FromInt64(job.Id),
            SqlValue.FromInt32(step.Number),
            .. Named(step),
            SqlValue.FromText(NameOf(job, step)),
            SqlValue.FromText(isRunning ? job.Phase : step.State == StepState.Planned ? JobPhase.Planned : JobPhase.Done),
            SqlValue.FromInt64(isRunning ? job.RowsOfStep : step.Rows),
            SqlValue.FromInt64(isRunning ? job.BytesOfStep : step.Bytes),
            SqlValue.FromInt64(step.EstimatedRows),
            SqlValue.FromInt64(step.EstimatedBytes),
            JobStatements.TimeOrNull(step.StartedMs),
            JobStatements.TimeOrNull(step.FinishedMs),
            SqlValue.FromInt64(isRunning && job.EstimatedPauseMs > 0 ? job.EstimatedPauseMs : step.EstimatedPauseMs),
            SqlValue.FromInt64(step.RealPauseMs),
            TextOrNull(isRunning && job.LastError.Length > 0 ? JobStatements.TextOf(job) : step.Error),
        ];
    }

    private static string NameOf(JobRecord job, StepRecord step) => step.State switch
    {
        StepState.Running when job.IsPaused => "paused",
        StepState.Running => "running",
        StepState.Done => "succeeded",
        StepState.Failed => "failed",
        StepState.Cancelled => "cancelled",
        _ when job.HasEnded => "skipped",
        _ => "planned",
    };

    private bool IsCurrent(PlanRecord plan) => plan.CatalogVersion != 0
        ? services.Catalog.Current.Catalog.Version == plan.CatalogVersion
        : services.Catalog.Current.Map.Version == plan.MapVersion;

    private static SqlValue TextOrNull(string text) =>
        text.Length == 0 ? SqlValue.NullOf(SqlKind.Text) : SqlValue.FromText(text);
}
