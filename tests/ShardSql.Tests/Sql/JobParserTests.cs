using System.Linq;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Tree;
using Xunit;

namespace ShardSql.Tests.SqlLanguage;

/// <summary>Statements on segments, plans and jobs.</summary>
public sealed class JobParserTests
{
    [Theory]
    [InlineData("MOVE SEGMENT 'seg-4' TO SHARD 2", SegmentActionKind.Move)]
    [InlineData("MOVE SEGMENTS FROM t WHERE shard = 's1' AND epoch > @e TO SHARD @d", SegmentActionKind.MoveSegments)]
    [InlineData("MOVE SEGMENTS FROM t TO SHARD 1", SegmentActionKind.MoveSegments)]
    [InlineData("MOVE ROWS OF t KEYS ((1, 'a'), (@x, 'b')) TO SHARD s2 WITH (max_moves = 5)", SegmentActionKind.MoveRows)]
    [InlineData("SPLIT SEGMENT @s AT (1, 2)", SegmentActionKind.Split)]
    [InlineData("SPLIT SEGMENT 4 AT MIDPOINT", SegmentActionKind.Split)]
    [InlineData("SPLIT TABLE t AT VALUES (1), (2) WITH (wait = '1s')", SegmentActionKind.SplitTable)]
    [InlineData("SPLIT TABLE t INTO 16", SegmentActionKind.SplitTable)]
    [InlineData("MERGE SEGMENTS 4, 'seg-5', @s", SegmentActionKind.Merge)]
    [InlineData("SPLIT SEGMENT 4 AT LOAD WITH (wait = '1s')", SegmentActionKind.Split)]
    [InlineData("ALTER TABLE t SET SHARD BY HASH (a, b) INTO 8 SEGMENTS WITH (throttle = '1MB/s')", SegmentActionKind.SetPlacement)]
    [InlineData("ALTER TABLE t SET SHARD BY RANGE (a) SPLIT AT VALUES (1), (2)", SegmentActionKind.SetPlacement)]
    [InlineData("ALTER TABLE t SET COLOCATED WITH u ON (a)", SegmentActionKind.SetPlacement)]
    [InlineData("ALTER TABLE t SET REFERENCE", SegmentActionKind.SetPlacement)]
    [InlineData("ALTER TABLE t SET SINGLE ON SHARD 2", SegmentActionKind.SetPlacement)]
    public void Parse_of_statements_on_segments_and_of_their_EXPLAIN(string text, SegmentActionKind kind)
    {
        SegmentAction plain = SqlTestHelp.ParseOne(text).Segment;
        Explain explain = SqlTestHelp.ParseOne("EXPLAIN (JSON) " + text).Explain;
        Assert.Equal(kind, plain.Kind);
        Assert.True(explain.Json);
        Assert.Equal(kind, explain.Statement.Segment.Kind);
        Assert.Equal(text.StartsWith("MOVE", System.StringComparison.Ordinal), plain.Shard is not null);
    }

    [Fact]
    public void Parse_of_what_statements_on_segments_name()
    {
        SegmentAction move = SqlTestHelp.ParseOne("MOVE SEGMENTS FROM t WHERE shard = 's1' TO SHARD 2").Segment;
        Assert.Equal(("t", "shard = 's1'"), (move.Table.Name, ExpressionPrinter.Print(move.Where)));
        Assert.Equal("bigint '2'", ExpressionPrinter.Print(move.Shard));
        SegmentAction rows = SqlTestHelp.ParseOne("MOVE ROWS OF t KEYS ((1, 'a'), (2, 'b')) TO SHARD 2").Segment;
        Assert.Equal(["1 'a'", "2 'b'"], rows.Rows.Select(r => string.Join(' ', r.Values.Select(ExpressionPrinter.Print))));
        SegmentAction split = SqlTestHelp.ParseOne("SPLIT SEGMENT 4 AT (1, 2)").Segment;
        Assert.Equal((2, 0), (split.At.Values.Count, split.Rows.Count));
        Assert.Null(SqlTestHelp.ParseOne("SPLIT SEGMENT 4 AT MIDPOINT").Segment.At);
        Assert.Equal(
            ["", "load"],
            new[] { "MIDPOINT", "LOAD" }.Select(at => SqlTestHelp.ParseOne("SPLIT SEGMENT 4 AT " + at).Segment.Goal));
        SegmentAction placed = SqlTestHelp.ParseOne("ALTER TABLE t SET SHARD BY HASH (a, b) INTO 8 SEGMENTS").Segment;
        Assert.Equal(
            ("t", "a b", 8u),
            (placed.Table.Name, string.Join(' ', placed.Placement.Hash.Columns.Select(c => c.Name)), placed.Placement.Hash.Segments));
        Assert.Equal("bigint '16'", ExpressionPrinter.Print(SqlTestHelp.ParseOne("SPLIT TABLE t INTO 16").Segment.Parts));
    }

    [Theory]
    [InlineData("REVERT JOB 5", JobActionKind.Revert)]
    [InlineData("RETRY JOB @j", JobActionKind.Retry)]
    [InlineData("ALTER JOB 5 SET (throttle = '1MB/s', max_write_pause = '1s')", JobActionKind.Alter)]
    [InlineData("WAIT JOB 5 TIMEOUT '1s'", JobActionKind.Wait)]
    public void Parse_of_statements_on_jobs(string text, JobActionKind kind)
    {
        JobAction action = SqlTestHelp.ParseOne(text).Job;
        Assert.Equal(kind, action.Kind);
        Assert.Equal(kind == JobActionKind.Alter ? 2 : 0, action.Options.Count);
    }

    [Fact]
    public void Parse_of_statements_on_plans()
    {
        PlanAction execute = SqlTestHelp.ParseOne("EXECUTE PLAN 'p-17' WITH (throttle = '20MB/s')").Plan;
        Assert.Equal((false, 1, "'p-17'"), (execute.Drop, execute.Options.Count, ExpressionPrinter.Print(execute.Plan)));
        PlanAction drop = SqlTestHelp.ParseOne("DROP PLAN IF EXISTS @id").Plan;
        Assert.True(drop.Drop && drop.IfExists);
        Show steps = SqlTestHelp.ParseOne("SHOW JOB 5 STEPS").Show;
        Assert.Equal(("job_steps", "bigint '5'"), (steps.What, ExpressionPrinter.Print(steps.Job)));
    }

    [Fact]
    public void Parse_of_settings_of_the_cluster()
    {
        ClusterAction action = SqlTestHelp.ParseOne("ALTER CLUSTER SET (auto_reshard = 'on', auto_split = @mode)").Cluster;
        Assert.Equal(["auto_reshard", "auto_split"], action.Options.Select(o => o.Name));
    }

    [Fact]
    public void Parse_words_of_jobs_are_names()
    {
        Select select = SqlTestHelp.ParseOne("SELECT plan, steps, keys, execute, midpoint, revert, retry, load FROM cluster").Select;
        Assert.Equal(8, select.Items.Count);
    }
}
