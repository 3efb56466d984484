using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using ShardSql.Planning.Catalogs;
using ShardSql.Sql;
using ShardSql.Sql.Values;
using Xunit;

namespace ShardSql.Tests.Gateway;

public sealed class CatalogTests
{
    private static readonly TimeSpan s_ahead = TimeSpan.FromMilliseconds(400);

    [Fact]
    public async Task Gateways_that_start_together_make_one_cluster_and_take_different_sources()
    {
        var cluster = new FakeShardCluster(3);
        TestGateway[] gateways = await Task.WhenAll(
            Enumerable.Range(0, 4).Select(_ => Task.Run(() => TestGateway.StartAsync(cluster))));
        Assert.Single(gateways.Select(gateway => gateway.Server.ClusterId).Distinct());
        Assert.Equal(4, gateways.Select(gateway => gateway.Server.StampSource).Distinct().Count());
        foreach (TestGateway gateway in gateways)
        {
            await gateway.DisposeAsync();
        }
    }

    [Fact]
    public async Task Gateway_without_data_shards_joins_a_cluster_that_was_made()
    {
        var cluster = new FakeShardCluster(2);
        await using TestGateway first = await TestGateway.StartAsync(cluster);
        cluster.DataShards.Clear();
        await using TestGateway second = await TestGateway.StartAsync(cluster, new AheadTime(s_ahead));
        Assert.Equal(2, second.Server.Services.Catalog.Current.Map.DataShards.Count);
    }

    [Fact]
    public async Task Statement_planned_with_an_old_catalog_is_planned_again_inside()
    {
        var cluster = new FakeShardCluster(3);
        await using TestGateway first = await TestGateway.StartAsync(cluster);
        await using TestGateway second = await TestGateway.StartAsync(cluster);
        await using TestSession one = await first.OpenAsync();
        await using TestSession two = await second.OpenAsync();
        (await one.RunAsync("CREATE TABLE t (id int PRIMARY KEY, v text)")).Ok();
        await second.Server.Services.Catalog.RefreshAsync(default);
        (await two.RunAsync("INSERT INTO t VALUES (1, 'old')")).Ok();

        (await one.RunAsync("DROP TABLE t")).Ok();
        (await one.RunAsync("CREATE TABLE t (id int PRIMARY KEY, v text, w int)")).Ok();
        (await two.RunAsync("INSERT INTO t (id, v) VALUES (2, 'replanned')")).Ok();
        (await two.RunAsync("INSERT INTO t VALUES (3, 'new', 9)")).Ok();

        // A scan of several shards sees what its client has heard of, whichever gateway it came from.
        first.Server.Services.Stamps.Merge(second.Server.Services.Stamps.Highest);
        TestReply rows = (await one.RunAsync("SELECT id, v, w FROM t ORDER BY id")).Ok();
        Assert.Equal([2, 3], rows.Rows.Select(row => row[0].AsInt32()));
    }

    [Fact]
    public async Task Table_made_on_another_gateway_is_known_at_once()
    {
        var cluster = new FakeShardCluster(3);
        await using TestGateway first = await TestGateway.StartAsync(cluster);
        await using TestGateway second = await TestGateway.StartAsync(cluster, new AheadTime(s_ahead));
        await using TestSession one = await first.OpenAsync();
        await using TestSession two = await second.OpenAsync();
        (await one.RunAsync("CREATE TABLE t (id int PRIMARY KEY)")).Ok();
        (await two.RunAsync("INSERT INTO t VALUES (1)")).Ok();
        (await two.RunAsync("DROP TABLE t")).Ok();
        (await one.RunAsync("SELECT * FROM t")).Refused(SqlStates.UndefinedTable);
    }

    [Fact]
    public async Task Statement_on_a_table_dropped_elsewhere_is_42P01_and_writes_nothing()
    {
        var cluster = new FakeShardCluster(3);
        await using TestGateway first = await TestGateway.StartAsync(cluster);
        await using TestGateway second = await TestGateway.StartAsync(cluster);
        await using TestSession one = await first.OpenAsync();
        await using TestSession two = await second.OpenAsync();
        (await one.RunAsync("CREATE TABLE t (id int PRIMARY KEY)")).Ok();
        await second.Server.Services.Catalog.RefreshAsync(default);
        (await two.RunAsync("INSERT INTO t VALUES (1), (2), (3)")).Ok();
        uint id = second.Server.Services.Catalog.Current.Catalog.Find("t")!.Id;

        // The client hears of a commit before its outcome is applied everywhere.
        await second.Server.Services.Background.WhenIdleAsync(default);
        (await one.RunAsync("DROP TABLE t")).Ok();
        await first.Server.Services.Background.WhenIdleAsync(default);
        foreach (string statement in new[]
        {
            "INSERT INTO t VALUES (4)", "UPDATE t SET id = 9 WHERE id = 1", "DELETE FROM t", "SELECT * FROM t",
        })
        {
            (await two.RunAsync(statement)).Refused(SqlStates.UndefinedTable);
        }

        Assert.Equal(0, cluster.RowsAt(1, id) + cluster.RowsAt(2, id) + cluster.RowsAt(3, id));
    }

    [Fact]
    public async Task Open_transaction_whose_table_is_dropped_does_not_commit()
    {
        var cluster = new FakeShardCluster(3);
        await using TestGateway gateway = await TestGateway.StartAsync(cluster);
        await using TestSession one = await gateway.OpenAsync();
        await using TestSession two = await gateway.OpenAsync();
        (await one.RunAsync("CREATE TABLE t (id int PRIMARY KEY)")).Ok();
        (await two.RunAsync("BEGIN; INSERT INTO t VALUES (1)")).Ok();
        (await one.RunAsync("DROP TABLE t")).Ok();
        var error = (await two.RunAsync("COMMIT")).Refused(SqlStates.SerializationFailure);
        Assert.Equal("stale_schema", error.Conflict.Reason);
    }

    [Fact]
    public async Task Same_table_made_by_two_gateways_at_once_exists_once()
    {
        var cluster = new FakeShardCluster(3);
        await using TestGateway first = await TestGateway.StartAsync(cluster);
        await using TestGateway second = await TestGateway.StartAsync(cluster);
        await using TestSession one = await first.OpenAsync();
        await using TestSession two = await second.OpenAsync();
        TestReply[] replies = await Task.WhenAll(
            Task.Run(() => one.RunAsync("CREATE TABLE t (id int PRIMARY KEY)")),
            Task.Run(() => two.RunAsync("CREATE TABLE t (id int PRIMARY KEY)")));
        Assert.Single(replies, reply => reply.Error is null);
        Assert.Single(replies, reply => reply.Error?.SqlState == SqlStates.DuplicateTable);
    }

    [Fact]
    public async Task Different_tables_made_by_two_gateways_at_once_have_different_ids()
    {
        var cluster = new FakeShardCluster(3);
        await using TestGateway first = await TestGateway.StartAsync(cluster);
        await using TestGateway second = await TestGateway.StartAsync(cluster);
        await using TestSession one = await first.OpenAsync();
        await using TestSession two = await second.OpenAsync();
        await Task.WhenAll(CreateAsync(one, "x"), CreateAsync(two, "y"));
        await using TestGateway later = await TestGateway.StartAsync(cluster, new AheadTime(s_ahead));
        IReadOnlyCollection<TableDescriptor> tables = later.Server.Services.Catalog.Current.Catalog.Tables;
        Assert.Equal(8, tables.Count);
        Assert.Equal(8, tables.Select(table => table.Id).Distinct().Count());

        static async Task CreateAsync(TestSession session, string name)
        {
            for (int i = 0; i < 4; i++)
            {
                (await session.RunAsync($"CREATE TABLE {name}{i} (id int PRIMARY KEY)")).Ok();
            }
        }
    }

    [Fact]
    public async Task Create_if_not_exists_gives_a_notice_and_drop_of_nothing_is_42P01()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        await using TestSession session = await gateway.OpenAsync();
        (await session.RunAsync("CREATE TABLE t (id int PRIMARY KEY)")).Ok();
        TestReply again = (await session.RunAsync("CREATE TABLE IF NOT EXISTS t (id int PRIMARY KEY)")).Ok();
        Assert.Single(again.Ends[0].Notices);
        (await session.RunAsync("CREATE TABLE t (id int PRIMARY KEY)")).Refused(SqlStates.DuplicateTable);
        (await session.RunAsync("DROP TABLE missing")).Refused(SqlStates.UndefinedTable);
        (await session.RunAsync("DROP TABLE IF EXISTS missing")).Ok();
    }

    [Fact]
    public async Task Script_of_ddl_and_dml_runs_in_order()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        await using TestSession session = await gateway.OpenAsync();
        TestReply reply = (await session.RunAsync(
            "CREATE TABLE a (id int PRIMARY KEY); INSERT INTO a VALUES (1), (2); "
            + "CREATE TABLE b (id int PRIMARY KEY); INSERT INTO b VALUES (3); SELECT COUNT(*) FROM a")).Ok();
        Assert.Equal(5, reply.Ends.Count);
        Assert.Equal(2, reply.Rows[0][0].AsInt64());
    }

    [Fact]
    public async Task Show_tables_segments_shards_nodes_and_cluster_give_rows()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        await using TestSession session = await gateway.OpenAsync();
        (await session.RunAsync("CREATE TABLE t (id int PRIMARY KEY)")).Ok();
        Assert.Equal("t", (await session.RunAsync("SHOW TABLES")).Ok().Rows[0][0].AsText());
        Assert.NotEmpty((await session.RunAsync("SHOW SEGMENTS FROM TABLE t")).Ok().Rows);
        TestReply shards = (await session.RunAsync("SHOW SHARDS")).Ok();
        Assert.Equal(4, shards.Rows.Count);
        Assert.Equal("s0", shards.Rows[0][0].AsText());
        TestReply nodes = (await session.RunAsync("SHOW NODES")).Ok();
        Assert.Equal("unreachable", nodes.Rows[2][3].AsText());
        SqlValue[] cluster = (await session.RunAsync("SHOW CLUSTER")).Ok().Rows[0];
        Assert.Equal(3, cluster[3].AsInt64());
        Assert.Equal(2, cluster[4].AsInt64());
        TestReply selected = (await session.RunAsync(
            "SELECT node FROM shard.nodes WHERE state = 'up' ORDER BY node DESC")).Ok();
        Assert.Equal(["n2", "n1"], selected.Rows.Select(row => row[0].AsText()));
    }

    [Fact]
    public async Task Explain_begins_with_the_verdict_and_names_leaders()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        await using TestSession session = await gateway.OpenAsync();
        (await session.RunAsync("CREATE TABLE t (id int PRIMARY KEY, v int)")).Ok();
        gateway.Cluster.Trace.Clear();
        string single = (await session.RunAsync("EXPLAIN UPDATE t SET v = 1 WHERE id = 1")).Ok().Rows[0][0].AsText();
        TestReply cross = (await session.RunAsync("EXPLAIN UPDATE t SET v = 1")).Ok();
        Assert.Contains("SINGLE-SHARD", single, StringComparison.Ordinal);
        Assert.Contains("CROSS-SHARD", cross.Rows[0][0].AsText(), StringComparison.Ordinal);
        Assert.Contains(cross.Rows, row => row[0].AsText().Contains("leader n", StringComparison.Ordinal));
        Assert.Empty(gateway.Cluster.Trace);
    }
}
