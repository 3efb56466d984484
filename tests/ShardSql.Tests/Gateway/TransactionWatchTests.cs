using System;
using System.Globalization;
using System.Linq;
using System.Threading.Tasks;
using ShardSql.Gateway;
using ShardSql.Gateway.Observing;
using ShardSql.Planning.TransactionGraph;
using ShardSql.Primitives;
using ShardSql.Sql.Values;
using ShardSql.Storage.Client;
using ShardSql.Transactions;
using Xunit;

namespace ShardSql.Tests.Gateway;

/// <summary>The telemetry behind SHOW GRAPH: sampled, bounded, and never what a commit waits for.</summary>
public sealed class TransactionWatchTests
{
    private static readonly TelemetryOptions s_small = new()
    {
        SampleEvery = 1, Keys = 16, Segments = 4, Edges = 32, SegmentPairs = 8, SamplesOfAStratum = 4,
    };

    [Fact]
    public async Task Many_rows_keep_to_the_bounds_and_the_hot_one_stays()
    {
        await using TestGateway gateway = await StartAsync(s_small);
        await using TestSession session = await gateway.OpenAsync();
        (await session.RunAsync("CREATE TABLE t (id int PRIMARY KEY, v int) SHARD BY HASH (id) INTO 8 SEGMENTS")).Ok();
        for (int i = 0; i < 120; i++)
        {
            string text = string.Create(CultureInfo.InvariantCulture, $"INSERT INTO t VALUES ({i}, 0), ({i + 1_000}, 0)");
            (await session.RunAsync(text)).Ok();
            (await session.RunAsync("INSERT INTO t VALUES (-1, 0) ON CONFLICT (id) DO UPDATE SET v = t.v + 1")).Ok();
        }

        SqlValue[] graph = (await session.RunAsync(
            "SELECT keys, keys_max, segments, edges, edges_max FROM shard.graph")).Ok().Rows.Single();
        Assert.Equal([16, 16, 4, 32, 32], graph.Select(static value => (int)value.AsInt64()));
        Assert.Equal("(-1)", (await session.RunAsync("SHOW HOT KEYS LIMIT 1")).Ok().Rows.Single()[1].AsText());
        Assert.True((await session.RunAsync("SHOW HOT EDGES")).Ok().Rows.Count <= 32);
        GraphSnapshot snapshot = gateway.Server.Services.Graph.Snapshot()!;
        Assert.Equal((16, 32), (snapshot.Keys.Count, snapshot.Edges.Count));
        Assert.InRange(snapshot.Graph.Graph.VertexCount, 2, 16 + 64);
        Assert.True(snapshot.Keys[0].Heat.Writes >= snapshot.Keys[1].Heat.Writes);
    }

    [Fact]
    public async Task One_of_eight_transactions_is_looked_at_and_all_are_counted()
    {
        await using TestGateway gateway = await StartAsync(new TelemetryOptions { SampleEvery = 8 });
        await using TestSession session = await gateway.OpenAsync();
        (await session.RunAsync("CREATE TABLE t (id int PRIMARY KEY, v int); INSERT INTO t VALUES (1, 0)")).Ok();
        long before = Totals(gateway).Transactions;
        for (int i = 0; i < 160; i++)
        {
            (await session.RunAsync("UPDATE t SET v = v + 1 WHERE id = 1")).Ok();
        }

        GraphTotals totals = Totals(gateway);
        Assert.Equal(160, totals.Transactions - before);
        Assert.InRange(totals.Sampled, 19, 22);
        Assert.Equal(1, totals.Keys);
    }

    [Fact]
    public async Task Commit_does_not_wait_for_who_reads_the_graph()
    {
        await using TestGateway gateway = await StartAsync(new TelemetryOptions());
        await using TestSession session = await gateway.OpenAsync();
        (await session.RunAsync("CREATE TABLE t (id int PRIMARY KEY, v int)")).Ok();
        TransactionWatch watch = gateway.Server.Services.Graph;
        GraphTotals during = watch.Read((_, totals) =>
        {
            // Were it waited for, this would never end.
            (session.RunAsync("INSERT INTO t VALUES (1, 0)").GetAwaiter().GetResult()).Ok();
            return totals;
        })!;
        Assert.Equal((during.Transactions + 1, during.Missed + 1), (Totals(gateway).Transactions, Totals(gateway).Missed));
    }

    [Fact]
    public async Task Refused_vote_counts_for_the_key_that_it_names()
    {
        await using TestGateway gateway = await StartAsync(new TelemetryOptions());
        await using TestSession session = await gateway.OpenAsync();
        (await session.RunAsync("CREATE TABLE t (id int PRIMARY KEY, v int); INSERT INTO t VALUES (1, 0), (2, 0)")).Ok();
        int refusals = 0;
        byte[] key = KeyOf(gateway, 2);
        gateway.Cluster.OnOne = (shard, _) => refusals++ == 0
            ? new OneReply { Vote = new Vote(shard, false, HlcTimestamp.Zero, HlcTimestamp.Infinity, RefusalReason.Window, key) }
            : null;
        (await session.RunAsync("UPDATE t SET v = v + 1 WHERE id = 1")).Ok();
        HotKey[] hot = [.. gateway.Server.Services.Graph.Snapshot()!.Keys.Where(static one => one.Heat.Aborts > 0)];
        Assert.Equal(key.AsSpan(6).ToArray(), Assert.Single(hot).Key);
        Assert.Equal(1, Totals(gateway).Aborts);
    }

    private static Task<TestGateway> StartAsync(TelemetryOptions graph) =>
        TestGateway.StartAsync(new FakeShardCluster(3), options: new GatewayOptions { Graph = graph });

    private static GraphTotals Totals(TestGateway gateway) =>
        gateway.Server.Services.Graph.Read(static (_, totals) => totals)!;

    private static byte[] KeyOf(TestGateway gateway, int id)
    {
        var table = gateway.Server.Services.Catalog.Current.Catalog.Require("t", 0);
        var keys = new ShardSql.Planning.Access.KeyBuilder(table);
        return keys.RowKey(keys.Suffix([SqlValue.FromInt32(id)]));
    }
}
