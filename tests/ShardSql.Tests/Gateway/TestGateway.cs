using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using ShardSql.Gateway;
using ShardSql.Primitives;
using ShardSql.Protocol;

namespace ShardSql.Tests.Gateway;

/// <summary>The clock of a machine that is ahead.</summary>
internal sealed class AheadTime(TimeSpan by) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + by;
}

/// <summary>A gateway of a fake cluster, reachable in the process under a name of its own.</summary>
internal sealed class TestGateway : IAsyncDisposable, INodeDirectory
{
    private TestGateway(FakeShardCluster cluster, TimeProvider time, GatewayOptions options)
    {
        Cluster = cluster;
        Server = new GatewayServer(cluster, this, options with { DataShards = cluster.DataShards }, time);
    }

    public FakeShardCluster Cluster { get; }

    public GatewayServer Server { get; }

    public string Name { get; } = "gateway-" + Guid.NewGuid().ToString("N");

    public IReadOnlyList<NodeEntry> Nodes { get; } =
    [
        new NodeEntry(new NodeId(1), "inproc", "both", true, "memory", 0),
        new NodeEntry(new NodeId(2), "inproc", "node", true, "memory", 0),
        new NodeEntry(new NodeId(3), "inproc", "node", false, "memory", 9_000),
    ];

    public IReadOnlyList<ShardEntry> Shards =>
    [
        .. Cluster.DataShards.Prepend(ShardId.System).Select(static shard =>
            new ShardEntry(shard, FakeShardCluster.LeaderOf(shard), [new NodeId(1), new NodeId(2), new NodeId(3)])),
    ];

    public static Task<TestGateway> StartAsync(int shards = 3) => StartAsync(new FakeShardCluster(shards));

    public static async Task<TestGateway> StartAsync(
        FakeShardCluster cluster, TimeProvider? time = null, GatewayOptions? options = null)
    {
        var gateway = new TestGateway(cluster, time ?? TimeProvider.System, options ?? new GatewayOptions());
        await gateway.Server.StartAsync(CancellationToken.None);
        InProcessEndpoints.Register(gateway.Name, gateway.Server);
        return gateway;
    }

    /// <summary>A gateway with a table "a" of the rows (1, 0) to (8, 0), a session, and nothing traced yet.</summary>
    public static async Task<(TestGateway Gateway, TestSession Session)> StartWithRowsAsync()
    {
        TestGateway gateway = await StartAsync();
        TestSession session = await gateway.OpenAsync();
        (await session.RunAsync("CREATE TABLE a (id int PRIMARY KEY, v bigint NOT NULL)")).Ok();
        (await session.RunAsync(
            "INSERT INTO a VALUES (1, 0), (2, 0), (3, 0), (4, 0), (5, 0), (6, 0), (7, 0), (8, 0)")).Ok();
        gateway.Cluster.Trace.Clear();
        return (gateway, session);
    }

    public Task<TestSession> OpenAsync() => TestSession.OpenAsync(Name);

    public async ValueTask DisposeAsync()
    {
        InProcessEndpoints.Unregister(Name);
        await Server.DisposeAsync();
    }
}
