using System;
using System.Threading.Tasks;

using ShardSql.Gateway;
using ShardSql.Gateway.Hosting;
using ShardSql.Gateway.Jobs;
using ShardSql.Protocol;
using ShardSql.Sql;

using Xunit;

namespace ShardSql.Tests.Gateway;

/// <summary>Whose a job is.</summary>
public sealed class JobLeaseTests
{
    [Fact]
    public async Task Release_givesAJobToAnotherAtOnce_butNotThatOfALaterLease()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        GatewayServices services = gateway.Server.Services;
        var job = new JobRecord { Id = 900, Kind = JobRecord.MoveSegment, Target = "nothing", IsPaused = true };
        await services.Store.ChangeAsync(
            transaction =>
            {
                JobStore.Put(transaction, job);
                return Task.FromResult((job, HasWrites: true));
            },
            default);
        JobRecord one = await TakenAsync(services);
        JobRecord leased = await LeaseAsync(services, one);
        Assert.Null(await services.JobRows.TakeAsync(job.Id, default));
        await services.JobRows.ReleaseAsync(leased, default);
        JobRecord other = await TakenAsync(services);
        Assert.Equal(one.Epoch + 1, other.Epoch);
        await services.JobRows.ReleaseAsync(one, default);
        Assert.Null(await services.JobRows.TakeAsync(job.Id, default));
    }

    [Fact]
    public async Task Stop_ofAGateway_leavesItsJobsToOthersAtOnce_whoEndThem()
    {
        await using EmbeddedCluster cluster = await EmbeddedCluster.StartAsync(new EmbeddedClusterOptions
        {
            Name = "leases-" + Guid.NewGuid().ToString("N"), Store = "memory", Nodes = 1,
        });
        long id;
        await using (TestSession session = await TestSession.OpenAsync(cluster.Name))
        {
            // It waits for the horizon in the end, for longer than it takes to stop the gateway.
            (await session.RunAsync("CREATE TABLE t (id int PRIMARY KEY)")).Ok();
            (await session.RunAsync("INSERT INTO t VALUES (1), (2), (3)")).Ok();
            TestReply begun = (await session.RunAsync("ALTER TABLE t SET SINGLE WITH (wait = '0s')")).Ok();
            id = begun.Rows[0][0].AsInt64();
            while ((await session.RunAsync($"SELECT 1 FROM shard.jobs WHERE job_id = {id} AND phase = 'catching_up'")).Ok().Rows.Count == 0)
            {
                (await session.RunAsync($"WAIT JOB {id} TIMEOUT '50ms'")).Ok();
            }
        }

        await cluster.Gateway.DisposeAsync();
        await using var other = new GatewayServer(
            cluster.Storage.Client, cluster.Storage.Nodes, new GatewayOptions { SourceNumber = 77 });
        JobRecord left = (await other.Services.JobRows.FindAsync(id, default))!;
        Assert.Equal((JobState.Running, 0L), (left.State, left.LeaseUntilMs));

        await other.StartAsync(default);
        string name = cluster.Name + "-other";
        InProcessEndpoints.Register(name, other);
        await using TestSession later = await TestSession.OpenAsync(name);
        Assert.Equal("succeeded", (await later.RunAsync($"WAIT JOB {id} TIMEOUT '2m'")).Ok().Rows[0][2].ToText());
        (await later.RunAsync("INSERT INTO t VALUES (3)")).Refused(SqlStates.UniqueViolation);
        Assert.Equal(3, (await later.RunAsync("SELECT count(*) FROM t")).Ok().Rows[0][0].AsInt64());
        InProcessEndpoints.Unregister(name);
    }

    private static async Task<JobRecord> TakenAsync(GatewayServices services)
    {
        JobRecord? taken = await services.JobRows.TakeAsync(900, default);
        Assert.NotNull(taken);
        return taken;
    }

    private static Task<JobRecord> LeaseAsync(GatewayServices services, JobRecord taken) => services.Store.ChangeAsync(
        async transaction => (
            services.JobRows.Write(transaction, await services.JobRows.RequireAsync(transaction, taken, default)), HasWrites: true),
        default);
}
