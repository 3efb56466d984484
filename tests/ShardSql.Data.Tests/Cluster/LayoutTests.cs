using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using Dapper;
using ShardSql.Gateway;
using ShardSql.Primitives;
using ShardSql.Protocol;
using Xunit;

namespace ShardSql.Data.Tests.Cluster;

/// <summary>Nodes, replicas and shards come and go while the cluster is used.</summary>
public sealed class LayoutTests
{
    [Fact]
    public async Task A_node_is_drained_under_load_and_another_takes_its_place()
    {
        await using LayoutCluster cluster = await LayoutCluster.StartAsync();
        await using Bank bank = await Bank.OpenAsync(cluster.Source);
        await cluster.ExecuteAsync("ADD NODE n4 AT 'inproc'");
        List<PlanRow> plan = await cluster.ListAsync<PlanRow>("EXPLAIN DRAIN NODE n2");
        Assert.Equal("mark n2", plan[1].Action);
        Assert.Equal(3, plan.Count(static step => step.Action.EndsWith("on n4", StringComparison.Ordinal)));
        Assert.Equal("up", await cluster.TextAsync("SELECT state FROM shard.nodes WHERE node = 'n2'"));
        JobRow drained = await cluster.JobAsync($"EXECUTE PLAN '{plan[0].Plan_id}' WITH (wait = '60s')");
        Assert.Equal(("DRAIN NODE", "succeeded"), (drained.Kind, drained.State));
        await bank.MoreAsync(50);
        Assert.Equal("drained", await cluster.TextAsync("SELECT state FROM shard.nodes WHERE node = 'n2'"));
        Assert.Equal(
            ["n1, n3, n4", "n1, n3, n4", "n1, n3, n4"],
            await cluster.ListAsync<string>("SELECT replicas FROM shard.shards_details ORDER BY shard"));
        await cluster.ExecuteAsync("REMOVE NODE n2");
        await cluster.ExecuteAsync("REMOVE NODE n2");
        Assert.Equal("n1 n3 n4", await cluster.TextAsync("SELECT node FROM shard.nodes ORDER BY node"));
        await bank.MoreAsync(50);
        await bank.CheckAsync();
        await cluster.RestartAsync();
        Assert.Equal("n1 n3 n4", await cluster.TextAsync("SELECT node FROM shard.nodes ORDER BY node"));
        Assert.Equal(64_000, await cluster.Admin.ExecuteScalarAsync<long>("SELECT sum(balance) FROM accounts"));
    }

    [Fact]
    public async Task A_drain_whose_gateway_stops_is_finished_by_another()
    {
        await using LayoutCluster cluster = await LayoutCluster.StartAsync();
        await cluster.ExecuteAsync("CREATE TABLE t (id int PRIMARY KEY)");
        await cluster.ExecuteAsync("ADD NODE n4 AT 'inproc'");
        string name = "dying-" + Guid.NewGuid().ToString("N");
        GatewayServer dying = await cluster.StartGatewayAsync(name);
        long job;
        await using (ShardSqlDataSource source = ShardSqlDataSource.Create($"Server=inproc:{name}"))
        {
            await using ShardSqlConnection other = await source.OpenConnectionAsync();
            job = await other.ExecuteScalarAsync<long>("DRAIN NODE n1 WITH (wait = '0s')");
            while (await cluster.Admin.ExecuteScalarAsync<int>($"SELECT steps_done FROM shard.jobs WHERE job_id = {job}") < 2)
            {
                // The first steps are on their way.
            }
        }

        await dying.DisposeAsync();
        InProcessEndpoints.Unregister(name);
        Assert.Equal("succeeded", (await cluster.JobAsync($"WAIT JOB {job} TIMEOUT '60s'")).State);
        Assert.Equal("drained", await cluster.TextAsync("SELECT state FROM shard.nodes WHERE node = 'n1'"));
        Assert.Equal("0", await cluster.TextAsync("SELECT replicas::text FROM shard.nodes WHERE node = 'n1'"));
        await cluster.ExecuteAsync("ADD NODE n1 AT 'inproc'");
        Assert.Equal("up", await cluster.TextAsync("SELECT state FROM shard.nodes WHERE node = 'n1'"));
    }

    [Fact]
    public async Task What_is_cancelled_leaves_no_mark_no_learner_and_a_shard_that_can_be_dropped()
    {
        await using LayoutCluster cluster = await LayoutCluster.StartAsync();
        await cluster.ExecuteAsync("ADD NODE n4 AT 'inproc'");
        string plan = (await cluster.ListAsync<PlanRow>("EXPLAIN DRAIN NODE n2"))[0].Plan_id;
        await cluster.Cluster.KillNodeAsync(new NodeId(4));
        JobRow job = await cluster.JobAsync($"EXECUTE PLAN '{plan}' WITH (wait = '0s')");
        await cluster.AwaitAsync(
            $"SELECT action FROM shard.job_steps WHERE job_id = {job.Job_id} AND state = 'running'", "add replica of s0 on n4");
        Assert.Equal("draining", await cluster.TextAsync("SELECT state FROM shard.nodes WHERE node = 'n2'"));
        ShardSqlException refused = await Assert.ThrowsAsync<ShardSqlException>(
            () => cluster.ExecuteAsync("ALTER SHARD s1 ADD REPLICA ON n2"));
        Assert.Equal("55006", refused.SqlState);
        Assert.Equal(job.Job_id, (await cluster.JobAsync("DRAIN NODE n2 WITH (wait = '0s')")).Job_id);
        await cluster.JobAsync($"CANCEL JOB {job.Job_id}");
        Assert.Equal("cancelled", (await cluster.JobAsync($"WAIT JOB {job.Job_id} TIMEOUT '60s'")).State);
        Assert.Equal("up", await cluster.TextAsync("SELECT state FROM shard.nodes WHERE node = 'n2'"));
        Assert.Equal(
            "n1, n2, n3", await cluster.TextAsync("SELECT DISTINCT replicas FROM shard.shards"));
        Assert.Equal("55000", (await Assert.ThrowsAsync<ShardSqlException>(
            () => cluster.ExecuteAsync($"RETRY JOB {job.Job_id}"))).SqlState);
        job = await cluster.JobAsync("CREATE SHARD s3 ON NODES (n4) WITH (wait = '0s')");
        await cluster.AwaitAsync($"SELECT waiting_for FROM shard.jobs WHERE job_id = {job.Job_id}", "a leader of shard s3");
        await cluster.JobAsync($"CANCEL JOB {job.Job_id}");
        Assert.Equal("cancelled", (await cluster.JobAsync($"WAIT JOB {job.Job_id} TIMEOUT '60s'")).State);
        Assert.Equal("no leader", await cluster.TextAsync("SELECT state FROM shard.shards WHERE shard = 's3'"));
        Assert.Equal("succeeded", (await cluster.JobAsync("DROP SHARD s3")).State);
        await cluster.ExecuteAsync("REMOVE NODE n4");
    }

    [Fact]
    public async Task A_node_that_is_gone_for_ever_is_voted_out()
    {
        await using LayoutCluster cluster = await LayoutCluster.StartAsync();
        await cluster.ExecuteAsync("CREATE TABLE t (id int PRIMARY KEY)");
        ShardSqlException answers = await Assert.ThrowsAsync<ShardSqlException>(
            () => cluster.ExecuteAsync("REMOVE NODE n3 FORCE"));
        Assert.Equal("55006", answers.SqlState);
        await cluster.Cluster.KillNodeAsync(new NodeId(3));
        await cluster.AwaitAsync("SELECT state FROM shard.nodes WHERE node = 'n3'", "unreachable");
        await cluster.ExecuteAsync("REMOVE NODE n3 FORCE");
        Assert.Equal("n1 n2", await cluster.TextAsync("SELECT node FROM shard.nodes ORDER BY node"));
        Assert.Equal("n1, n2", await cluster.TextAsync("SELECT DISTINCT replicas FROM shard.shards_details"));
        await cluster.ExecuteAsync("INSERT INTO t VALUES (1), (2), (3)");
        Assert.Equal(3, await cluster.Admin.ExecuteScalarAsync<long>("SELECT count(*) FROM t"));
    }

    [Fact]
    public async Task What_cannot_be_done_is_refused_with_what_can()
    {
        await using LayoutCluster cluster = await LayoutCluster.StartAsync();
        await cluster.ExecuteAsync("CREATE TABLE t (id int PRIMARY KEY)");
        await cluster.ExecuteAsync("ADD NODE n1 AT 'inproc'");
        (string Text, string State, string Hint)[] refusals =
        [
            ("REMOVE NODE n1", "55006", "DRAIN NODE n1"),
            ("REMOVE NODE n9", "42704", "SHOW NODES"),
            ("REMOVE NODE x", "22023", "n1, n2"),
            ("ADD NODE n1 AT '10.0.0.1:7501'", "42710", "The next node is n4."),
            ("ADD NODE n4 AT '10.0.0.1:7501'", "22023", "'inproc'"),
            ("ADD NODE n0 AT 'inproc'", "55000", "The next node is n4."),
            ("DRAIN NODE n9", "42704", "SHOW NODES"),
            ("DRAIN NODE n1", "55000", "ADD NODE"),
            ("EXPLAIN DRAIN NODE n1", "55000", "REMOVE REPLICA ON n1"),
            ("DRAIN NODE n1 WITH (throttle = '1MB/s')", "22023", "wait"),
            ("ALTER SHARD s9 ADD REPLICA ON n1", "42704", "SHOW SHARDS"),
            ("ALTER SHARD s1 ADD REPLICA ON n9", "42704", "SHOW NODES"),
            ("CREATE SHARD s1 ON NODES (n1)", "42710", "s3"),
            ("CREATE SHARD s3 ON NODES (n1, n1)", "22023", "at most one"),
            ("CREATE SHARD s3 ON NODES (n7)", "42704", "SHOW NODES"),
            ("DROP SHARD s0", "55000", "catalog"),
            ("DROP SHARD s9", "42704", "SHOW SHARDS"),
            ("DROP SHARD s1", "55006", "MOVE SEGMENTS FROM t WHERE shard = 's1' TO SHARD"),
        ];
        foreach ((string text, string state, string hint) in refusals)
        {
            ShardSqlException refused = await Assert.ThrowsAsync<ShardSqlException>(() => cluster.ExecuteAsync(text));
            Assert.Equal((text, state), (text, refused.SqlState));
            Assert.Contains(hint, refused.Hint, StringComparison.Ordinal);
        }

        await cluster.ExecuteAsync("DROP SHARD IF EXISTS s9");
        Assert.Equal("25001", (await Assert.ThrowsAsync<ShardSqlException>(
            () => cluster.ExecuteAsync("BEGIN; ADD NODE n4 AT 'inproc'"))).SqlState);
        await cluster.ExecuteAsync("ROLLBACK;");
        Assert.Equal("n1 n2 n3", await cluster.TextAsync("SELECT node FROM shard.nodes ORDER BY node"));
        Assert.Empty(await cluster.ListAsync<JobRow>("SELECT job_id FROM shard.jobs"));
    }

    [Fact]
    public async Task A_replica_is_added_and_removed_while_rows_are_written()
    {
        await using LayoutCluster cluster = await LayoutCluster.StartAsync(replicas: 1);
        await using Bank bank = await Bank.OpenAsync(cluster.Source);
        string home = await cluster.TextAsync("SELECT replicas FROM shard.shards WHERE shard = 's1'");
        string other = home == "n1" ? "n2" : "n1";
        ShardSqlException only = await Assert.ThrowsAsync<ShardSqlException>(
            () => cluster.ExecuteAsync($"ALTER SHARD s1 REMOVE REPLICA ON {home}"));
        Assert.Equal("55000", only.SqlState);
        Assert.Equal("succeeded", (await cluster.JobAsync($"ALTER SHARD s1 ADD REPLICA ON {other}")).State);
        Assert.Equal("succeeded", (await cluster.JobAsync($"ALTER SHARD s1 ADD REPLICA ON {other}")).State);
        await bank.MoreAsync(20);
        JobRow removed = await cluster.JobAsync($"ALTER SHARD s1 REMOVE REPLICA ON {home}");
        Assert.Equal("succeeded", removed.State);
        Assert.Equal(other, await cluster.TextAsync("SELECT replicas FROM shard.shards_details WHERE shard = 's1'"));
        await bank.MoreAsync(20);
        await bank.CheckAsync();
        ShardSqlException reverted = await Assert.ThrowsAsync<ShardSqlException>(
            () => cluster.ExecuteAsync($"REVERT JOB {removed.Job_id}"));
        Assert.Equal(("55000", $"ALTER SHARD s1 ADD REPLICA ON {home} takes it back."), (reverted.SqlState, reverted.Hint));
    }
}
