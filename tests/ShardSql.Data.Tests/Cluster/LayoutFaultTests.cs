using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Dapper;
using ShardSql.Gateway;
using ShardSql.Gateway.Hosting;
using ShardSql.Primitives;
using ShardSql.Protocol;
using ShardSql.Storage.Nodes;
using Xunit;

namespace ShardSql.Data.Tests.Cluster;

/// <summary>Changes of the layout that somebody else is in the way of, or that nobody is there any more to end.</summary>
public sealed class LayoutFaultTests
{
    private const int Rows = 200;

    [Theory]
    [InlineData("ADD NODE n5 AT 'inproc'", "SELECT state FROM shard.nodes WHERE node = 'n5'", "up")]
    [InlineData(
        "ALTER SHARD s1 ADD REPLICA ON n4", "SELECT replicas FROM shard.shards_details WHERE shard = 's1'", "n1, n2, n3, n4")]
    public async Task A_layout_whose_gateway_dies_before_the_nodes_hear_of_it_is_brought_by_another(
        string change, string question, string answer)
    {
        await using LayoutCluster cluster = await LayoutCluster.StartAsync();
        await cluster.ExecuteAsync("ADD NODE n4 AT 'inproc'");
        string name = "dying-" + Guid.NewGuid().ToString("N");
        var host = new DyingHost(cluster.Cluster.Storage.Layout);
        GatewayServer dying = await cluster.StartGatewayAsync(name, host);
        await using (ShardSqlDataSource source = ShardSqlDataSource.Create($"Server=inproc:{name}"))
        {
            await using ShardSqlConnection other = await source.OpenConnectionAsync();
            Task changing = other.ExecuteAsync(change);
            ClusterLayout committed = await host.Asked.WaitAsync(TimeSpan.FromSeconds(60));
            Assert.True(committed.Version > host.Layout.Version);
            host.Die();
            InProcessEndpoints.Unregister(name);
            await dying.DisposeAsync();
            await Assert.ThrowsAsync<ShardSqlException>(() => changing);
        }

        await cluster.AwaitAsync(question, answer);
        await cluster.AwaitAsync("SELECT DISTINCT state FROM shard.jobs WHERE state <> 'succeeded'", "");
    }

    [Fact]
    public async Task A_shard_is_not_dropped_while_a_segment_moves_there()
    {
        await using LayoutCluster cluster = await LayoutCluster.StartAsync();
        await FillAsync(cluster);
        await cluster.ExecuteAsync("CREATE SHARD s3 ON NODES (n1, n2, n3)");
        JobRow move = await cluster.JobAsync(
            "MOVE SEGMENTS FROM t WHERE shard = 's1' TO SHARD 3 WITH (wait = '0s', throttle = '1B/s')");
        await cluster.AwaitAsync($"SELECT phase FROM shard.jobs WHERE job_id = {move.Job_id}", "copying");
        JobRow drop = await cluster.JobAsync("DROP SHARD s3 WITH (wait = '0s')");
        await cluster.AwaitAsync(
            $"SELECT waiting_for FROM shard.jobs WHERE job_id = {drop.Job_id}", $"job {move.Job_id}, which moves a segment there");
        await cluster.ExecuteAsync($"ALTER JOB {move.Job_id} SET (throttle = 'unlimited')");
        Assert.Equal("succeeded", (await cluster.JobAsync($"WAIT JOB {move.Job_id} TIMEOUT '60s'")).State);
        drop = await cluster.JobAsync($"WAIT JOB {drop.Job_id} TIMEOUT '60s'");
        Assert.Equal("failed", drop.State);
        Assert.Contains("shard s3 holds 1 segment", drop.Message, StringComparison.Ordinal);
        Assert.Equal("serving", await cluster.TextAsync("SELECT state FROM shard.shards WHERE shard = 's3'"));
        await RequireAllAsync(cluster);
    }

    [Fact]
    public async Task A_shard_that_is_dropped_gets_no_segment_by_a_plan_that_names_it_or_a_job_that_would_come_to_it()
    {
        await using LayoutCluster cluster = await LayoutCluster.StartAsync();
        await FillAsync(cluster, segments: 8);
        await cluster.ExecuteAsync("CREATE SHARD s3 ON NODES (n1, n2, n3)");
        await cluster.ExecuteAsync("CREATE SHARD s4 ON NODES (n1, n2, n3)");
        const string Reshard = "RESHARD TABLE t BY SIZE WITH (balance = '1.05', throttle = '1B/s'";
        List<PlanRow> plan = await cluster.ListAsync<PlanRow>($"EXPLAIN {Reshard})");
        string[] targets = [.. plan.Select(static step => step.To_shard).OfType<string>().Distinct()];
        Assert.Equal(["s3", "s4"], targets.Order());

        JobRow job = await cluster.JobAsync($"{Reshard}, wait = '0s')");
        await cluster.AwaitAsync($"SELECT phase FROM shard.jobs WHERE job_id = {job.Job_id}", "copying");
        string dropped = targets[^1];
        Assert.Equal("succeeded", (await cluster.JobAsync($"DROP SHARD {dropped}")).State);
        ShardSqlException stale = await Assert.ThrowsAsync<ShardSqlException>(
            () => cluster.ExecuteAsync($"EXECUTE PLAN '{plan[0].Plan_id}'"));
        Assert.Equal("55000", stale.SqlState);
        Assert.NotEmpty(stale.Hint!);

        await cluster.ExecuteAsync($"ALTER JOB {job.Job_id} SET (throttle = 'unlimited')");
        job = await cluster.JobAsync($"WAIT JOB {job.Job_id} TIMEOUT '60s'");
        Assert.Equal("failed", job.State);
        Assert.Contains($"shard {dropped}", job.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(
            dropped, await cluster.ListAsync<string>("SELECT DISTINCT shard FROM shard.segments"));
        await RequireAllAsync(cluster);
    }

    [Fact]
    public async Task A_node_without_which_a_shard_has_no_majority_is_not_voted_out_of_any_shard()
    {
        await using LayoutCluster cluster = await LayoutCluster.StartAsync(replicas: 1);
        await FillAsync(cluster);
        foreach (string replica in (string[])["s0 ADD REPLICA ON n2", "s0 ADD REPLICA ON n3", "s2 ADD REPLICA ON n3"])
        {
            Assert.Equal("succeeded", (await cluster.JobAsync("ALTER SHARD " + replica)).State);
        }

        const string Voters = "SELECT shard || ': ' || replicas FROM shard.shards_details ORDER BY shard";
        string before = await cluster.TextAsync(Voters);
        Assert.Equal("s0: n1, n2, n3 s1: n1 s2: n2, n3", before);
        await cluster.Cluster.KillNodeAsync(new NodeId(3));
        await cluster.AwaitAsync("SELECT state FROM shard.nodes WHERE node = 'n3'", "unreachable");
        ShardSqlException refused = await Assert.ThrowsAsync<ShardSqlException>(
            () => cluster.ExecuteAsync("REMOVE NODE n3 FORCE"));
        Assert.Equal("55000", refused.SqlState);
        Assert.Contains("shard s2", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Start node n3 again from its folder", refused.Hint, StringComparison.Ordinal);

        await cluster.Cluster.StartNodeAsync(new NodeId(3));
        await cluster.AwaitAsync(Voters, before);
        await RequireAllAsync(cluster);
    }

    [Fact]
    public async Task A_node_without_which_the_system_shard_has_no_majority_stays()
    {
        await using LayoutCluster cluster = await LayoutCluster.StartAsync(replicas: 2);
        await FillAsync(cluster);
        await cluster.Cluster.KillNodeAsync(new NodeId(2));
        await cluster.AwaitAsync("SELECT state FROM shard.nodes WHERE node = 'n2'", "unreachable");
        ShardSqlException refused = await Assert.ThrowsAsync<ShardSqlException>(
            () => cluster.ExecuteAsync("REMOVE NODE n2 FORCE"));
        Assert.Equal("55000", refused.SqlState);
        Assert.Contains("shard s0", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Start node n2 again from its folder", refused.Hint, StringComparison.Ordinal);

        await cluster.Cluster.StartNodeAsync(new NodeId(2));
        await RequireAllAsync(cluster);
        Assert.Equal("n1, n2", await cluster.TextAsync("SELECT DISTINCT replicas FROM shard.shards_details"));
    }

    private static async Task FillAsync(LayoutCluster cluster, int segments = 2)
    {
        await cluster.ExecuteAsync($"CREATE TABLE t (id int PRIMARY KEY, n int NOT NULL) SHARD BY HASH (id) INTO {segments} SEGMENTS");
        await cluster.ExecuteAsync(
            "INSERT INTO t VALUES " + string.Join(", ", Enumerable.Range(0, Rows).Select(static id => $"({id}, 1)")));
    }

    private static async Task RequireAllAsync(LayoutCluster cluster)
    {
        Assert.Equal(Rows, await cluster.Admin.ExecuteAsync("UPDATE t SET n = n + 1"));
        Assert.Equal(
            (Rows, 2L * Rows), await cluster.Admin.QuerySingleAsync<(long, long)>("SELECT count(*), sum(n) FROM t"));
    }

    /// <summary>The host of a process that ends when it is to bring a newer layout: what it was asked for nobody hears of.</summary>
    private sealed class DyingHost(ClusterLayout layout) : ILayoutHost
    {
        private readonly TaskCompletionSource<ClusterLayout> _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource<IReadOnlyList<NodeId>> _brought = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ClusterLayout Layout => layout;

        /// <summary>The newer layout.</summary>
        public Task<ClusterLayout> Asked => _asked.Task;

        public void Die() => _brought.TrySetCanceled();

        public Task<IReadOnlyList<NodeId>> AdoptAsync(ClusterLayout newer, CancellationToken cancellationToken)
        {
            if (newer.Version > layout.Version)
            {
                _asked.TrySetResult(newer);
            }

            return _brought.Task.WaitAsync(cancellationToken);
        }
    }
}
