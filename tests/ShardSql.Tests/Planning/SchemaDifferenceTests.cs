using System.Linq;

using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Ddl;
using ShardSql.Planning.Plans;
using ShardSql.Tests.Execution;

using Xunit;

namespace ShardSql.Tests.Planning;

/// <summary>What several changes of the schema come to.</summary>
public sealed class SchemaDifferenceTests
{
    private readonly MemoryDatabase _database = new(3);

    public SchemaDifferenceTests()
    {
        _database.Run("CREATE TABLE kept (id int PRIMARY KEY, v int)");
        _database.Run("CREATE TABLE gone (id int PRIMARY KEY, v int, UNIQUE (v))");
    }

    [Fact]
    public void Between_tablesMadeAndDroppedAgain_leavesNothing()
    {
        DdlChange net = NetOf("CREATE TABLE x (id int PRIMARY KEY, v int, UNIQUE (v))", "DROP TABLE x");

        Assert.Empty(net.Added);
        Assert.Empty(net.Dropped);
        Assert.Empty(net.AddedSegments);
        Assert.Empty(net.RemovedSegments);
        Assert.Empty(net.Shards);
        Assert.NotEqual(net.ExpectedHeader, net.After.Catalog.Header);
    }

    [Fact]
    public void Between_severalChangesOfOneTable_isItsLastVersion()
    {
        DdlChange net = NetOf("ALTER TABLE kept ADD a int", "ALTER TABLE kept ADD b int", "ALTER TABLE kept DROP COLUMN a");

        TableDescriptor table = Assert.Single(net.Added);
        Assert.Equal(("kept", 4u), (table.Name, table.Version));
        Assert.Equal(["id", "v", "b"], table.Columns.Select(column => column.Name));
        Assert.Empty(net.AddedSegments);
        Assert.Equal(3, net.Shards.Count);
    }

    [Fact]
    public void Between_droppedAndMadeAnew_isBoth()
    {
        DdlChange net = NetOf("DROP TABLE gone", "CREATE TABLE gone (id int PRIMARY KEY) SINGLE");

        Assert.Equal(["gone", "gone_v_key"], net.Dropped.Select(table => table.Name).Order());
        Assert.Equal("gone", Assert.Single(net.Added).Name);
        Assert.Single(net.AddedSegments);
        Assert.Equal(6, net.RemovedSegments.Count);
        Assert.DoesNotContain(net.AddedSegments[0], net.RemovedSegments);
    }

    [Fact]
    public void Between_nothing_isNothing()
    {
        DdlChange net = NetOf();

        Assert.Empty(net.Added);
        Assert.Empty(net.Shards);
        Assert.Equal(net.ExpectedHeader, net.After.Catalog.Header);
    }

    private DdlChange NetOf(params string[] statements)
    {
        SystemState before = _database.State;
        foreach (string statement in statements)
        {
            _database.Run(statement);
        }

        return SchemaDifference.Between(before, _database.State);
    }
}
