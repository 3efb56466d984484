using ShardSql.Gateway.Jobs;
using ShardSql.Gateway.Plans;
using ShardSql.Planning.Moves;
using ShardSql.Primitives;
using Xunit;

namespace ShardSql.Tests.Gateway;

/// <summary>Rows of jobs and of their steps, as they are kept.</summary>
public sealed class JobRecordTests
{
    // A flag, an empty text and a stamp.
    private const int BytesOfRewrites = 1 + 1 + 16;

    private static readonly JobRecord s_job = new()
    {
        Id = 7,
        Kind = "MOVE ROWS",
        Target = "2 rows",
        Steps = 4,
        StepsDone = 1,
        TotalWeight = 1_000,
        DoneWeight = 200,
        StepWeight = 400,
        RowsCopied = 12,
        BytesCopied = 300,
        RowsOfSteps = 10,
        BytesOfSteps = 200,
        PlanId = 3,
        Reverts = 2,
        LagMs = 5,
        StartedMs = 1_000,
        SkipsVerify = true,
    };

    [Fact]
    public void Decode_of_what_was_encoded_gives_the_job_again()
    {
        JobRecord read = JobRecord.Decode(s_job.Encode());
        Assert.Equal(s_job with { Position = read.Position, Statement = read.Statement }, read);
        Assert.Equal(-1, JobRecord.Decode((s_job with { LagMs = -1 }).Encode()).LagMs);
    }

    [Fact]
    public void Decode_of_a_job_without_steps_gives_one_without_any()
    {
        byte[] row = new JobRecord { Id = 7, Kind = "MOVE SEGMENT", Target = "" }.Encode();
        row[0] = 2;
        const int ColumnsOfSteps = 14;
        JobRecord read = JobRecord.Decode(row[..^(ColumnsOfSteps + BytesOfRewrites)]);
        Assert.Equal((7, 0, -1), (read.Id, read.Steps, read.LagMs));
    }

    [Fact]
    public void Decode_of_a_job_from_before_rewrites_gives_one_that_is_none()
    {
        byte[] row = s_job.Encode();
        row[0] = 3;
        JobRecord read = JobRecord.Decode(row[..^BytesOfRewrites]);
        Assert.Equal(s_job with { Position = read.Position, Statement = read.Statement }, read);
    }

    [Fact]
    public void Decode_of_a_plan_from_before_origins_gives_that_of_a_statement()
    {
        var plan = new PlanRecord { Id = 4, Kind = "RESHARD", Target = "all", Origin = "auto_reshard" };
        Assert.Equal("auto_reshard", PlanRecord.Decode(plan.Encode()).Origin);
        byte[] row = plan.Encode();
        row[0] = 1;
        Assert.Equal(PlanRecord.OfStatement, PlanRecord.Decode(row[..^("auto_reshard".Length + 1)]).Origin);
    }

    [Fact]
    public void Progress_is_of_the_weights_of_what_is_done_and_of_the_step_at_work()
    {
        Assert.Equal(30, s_job.Percent);
        Assert.Equal(60, (s_job with { BytesCopied = 9_999 }).Percent);
        Assert.Equal(99, (s_job with { DoneWeight = 1_000 }).Percent);
        Assert.Equal(7, s_job.SecondsLeft(nowMs: 4_000));
        Assert.Null((s_job with { IsPaused = true }).SecondsLeft(nowMs: 4_000));
        Assert.Equal(0, (s_job with { State = JobState.Failed }).SecondsLeft(nowMs: 4_000));
    }

    [Fact]
    public void Decode_of_an_encoded_step_gives_it_again()
    {
        var step = new StepRecord
        {
            Number = 2,
            Action = "move",
            Map = new MapStep
            {
                Kind = MapStepKind.Move, GroupId = 4, Range = new KeyRange([1], [2]), From = new ShardId(1), To = new ShardId(2),
            },
            Segment = "seg-4",
            State = StepState.Failed,
            Error = "XX000: it broke",
            RealPauseUs = 17,
        };
        StepRecord read = StepRecord.Decode(step.Encode());
        Assert.Equal(step with { Map = read.Map }, read);
        Assert.Equal((step.Map!.Range, step.Map.To), (read.Map!.Range, read.Map.To));
        Assert.Equal((StepState.Planned, "", 0L), (read.Anew().State, read.Anew().Error, read.Anew().RealPauseUs));
    }
}
