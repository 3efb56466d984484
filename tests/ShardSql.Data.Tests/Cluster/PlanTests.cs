using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Dapper;
using ShardSql.Gateway;
using ShardSql.Protocol;
using Xunit;

namespace ShardSql.Data.Tests.Cluster;

/// <summary>Plans of jobs, and jobs of many steps: EXPLAIN changes nothing, EXECUTE PLAN does what it said.</summary>
[Collection(ClusterCollection.Name)]
public sealed class PlanTests(ClusterFixture cluster)
{
    private const int KeptPlans = 100;

    [Fact]
    public async Task EXPLAIN_of_a_move_changes_nothing_and_its_plan_does_what_it_says()
    {
        string table = await cluster.CreateSpreadTableAsync();
        await cluster.ExecuteAsync($"INSERT INTO {table} VALUES (1, 10), (2, 20), (150, 30)");
        Assert.Equal([10, 20, 30], await ValuesAsync(table));
        List<SegmentRow> before = await SegmentsAsync(table);
        List<PlanRow> plan = await RowsAsync<PlanRow>($"EXPLAIN MOVE SEGMENT '{before[0].Segment}' TO SHARD {before[1].Shard}");
        Assert.Equal(2, plan.Count);
        Assert.Equal(("MOVE SEGMENT", 2), (plan[0].Action, plan[0].Est_rows));
        Assert.Contains($"EXECUTE PLAN '{plan[0].Plan_id}'", plan[0].Message, StringComparison.Ordinal);
        Assert.Equal(
            ("move", before[0].Segment, table, 2, before[0].Shard, before[1].Shard),
            (plan[1].Action, plan[1].Segment, plan[1].Tables, plan[1].Est_rows, plan[1].From_shard, plan[1].To_shard));
        Assert.True(plan[1].Est_bytes > 0 && plan[1].Est_write_pause_ms > 0);
        Assert.Equal(before.Select(s => s.Shard), (await SegmentsAsync(table)).Select(s => s.Shard));
        string id = plan[0].Plan_id;
        Assert.True(await cluster.ScalarAsync<bool>($"SELECT is_current FROM shard.plans WHERE plan_id = '{id}'"));
        JobRow job = (await RowsAsync<JobRow>("EXECUTE PLAN @id WITH (throttle = '20MB/s')", new { id })).Single();
        Assert.Equal(("MOVE SEGMENT", "succeeded", id), (job.Kind, job.State, job.Plan_id));
        Assert.Equal(before[1].Shard, (await SegmentsAsync(table))[0].Shard);
        Assert.Equal(
            (id, "20MB/s", 1),
            (await RowsAsync<(string, string, int)>(
                $"SELECT plan_id, throttle, steps_done FROM shard.jobs WHERE job_id = {job.Job_id}")).Single());
        Assert.Equal(job.Job_id, await cluster.ScalarAsync<long>($"SELECT job_id FROM shard.plans WHERE plan_id = '{id}'"));
        Assert.Equal([10, 20, 30], await ValuesAsync(table));
    }

    [Fact]
    public async Task A_plan_of_another_map_is_refused_with_the_next_step()
    {
        string table = await cluster.CreateSpreadTableAsync();
        List<SegmentRow> segments = await SegmentsAsync(table);
        string id = (await RowsAsync<PlanRow>($"EXPLAIN SPLIT SEGMENT '{segments[0].Segment}' AT (50)"))[0].Plan_id;
        await cluster.ExecuteAsync($"SPLIT SEGMENT '{segments[1].Segment}' AT (150)");
        ShardSqlException refused = await Assert.ThrowsAsync<ShardSqlException>(() => cluster.ExecuteAsync($"EXECUTE PLAN '{id}'"));
        Assert.Equal("55000", refused.SqlState);
        Assert.Contains("version", refused.Message, StringComparison.Ordinal);
        Assert.Contains("EXPLAIN SPLIT SEGMENT", refused.Hint, StringComparison.Ordinal);
        Assert.Equal(4, (await SegmentsAsync(table)).Count);
        Assert.False(await cluster.ScalarAsync<bool>($"SELECT is_current FROM shard.plans WHERE plan_id = '{id}'"));
    }

    [Fact]
    public async Task A_dropped_plan_is_gone_with_its_steps()
    {
        string table = await cluster.CreateSpreadTableAsync();
        string id = (await RowsAsync<PlanRow>($"EXPLAIN SPLIT TABLE {table} AT VALUES (10), (20), (110)"))[0].Plan_id;
        Assert.Equal(1, await cluster.ScalarAsync<long>($"SELECT count(*) FROM shard.plan_steps WHERE plan_id = '{id}'"));
        await cluster.ExecuteAsync($"DROP PLAN '{id}'");
        Assert.Equal(0, await cluster.ScalarAsync<long>($"SELECT count(*) FROM shard.plan_steps WHERE plan_id = '{id}'"));
        await cluster.ExecuteAsync($"DROP PLAN IF EXISTS '{id}'");
        foreach (string statement in new[] { $"DROP PLAN '{id}'", $"EXECUTE PLAN '{id}'", "EXECUTE PLAN 999999" })
        {
            ShardSqlException gone = await Assert.ThrowsAsync<ShardSqlException>(() => cluster.ExecuteAsync(statement));
            Assert.Equal("42704", gone.SqlState);
        }
    }

    [Fact]
    public async Task Of_too_many_plans_the_oldest_are_dropped()
    {
        string table = await cluster.CreateSpreadTableAsync();
        string first = (await RowsAsync<PlanRow>($"EXPLAIN SPLIT TABLE {table} AT VALUES (10)"))[0].Plan_id;
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        for (int i = 0; i < KeptPlans; i++)
        {
            await connection.ExecuteAsync($"EXPLAIN SPLIT TABLE {table} AT VALUES (10)");
        }

        Assert.Equal(KeptPlans, await connection.ExecuteScalarAsync<long>("SELECT count(*) FROM shard.plans"));
        Assert.Equal(
            0, await connection.ExecuteScalarAsync<long>("SELECT count(*) FROM shard.plan_steps WHERE plan_id = @first", new { first }));
    }

    [Fact]
    public async Task EXPLAIN_of_CREATE_INDEX_is_a_plan_too()
    {
        string table = await cluster.CreateSpreadTableAsync();
        await cluster.ExecuteAsync($"INSERT INTO {table} VALUES (1, 10), (2, 20), (150, 30)");
        Assert.Equal([10, 20, 30], await ValuesAsync(table));
        List<PlanRow> plan = await RowsAsync<PlanRow>($"EXPLAIN CREATE INDEX {table}_n ON {table} (n) GLOBAL");
        Assert.Equal(("build index", 3), (plan[1].Action, plan[1].Est_rows));
        Assert.Equal(0, await cluster.ScalarAsync<long>($"SELECT count(*) FROM shard.indexes WHERE table_name = '{table}'"));
        JobRow job = (await RowsAsync<JobRow>($"EXECUTE PLAN '{plan[0].Plan_id}'")).Single();
        Assert.Equal(("CREATE INDEX", "succeeded", plan[0].Plan_id), (job.Kind, job.State, job.Plan_id));
        Assert.Equal(1, await cluster.ScalarAsync<long>($"SELECT count(*) FROM {table} WHERE n = 20"));
        Assert.Equal(
            ("build index", "succeeded"),
            (await RowsAsync<(string, string)>($"SELECT action, state FROM shard.job_steps WHERE job_id = {job.Job_id}")).Single());
        Assert.Equal("55000", await StateOfAsync($"EXECUTE PLAN '{plan[0].Plan_id}'"));
    }

    [Fact]
    public async Task A_plan_as_JSON_names_its_steps()
    {
        string table = await cluster.CreateSpreadTableAsync();
        string json = (await cluster.ScalarAsync<string>($"EXPLAIN (JSON) MOVE SEGMENTS FROM {table} TO SHARD 1"))!;
        using var read = System.Text.Json.JsonDocument.Parse(json);
        Assert.Equal("MOVE SEGMENTS", read.RootElement.GetProperty("kind").GetString());
        Assert.All(
            read.RootElement.GetProperty("steps").EnumerateArray(),
            step => Assert.Equal("s1", step.GetProperty("to_shard").GetString()));
    }

    [Fact]
    public async Task A_job_of_many_steps_whose_gateway_stops_is_finished_by_another()
    {
        const int Rows = 40;
        string table = await cluster.CreateTableAsync("(id int PRIMARY KEY, n bigint NOT NULL)");
        await cluster.ExecuteAsync(
            $"INSERT INTO {table} VALUES " + string.Join(", ", Enumerable.Range(0, Rows).Select(i => $"({i}, {i})")));
        string keys = string.Join(", ", Enumerable.Range(0, Rows / 2).Select(i => $"({2 * i})"));
        string name = "dying-" + Guid.NewGuid().ToString("N");
        GatewayServer dying = SharedStorage.CreateGateway(cluster.Cluster);
        await dying.StartAsync(CancellationToken.None);
        InProcessEndpoints.Register(name, dying);
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        long job;
        await using (ShardSqlDataSource source = ShardSqlDataSource.Create($"Server=inproc:{name}"))
        {
            await using ShardSqlConnection other = await source.OpenConnectionAsync();
            job = await other.ExecuteScalarAsync<long>($"MOVE ROWS OF {table} KEYS ({keys}) TO SHARD 2 WITH (wait = '0s')");
            while (await connection.ExecuteScalarAsync<int>($"SELECT steps_done FROM shard.jobs WHERE job_id = {job}") < 3)
            {
                // The first moves are on their way.
            }
        }

        await dying.DisposeAsync();
        InProcessEndpoints.Unregister(name);
        (string state, int done, int steps) = await connection.QuerySingleAsync<(string, int, int)>(
            $"SELECT state, steps_done, steps FROM shard.jobs WHERE job_id = {job}");
        Assert.Equal("running", state);
        Assert.True(done < steps);
        await connection.ExecuteAsync($"UPDATE {table} SET n = n + 100");
        Assert.Equal("succeeded", (await connection.QuerySingleAsync<JobRow>($"WAIT JOB {job} TIMEOUT '60s'")).State);
        Assert.Equal(Enumerable.Range(100, Rows).Select(static n => (long)n), await ValuesAsync(table));
        List<StepRow> shown = (await connection.QueryAsync<StepRow>($"SHOW JOB {job} STEPS")).ToList();
        Assert.Equal(steps, shown.Count);
        Assert.All(shown, static step => Assert.Equal("succeeded", step.State));
        Assert.All(shown, static step => Assert.True(step.Started is not null && step.Finished >= step.Started));
        Assert.Contains(shown, static step => step.Action == "move" && step.Rows_copied == 1 && step.Real_write_pause_ms > 0);
        for (int i = 0; i < Rows / 2; i++)
        {
            string verdict = (await connection.QueryAsync<string>($"EXPLAIN SELECT n FROM {table} WHERE id = {2 * i}")).First();
            Assert.Contains("1 of 3 shards: s2", verdict, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_job_of_many_steps_pauses_between_them_and_ends_when_it_is_cancelled()
    {
        const int Rows = 60;
        string table = await cluster.CreateTableAsync("(id int PRIMARY KEY, n bigint NOT NULL)");
        await cluster.ExecuteAsync(
            $"INSERT INTO {table} VALUES " + string.Join(", ", Enumerable.Range(0, Rows).Select(i => $"({i}, {i})")));
        string keys = string.Join(", ", Enumerable.Range(0, Rows).Select(i => $"({i})"));
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        long job = await connection.ExecuteScalarAsync<long>($"MOVE ROWS OF {table} KEYS ({keys}) TO SHARD 3 WITH (wait = '0s')");
        while (await connection.ExecuteScalarAsync<int>($"SELECT steps_done FROM shard.jobs WHERE job_id = {job}") < 2)
        {
            // The first moves are on their way.
        }

        Assert.Equal("paused", (await connection.QuerySingleAsync<JobRow>($"PAUSE JOB {job}")).State);
        Assert.Equal("paused", (await connection.QuerySingleAsync<JobRow>($"WAIT JOB {job} TIMEOUT '1s'")).State);
        Assert.Equal("cancelling", (await connection.QuerySingleAsync<JobRow>($"CANCEL JOB {job}")).State);
        Assert.Equal("cancelled", (await connection.QuerySingleAsync<JobRow>($"WAIT JOB {job} TIMEOUT '60s'")).State);
        List<string> states = (await connection.QueryAsync<StepRow>($"SHOW JOB {job} STEPS")).Select(static s => s.State).ToList();
        Assert.Contains("succeeded", states);
        Assert.Contains("skipped", states);
        Assert.Equal(1, states.Count(static state => state == "cancelled"));
        Assert.Equal(Enumerable.Range(0, Rows).Select(static n => (long)n), await ValuesAsync(table));
    }

    private async Task<List<SegmentRow>> SegmentsAsync(string table) =>
        await RowsAsync<SegmentRow>(
            "SELECT segment, shard, from_key, to_key FROM shard.segments WHERE tables = @table", new { table });

    private async Task<IEnumerable<long>> ValuesAsync(string table) =>
        await RowsAsync<long>($"SELECT n FROM {table} ORDER BY id");

    private async Task<List<T>> RowsAsync<T>(string statement, object? parameters = null)
    {
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        return (await connection.QueryAsync<T>(statement, parameters)).ToList();
    }

    private async Task<string> StateOfAsync(string statement) =>
        (await Assert.ThrowsAsync<ShardSqlException>(() => cluster.ExecuteAsync(statement))).SqlState!;
}
