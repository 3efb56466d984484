using System;
using System.Linq;

using ShardSql.Planning;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Ddl;
using ShardSql.Planning.Maps;
using ShardSql.Planning.Plans;
using ShardSql.Primitives;
using ShardSql.Sql.Parsing;
using ShardSql.Tests.Execution;

using Xunit;

namespace ShardSql.Tests.Planning;

/// <summary>Shards that come and go: who writes there, who reads there, and what is placed there.</summary>
public sealed class TopologyTests
{
    private static readonly ShardId s_new = new(3);

    [Fact]
    public void Filling_shard_isWrittenNotRead()
    {
        (MemoryDatabase database, SystemState filling) = Filling();
        foreach (string sql in (string[])
        [
            "INSERT INTO r VALUES ('a', 1)", "UPDATE r SET n = 2", "UPDATE r SET n = 2 WHERE k = 'a'", "DELETE FROM r WHERE k = 'a'",
        ])
        {
            Assert.Equal([1u, 2u, 3u], Plan(database, filling, sql).Tasks.Select(static task => task.Shard.Value));
        }

        foreach (string sql in (string[])["SELECT * FROM r", "SELECT * FROM r WHERE k = 'a'"])
        {
            PlanningContext there = database.Context() with { State = filling, PreferredShard = s_new };
            StatementPlan plan = Planner.Plan(SqlParser.Parse(sql).Statements[0], there);
            Assert.Equal([1u], plan.Tasks.Select(static task => task.Shard.Value));
        }
    }

    [Fact]
    public void Filling_shard_doesNotTellWhatIsInTheWayOfARow()
    {
        (MemoryDatabase database, SystemState filling) = Filling();
        const string Upsert = "INSERT INTO r VALUES ('a', 1) ON CONFLICT (k) DO UPDATE SET n = r.n + 1";
        Assert.Null(Plan(database, database.State, Upsert).Then);
        StatementPlan first = Plan(database, filling, Upsert);
        Assert.Equal([1u], first.Tasks.Select(static task => task.Shard.Value));
        Assert.Equal([1u, 2u, 3u], first.Then!([]).Tasks.Select(static task => task.Shard.Value));
    }

    [Fact]
    public void Filling_shard_holdsNoSegments()
    {
        (MemoryDatabase database, SystemState filling) = Filling();
        DdlChange created = Plan(database, filling, "CREATE TABLE t (id int PRIMARY KEY)").Ddl!;
        Assert.Equal([1u, 2u], created.AddedSegments.Select(static segment => segment.Shard.Value));
        Assert.Same(filling.Map.Topology, created.After.Map.Topology);
        Assert.Equal([1u, 2u, 3u], Plan(database, filling, "CREATE TABLE s (k int PRIMARY KEY) REFERENCE").Ddl!.Shards.Select(static s => s.Value));
    }

    [Fact]
    public void Change_ofCopies_raisesTheVersionsOfReferenceTablesWhereverTheyAre()
    {
        (MemoryDatabase database, SystemState filling) = Filling();
        uint before = database.State.Catalog.Require("r").Id;
        Assert.Equal(database.State.Catalog.Find(before)!.Version + 1, filling.Catalog.Find(before)!.Version);
        DdlChange opened = TopologyChanges.To(filling, filling.Map.Topology.Serve(s_new));
        Assert.Empty(opened.Added);
        Assert.Empty(opened.Shards);
        Assert.True(filling.Catalog.Header.IsBefore(opened.After.Catalog.Header));
        DdlChange closed = TopologyChanges.To(opened.After, opened.After.Map.Topology.Close(s_new));
        Assert.Equal([before], closed.Added.Select(static table => table.Id));
        Assert.Equal([1u, 2u, 3u], closed.Shards.Select(static shard => shard.Value));
        Assert.Equal([1u, 2u], closed.After.Map.CopyShards.Select(static shard => shard.Value));
    }

    [Fact]
    public void State_withARowOfTheTopology_isOfThoseShards()
    {
        (_, SystemState filling) = Filling();
        SystemState loaded = SystemState.Load(
            [new(SystemKeys.Header, filling.Catalog.Header.Encode()), new(SystemKeys.Topology, filling.Map.Topology.Encode())],
            [new ShardId(9)]);
        Assert.Equal(filling.Map.CopyShards, loaded.Map.CopyShards);
        Assert.Equal([1u, 2u], loaded.Map.DataShards.Select(static shard => shard.Value));
    }

    [Fact]
    public void Topology_ofAShardTwice_isAnInvariant() =>
        Assert.Throws<InvariantException>(() => new Topology([s_new], [s_new], []));

    private static (MemoryDatabase Database, SystemState Filling) Filling()
    {
        var database = new MemoryDatabase(2);
        database.Run("CREATE TABLE r (k text PRIMARY KEY, n int) REFERENCE");
        database.Run("CREATE TABLE h (id int PRIMARY KEY)");
        DdlChange change = TopologyChanges.To(database.State, database.State.Map.Topology.Fill(s_new));
        Assert.Equal([1u, 2u, 3u], change.Shards.Select(static shard => shard.Value));
        return (database, change.After);
    }

    private static StatementPlan Plan(MemoryDatabase database, SystemState state, string sql) => Planner.Plan(
        SqlParser.Parse(sql).Statements[0], database.Context() with { State = state });
}
