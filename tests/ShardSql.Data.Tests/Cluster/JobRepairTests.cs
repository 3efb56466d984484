using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using Dapper;
using Xunit;

namespace ShardSql.Data.Tests.Cluster;

/// <summary>REVERT, RETRY and ALTER of jobs, and the options that they are begun with.</summary>
[Collection(JobCollection.Name)]
public sealed class JobRepairTests(ClusterFixture cluster)
{
    [Fact]
    public async Task A_reverted_job_of_moved_rows_leaves_the_map_and_the_rows_as_they_were()
    {
        string table = await cluster.CreateSpreadTableAsync();
        await cluster.ExecuteAsync($"INSERT INTO {table} VALUES (1, 10), (5, 20), (150, 30)");
        List<SegmentRow> before = await SegmentsAsync(table);
        string to = before[2].Shard;
        JobRow moved = await JobAsync($"MOVE ROWS OF {table} KEYS ((1), (5)) TO SHARD {to}");
        Assert.Equal(
            [$"1|{to}", $"2|{before[0].Shard}", $"5|{to}", $"6|{before[0].Shard}", $"100|{before[1].Shard}", $"200|{to}"],
            (await SegmentsAsync(table)).Where(s => s.From_key is not null).Select(s => s.From_key!.Trim('(', ')') + "|" + s.Shard));
        Assert.Equal([10, 20, 30], await ValuesAsync(table));
        await cluster.ExecuteAsync($"UPDATE {table} SET n = n + 1");
        JobRow reverted = await EndAsync(await JobAsync($"REVERT JOB {moved.Job_id}"));
        Assert.Equal(("REVERT MOVE ROWS", "succeeded"), (reverted.Kind, reverted.State));
        Assert.Equal(
            before.Select(s => (s.Shard, s.From_key, s.To_key)),
            (await SegmentsAsync(table)).Select(s => (s.Shard, s.From_key, s.To_key)));
        Assert.Equal([11, 21, 31], await ValuesAsync(table));
    }

    [Fact]
    public async Task A_reverted_split_is_a_join_and_a_reverted_join_a_split()
    {
        string table = await cluster.CreateSpreadTableAsync();
        JobRow split = await JobAsync($"SPLIT TABLE {table} AT VALUES (10), (20), (150)");
        Assert.Equal(6, (await SegmentsAsync(table)).Count);
        JobRow joined = await EndAsync(await JobAsync($"REVERT JOB {split.Job_id}"));
        Assert.Equal(3, (await SegmentsAsync(table)).Count);
        Assert.Equal("succeeded", (await EndAsync(await JobAsync($"REVERT JOB {joined.Job_id}"))).State);
        Assert.Equal(6, (await SegmentsAsync(table)).Count);
    }

    [Fact]
    public async Task A_job_whose_map_has_changed_since_is_not_reverted()
    {
        string table = await cluster.CreateSpreadTableAsync();
        List<SegmentRow> segments = await SegmentsAsync(table);
        JobRow moved = await JobAsync($"MOVE SEGMENT '{segments[0].Segment}' TO SHARD {segments[1].Shard}");
        await cluster.ExecuteAsync($"SPLIT SEGMENT '{segments[0].Segment}' AT (50)");
        ShardSqlException refused = await RefusedAsync($"REVERT JOB {moved.Job_id}");
        Assert.Equal("55000", refused.SqlState);
        Assert.Contains("has changed since", refused.Message, StringComparison.Ordinal);
        Assert.NotEmpty(refused.Hint!);
    }

    [Theory]
    [InlineData("LOCAL")]
    [InlineData("GLOBAL")]
    public async Task A_reverted_index_is_dropped(string scope)
    {
        string table = await cluster.CreateSpreadTableAsync();
        JobRow built = await JobAsync($"CREATE INDEX {table}_n ON {table} (n) {scope}");
        JobRow reverted = await JobAsync($"REVERT JOB {built.Job_id}");
        Assert.Equal(("REVERT CREATE INDEX", "succeeded"), (reverted.Kind, reverted.State));
        Assert.Equal(0, await cluster.ScalarAsync<long>($"SELECT count(*) FROM shard.indexes WHERE table_name = '{table}'"));
        Assert.Equal("55000", (await RefusedAsync($"REVERT JOB {built.Job_id}")).SqlState);
    }

    [Fact]
    public async Task An_index_that_could_not_be_built_is_built_again_when_its_rows_are_right()
    {
        string table = await cluster.CreateSpreadTableAsync();
        await cluster.ExecuteAsync($"INSERT INTO {table} VALUES (1, 10), (2, 10)");
        Assert.Equal("23505", (await RefusedAsync($"CREATE UNIQUE INDEX {table}_n ON {table} (n) GLOBAL")).SqlState);
        long job = await cluster.ScalarAsync<long>(
            $"SELECT job_id FROM shard.jobs WHERE target = 'index {table}_n on {table}'");
        Assert.Equal("55000", (await RefusedAsync($"REVERT JOB {job}")).SqlState);
        await cluster.ExecuteAsync($"DELETE FROM {table} WHERE id = 2");
        JobRow again = await EndAsync(await JobAsync($"RETRY JOB {job}"));
        Assert.Equal("succeeded", again.State);
        Assert.Equal("23505", (await RefusedAsync($"INSERT INTO {table} VALUES (3, 10)")).SqlState);
    }

    [Fact]
    public async Task A_cancelled_job_goes_on_when_it_is_retried()
    {
        const int Rows = 40;
        string table = await cluster.CreateTableAsync("(id int PRIMARY KEY, n bigint NOT NULL)");
        await cluster.ExecuteAsync(
            $"INSERT INTO {table} VALUES " + string.Join(", ", Enumerable.Range(0, Rows).Select(i => $"({i}, {i})")));
        string keys = string.Join(", ", Enumerable.Range(0, Rows).Select(i => $"({i})"));
        JobRow job = await JobAsync($"MOVE ROWS OF {table} KEYS ({keys}) TO SHARD 1 WITH (wait = '0s')");
        Assert.Equal("55000", (await RefusedAsync($"RETRY JOB {job.Job_id}")).SqlState);
        Assert.Equal("55000", (await RefusedAsync($"REVERT JOB {job.Job_id}")).SqlState);
        await cluster.ExecuteAsync($"CANCEL JOB {job.Job_id}");
        Assert.Equal("cancelled", (await EndAsync(job)).State);
        Assert.Equal("running", (await JobAsync($"RETRY JOB {job.Job_id}")).State);
        Assert.Equal("succeeded", (await EndAsync(job)).State);
        Assert.All(
            await RowsAsync<StepRow>($"SHOW JOB {job.Job_id} STEPS"), static step => Assert.Equal("succeeded", step.State));
        Assert.Equal(Enumerable.Range(0, Rows).Select(static n => (long)n), await ValuesAsync(table));
    }

    [Fact]
    public async Task A_throttle_can_be_lifted_while_the_job_runs()
    {
        string table = await cluster.CreateTableAsync("(id int PRIMARY KEY, text text) SHARD BY RANGE (id)");
        for (int from = 0; from < 3_000; from += 500)
        {
            await cluster.ExecuteAsync(
                $"INSERT INTO {table} VALUES " + string.Join(", ", Enumerable.Range(from, 500).Select(i => $"({i}, '{new string('x', 100)}')")));
        }

        SegmentRow segment = (await SegmentsAsync(table)).Single();
        string to = segment.Shard == "s1" ? "s2" : "s1";
        JobRow job = await JobAsync($"MOVE SEGMENT '{segment.Segment}' TO SHARD {to} WITH (throttle = '1B/s', wait = '0s')");
        Assert.Equal("running", (await JobAsync($"WAIT JOB {job.Job_id} TIMEOUT '500ms'")).State);
        Assert.Equal("running", (await JobAsync($"ALTER JOB {job.Job_id} SET (throttle = '1GB/s', max_write_pause = '2s')")).State);
        Assert.Equal(
            ("1GB/s", 2_000L),
            (await RowsAsync<(string, long)>($"SELECT throttle, max_write_pause_ms FROM shard.jobs WHERE job_id = {job.Job_id}")).Single());
        Assert.Equal("succeeded", (await EndAsync(job)).State);
        Assert.Equal(3_000, await cluster.ScalarAsync<long>($"SELECT count(*) FROM {table}"));
        Assert.Equal("55000", (await RefusedAsync($"ALTER JOB {job.Job_id} SET (throttle = '1GB/s')")).SqlState);
        Assert.Equal("22023", (await RefusedAsync($"ALTER JOB {job.Job_id} SET (wait = '1s')")).SqlState);
    }

    [Fact]
    public async Task A_job_whose_pause_would_be_too_long_ends_where_it_shall_abort()
    {
        string table = await cluster.CreateSpreadTableAsync();
        await cluster.ExecuteAsync($"INSERT INTO {table} VALUES (1, 10)");
        List<SegmentRow> segments = await SegmentsAsync(table);
        ShardSqlException exceeded = await RefusedAsync(
            $"MOVE SEGMENT '{segments[0].Segment}' TO SHARD {segments[1].Shard} WITH (max_write_pause = '0ms', on_pause_exceeded = 'abort')");
        Assert.Equal("55P04", exceeded.SqlState);
        Assert.Equal(segments[0].Shard, (await SegmentsAsync(table))[0].Shard);
        await cluster.ExecuteAsync($"UPDATE {table} SET n = 11 WHERE id = 1");
        Assert.Equal([11], await ValuesAsync(table));
    }

    [Theory]
    [InlineData("REVERT JOB 999999", "42704")]
    [InlineData("RETRY JOB 999999", "42704")]
    [InlineData("ALTER JOB 999999 SET (throttle = '1MB/s')", "42704")]
    [InlineData("MOVE ROWS OF {0} KEYS ((1), (2)) TO SHARD 1 WITH (max_moves = 0)", "22023")]
    [InlineData("MOVE ROWS OF {0} KEYS ((1, 2)) TO SHARD 1", "22023")]
    [InlineData("MOVE ROWS OF {0} KEYS (('x')) TO SHARD 1", "42804")]
    [InlineData("MOVE ROWS OF nothing_there KEYS ((1)) TO SHARD 1", "42P01")]
    [InlineData("MOVE SEGMENTS FROM {0} WHERE nonsense > 1 TO SHARD 1", "42703")]
    [InlineData("MOVE SEGMENTS FROM {0} WHERE epoch TO SHARD 1", "42804")]
    [InlineData("SPLIT TABLE {0} INTO 0", "22023")]
    [InlineData("SPLIT TABLE {0} INTO 9", "22023")]
    [InlineData("EXPLAIN ANALYZE SPLIT TABLE {0} AT VALUES (1)", "0A000")]
    public async Task What_cannot_be_done_says_why(string statement, string sqlState)
    {
        string table = await cluster.CreateSpreadTableAsync();
        Assert.Equal(sqlState, (await RefusedAsync(statement.Replace("{0}", table, StringComparison.Ordinal))).SqlState);
    }

    private async Task<List<SegmentRow>> SegmentsAsync(string table) =>
        await RowsAsync<SegmentRow>($"SELECT segment, shard, from_key, to_key FROM shard.segments WHERE tables = '{table}'");

    private async Task<IEnumerable<long>> ValuesAsync(string table) =>
        await RowsAsync<long>($"SELECT n FROM {table} ORDER BY id");

    private async Task<JobRow> JobAsync(string statement) => (await RowsAsync<JobRow>(statement)).Single();

    private Task<JobRow> EndAsync(JobRow job) => JobAsync($"WAIT JOB {job.Job_id} TIMEOUT '60s'");

    private async Task<List<T>> RowsAsync<T>(string statement)
    {
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        return (await connection.QueryAsync<T>(statement)).ToList();
    }

    private Task<ShardSqlException> RefusedAsync(string statement) =>
        Assert.ThrowsAsync<ShardSqlException>(() => cluster.ExecuteAsync(statement));
}
