using System;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using Dapper;

using ShardSql.Planning.Catalogs;

using Xunit;

namespace ShardSql.Data.Tests.Cluster;

/// <summary>Tables that are written anew while they are used: slowly, with pauses, and never with other rows.</summary>
public sealed class RewriteTests : OneNodeTests
{
    private const int Rows = 300;
    private const string Rewrite = "ALTER TABLE t SET SHARD BY RANGE (id) SPLIT AT VALUES (100) WITH (wait = '0s', throttle = '1kB/s')";

    [Fact]
    public async Task A_paused_job_copies_nothing_while_rows_are_written_and_goes_on_when_it_is_resumed()
    {
        await FillAsync("t");
        using var stop = new CancellationTokenSource();
        Task<long> writes = WriteAsync(stop.Token);
        JobRow job = await JobAsync(Rewrite);
        await UntilAsync(job, static row => row.Rows_copied > 0);
        Assert.Equal("paused", (await JobAsync($"PAUSE JOB {job.Job_id}")).State);
        Progress before = await ProgressAsync(job);
        Assert.Equal(("paused", "copying", "1kB/s", null), (before.State, before.Phase, before.Throttle, before.Eta_s));
        Assert.InRange(before.Pct, 1, 99);
        Assert.InRange(before.Bytes_copied, 1, 100 * Rows);
        await ExecuteAsync("INSERT INTO t VALUES (1000, 0), (1001, 0); DELETE FROM t WHERE id < 2");
        Progress after = await ProgressAsync(job);
        Assert.Equal((before.Rows_copied, "paused", "copying"), (after.Rows_copied, after.State, after.Phase));

        await ExecuteAsync($"ALTER JOB {job.Job_id} SET (throttle = 'unlimited')");
        Assert.Equal("running", (await JobAsync($"RESUME JOB {job.Job_id}")).State);
        Assert.Equal("succeeded", (await JobAsync($"WAIT JOB {job.Job_id}")).State);
        await stop.CancelAsync();
        long written = await writes;
        Assert.True(written > 0);
        await RequireAsync("SHARD BY RANGE (id) SPLIT AT VALUES (100)", Rows, written);
        Progress ended = await ProgressAsync(job);
        Assert.Equal((100, 0L, "unlimited"), (ended.Pct, ended.Eta_s, ended.Throttle));
        Assert.InRange(ended.Rows_copied, Rows - 2, Rows + 2);
    }

    [Fact]
    public async Task A_paused_job_that_is_cancelled_takes_back_what_it_did()
    {
        await FillAsync("t");
        JobRow job = await JobAsync(Rewrite);
        await UntilAsync(job, static row => row.Rows_copied > 0);
        await ExecuteAsync($"PAUSE JOB {job.Job_id}");
        Assert.Equal("cancelling", (await JobAsync($"CANCEL JOB {job.Job_id}")).State);
        Assert.Equal("cancelled", (await JobAsync($"WAIT JOB {job.Job_id}")).State);
        await RequireAsync("SHARD BY HASH (id) INTO 3 SEGMENTS", Rows, 0);
        Assert.Empty(await Connection.QueryAsync("SHOW INDEXES WHERE table_name = 't'"));
        Assert.Equal("55000", (await Assert.ThrowsAsync<ShardSqlException>(() => JobAsync($"PAUSE JOB {job.Job_id}"))).SqlState);
    }

    [Fact]
    public async Task New_rows_that_are_not_those_of_the_table_never_take_their_place()
    {
        DamagingClient.Damage[] damages = Enum.GetValues<DamagingClient.Damage>();
        foreach (DamagingClient.Damage damage in damages)
        {
            await FillAsync("t" + (int)damage);
        }

        // Nothing takes its place while somebody reads at a snapshot from before.
        await using ShardSqlConnection reader = await Source.OpenConnectionAsync();
        await reader.ExecuteAsync("BEGIN READ ONLY; SELECT count(*) FROM t0");
        JobRow[] jobs = new JobRow[damages.Length];
        foreach (DamagingClient.Damage damage in damages)
        {
            jobs[(int)damage] = await JobAsync($"ALTER TABLE t{(int)damage} SET SINGLE WITH (wait = '0s', throttle = 'unlimited')");
            await UntilAsync(jobs[(int)damage], static row => row.Phase == "catching_up");
        }

        // Their tables have the first numbers, and what they are to be the next.
        var damaging = new DamagingClient(Cluster.Storage.Client, Catalog.FirstTableId + (uint)damages.Length);
        await using (DamagingGateway gateway = await DamagingGateway.StartAsync(Cluster, damaging))
        {
            foreach (DamagingClient.Damage damage in damages)
            {
                await gateway.ExecuteAsync($"BEGIN; UPDATE t{(int)damage} SET n = 7 WHERE id = 5; COMMIT");
                await gateway.ExecuteAsync($"BEGIN; DELETE FROM t{(int)damage} WHERE id = 6; COMMIT");
            }

            Assert.Equal(damages, damaging.Done.Order());
        }

        await reader.ExecuteAsync("COMMIT");
        foreach (DamagingClient.Damage damage in damages)
        {
            JobRow job = await JobAsync($"WAIT JOB {jobs[(int)damage].Job_id}");
            Assert.Equal("failed", job.State);
            Assert.StartsWith("the rows that were written anew are not those of the table", job.Message, StringComparison.Ordinal);
            Assert.Equal(
                "SHARD BY HASH (id) INTO 3 SEGMENTS",
                await Connection.ExecuteScalarAsync<string>($"SELECT clause FROM shard.placement WHERE table_name = 't{(int)damage}'"));
            Assert.Equal(
                (7, Rows - 1), await Connection.QuerySingleAsync<(int, long)>($"SELECT sum(n), count(*) FROM t{(int)damage}"));
        }
    }

    private async Task FillAsync(string table)
    {
        await ExecuteAsync($"CREATE TABLE {table} (id int PRIMARY KEY, n int NOT NULL)");
        await ExecuteAsync($"INSERT INTO {table} VALUES " + string.Join(", ", Enumerable.Range(0, Rows).Select(static id => $"({id}, 0)")));
    }

    private async Task RequireAsync(string clause, int rows, long sum)
    {
        Assert.Equal(
            clause, await Connection.ExecuteScalarAsync<string>("SELECT clause FROM shard.placement WHERE table_name = 't'"));
        Assert.Equal((sum, (long)rows), await Connection.QuerySingleAsync<(long, long)>("SELECT sum(n), count(*) FROM t"));
    }

    /// <summary>Adds one to rows that stay, as long as nobody says to stop; gives how often.</summary>
    private async Task<long> WriteAsync(CancellationToken stop)
    {
        await using ShardSqlConnection writer = await Source.OpenConnectionAsync(CancellationToken.None);
        long written = 0;
        for (int id = 2; !stop.IsCancellationRequested; id = 2 + ((id + 40) % (Rows - 2)))
        {
            await Source.ExecuteInTransactionAsync(
                async (session, transaction, token) => await session.ExecuteAsync(
                    "UPDATE t SET n = n + 1 WHERE id = @id", new { id }, transaction),
                CancellationToken.None);
            written++;
        }

        return written;
    }

    private Task<Progress> ProgressAsync(JobRow job) => Connection.QuerySingleAsync<Progress>(
        "SELECT state, phase, pct, rows_copied, bytes_copied, eta_s, throttle FROM shard.jobs WHERE job_id = @Job_id", job);

    private async Task UntilAsync(JobRow job, Func<Progress, bool> holds)
    {
        do
        {
            Assert.Equal("running", (await JobAsync($"WAIT JOB {job.Job_id} TIMEOUT '20ms'")).State);
        }
        while (!holds(await ProgressAsync(job)));
    }

    private sealed class Progress
    {
        public string State { get; set; } = "";

        public string Phase { get; set; } = "";

        public int Pct { get; set; }

        public long Rows_copied { get; set; }

        public long Bytes_copied { get; set; }

        public long? Eta_s { get; set; }

        public string Throttle { get; set; } = "";
    }
}
