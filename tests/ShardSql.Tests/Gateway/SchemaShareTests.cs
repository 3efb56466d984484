using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;

using ShardSql.Planning.Catalogs;
using ShardSql.Primitives;
using ShardSql.Sql;
using ShardSql.Transactions;

using Xunit;

namespace ShardSql.Tests.Gateway;

/// <summary>What the shards are sent by a transaction that changes the schema.</summary>
public sealed class SchemaShareTests
{
    [Fact]
    public async Task A_changed_table_is_relied_on_as_it_was_and_set_as_it_will_be()
    {
        (TestGateway gateway, TestSession session) = await TestGateway.StartWithRowsAsync();
        await using TestGateway _ = gateway;
        await using TestSession __ = session;
        var shares = new Dictionary<ShardId, TransactionShare>();
        gateway.Cluster.OnPrepare = (shard, request) =>
        {
            shares[shard] = request.Share;
            return null;
        };
        (await session.RunAsync("BEGIN")).Ok();
        (await session.RunAsync("ALTER TABLE a ADD COLUMN n int")).Ok();
        (await session.RunAsync("UPDATE a SET n = 1")).Ok();
        (await session.RunAsync("ALTER TABLE a ADD COLUMN m int")).Ok();
        (await session.RunAsync("CREATE TABLE b (id int PRIMARY KEY)")).Ok();
        (await session.RunAsync("INSERT INTO b VALUES (1), (2), (3), (4), (5), (6)")).Ok();
        (await session.RunAsync("COMMIT")).Ok();

        const uint A = Catalog.FirstTableId;
        Assert.Equal(4, shares.Count);
        foreach (TransactionShare share in gateway.Cluster.DataShards.Select(shard => shares[shard]))
        {
            Assert.Equal(
                [new Guard(GuardKind.Table, A, 1)], share.Guards.Where(guard => guard.Kind == GuardKind.Table));
            Assert.Single(share.Guards, guard => guard.Kind == GuardKind.Segment);
            Assert.Equal(
                [new Guard(GuardKind.Table, A, 3), new Guard(GuardKind.Table, A + 1, 1)],
                share.NewGuards.Where(guard => guard.Kind == GuardKind.Table));
            Guard segment = Assert.Single(share.NewGuards, guard => guard.Kind == GuardKind.Segment);
            Assert.DoesNotContain(segment, share.Guards);
        }

        Assert.Empty(shares[ShardId.System].NewGuards);
    }

    [Fact]
    public async Task Rows_and_entries_of_what_is_dropped_again_are_not_written()
    {
        (TestGateway gateway, TestSession session) = await TestGateway.StartWithRowsAsync();
        await using TestGateway _ = gateway;
        await using TestSession __ = session;
        (await session.RunAsync("BEGIN")).Ok();
        (await session.RunAsync("CREATE TABLE b (id int PRIMARY KEY, n int)")).Ok();
        (await session.RunAsync("INSERT INTO b VALUES (1, 1), (2, 2), (3, 3), (4, 4)")).Ok();
        (await session.RunAsync("CREATE UNIQUE INDEX b_by_n ON b (n)")).Ok();
        (await session.RunAsync("CREATE INDEX by_v ON a (v)")).Ok();
        (await session.RunAsync("UPDATE a SET v = 7")).Ok();
        (await session.RunAsync("DROP INDEX by_v")).Ok();
        (await session.RunAsync("DROP TABLE b")).Ok();
        (await session.RunAsync("COMMIT")).Ok();

        uint[] tables = [Catalog.FirstTableId, Catalog.FirstTableId + 1, Catalog.FirstTableId + 2];
        Assert.Equal(
            [8, 0, 0], tables.Select(table => gateway.Cluster.DataShards.Sum(shard => gateway.Cluster.RowsAt(shard.Value, table))));
        Assert.Equal("7", (await session.RunAsync("SELECT min(v) FROM a")).Ok().Rows[0][0].ToText());
    }

    [Fact]
    public async Task A_view_is_one_entry_of_the_system_shard()
    {
        (TestGateway gateway, TestSession session) = await TestGateway.StartWithRowsAsync();
        await using TestGateway _ = gateway;
        await using TestSession __ = session;
        (await session.RunAsync("BEGIN; CREATE VIEW w AS SELECT v FROM a; CREATE SEQUENCE s; COMMIT")).Ok();
        Assert.Equal(1, gateway.Cluster.CountTrace("ONE"));
        Assert.Equal(0, gateway.Cluster.CountTrace("PREPARE"));
    }

    [Fact]
    public async Task A_unit_that_was_refused_is_run_again_with_the_newest_catalog()
    {
        (TestGateway gateway, TestSession session) = await TestGateway.StartWithRowsAsync();
        await using TestGateway _ = gateway;
        await using TestSession __ = session;
        await using TestGateway second = await TestGateway.StartAsync(gateway.Cluster);
        await using TestSession other = await second.OpenAsync();
        (await session.RunAsync("CREATE TABLE b (id int PRIMARY KEY)")).Ok();
        (await other.RunAsync("CREATE TABLE c (id int REFERENCES a); INSERT INTO c VALUES (1); CREATE TABLE d (id int REFERENCES b)"))
            .Ok();
        (await session.RunAsync("BEGIN; ALTER TABLE d ADD COLUMN n int; INSERT INTO d VALUES (NULL, 1); COMMIT")).Ok();
        (await other.RunAsync("BEGIN; CREATE TABLE b (id int); COMMIT")).Refused(SqlStates.DuplicateTable);
    }
}
