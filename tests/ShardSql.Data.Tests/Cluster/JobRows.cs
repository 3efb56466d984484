using System;

namespace ShardSql.Data.Tests.Cluster;

/// <summary>What a statement that begins or drives a job gives.</summary>
internal sealed class JobRow
{
    public long Job_id { get; set; }

    public string Kind { get; set; } = "";

    public string State { get; set; } = "";

    public string? Plan_id { get; set; }

    public string Message { get; set; } = "";
}

/// <summary>A row of EXPLAIN of a job.</summary>
internal sealed class PlanRow
{
    public string Plan_id { get; set; } = "";

    public int Step { get; set; }

    public string Action { get; set; } = "";

    public string? Segment { get; set; }

    public string? Tables { get; set; }

    public string? From_shard { get; set; }

    public string? To_shard { get; set; }

    public long Est_rows { get; set; }

    public long Est_bytes { get; set; }

    public long Est_write_pause_ms { get; set; }

    public string? Message { get; set; }
}

/// <summary>A row of SHOW JOB n STEPS.</summary>
internal sealed class StepRow
{
    public int Step { get; set; }

    public string Action { get; set; } = "";

    public string State { get; set; } = "";

    public string Phase { get; set; } = "";

    public string? From_shard { get; set; }

    public string? To_shard { get; set; }

    public long Rows_copied { get; set; }

    public long Bytes_copied { get; set; }

    public DateTimeOffset? Started { get; set; }

    public DateTimeOffset? Finished { get; set; }

    public long Real_write_pause_ms { get; set; }

    public string? Error { get; set; }
}

/// <summary>A row of SHOW SEGMENTS.</summary>
internal sealed class SegmentRow
{
    public string Segment { get; set; } = "";

    public string Shard { get; set; } = "";

    public string? From_key { get; set; }

    public string? To_key { get; set; }
}
