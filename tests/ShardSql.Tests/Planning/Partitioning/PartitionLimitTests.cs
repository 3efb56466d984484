using System.Linq;
using ShardSql.Planning.Partitioning;
using ShardSql.Primitives;
using ShardSql.Sql;
using Xunit;

namespace ShardSql.Tests.Planning.Partitioning;

public sealed class PartitionLimitTests
{
    private static readonly PartitionGraph s_pair = Graphs.Of([1, 1], (0, 1, 1));

    [Fact]
    public void AddVertex_beyondTheLimit_namesIt()
    {
        var builder = new PartitionGraphBuilder();
        for (int i = 0; i < PartitionGraph.VerticesMax; i++)
        {
            builder.AddVertex(1);
        }

        SqlException error = Assert.Throws<SqlException>(() => builder.AddVertex(1));
        Assert.Equal(SqlStates.ProgramLimitExceeded, error.SqlState);
        Assert.Equal("a graph has at most 1000000 of vertices", error.Message);
    }

    [Fact]
    public void Add_moreWeightThanFits_namesTheLimit()
    {
        var builder = new PartitionGraphBuilder();
        builder.AddVertex(int.MaxValue);
        Assert.Contains("2147483647 of vertex weight", Assert.Throws<SqlException>(() => builder.AddVertex(1)).Message);

        builder.AddVertex(0);
        builder.AddEdge(0, 1, int.MaxValue);
        Assert.Contains(
            "2147483647 of edge weight", Assert.Throws<SqlException>(() => builder.AddEdge(1, 0, 1)).Message);
    }

    [Theory]
    [InlineData(0, 1030, "1 to 256 parts, not 0")]
    [InlineData(257, 1030, "1 to 256 parts, not 257")]
    [InlineData(2, 999, "1000 to 10000 thousandths of a part's share, not 999")]
    public void Partition_optionOutsideItsDomain_namesTheDomain(int parts, int balance, string words)
    {
        SqlException error = Assert.Throws<SqlException>(
            () => Partitioner.Partition(s_pair, new PartitionOptions { Parts = parts, BalancePerMille = balance }));

        Assert.Equal(SqlStates.InvalidParameterValue, error.SqlState);
        Assert.Contains(words, error.Message);
    }

    [Fact]
    public void Partition_sharesThatDoNotFitTheParts_areRefused()
    {
        Assert.Contains("2 parts have as many shares, not 1", Assert.Throws<SqlException>(
            () => Partitioner.Partition(s_pair, new PartitionOptions { Parts = 2, Shares = [1] })).Message);
        Assert.Contains("a part's share is 1 to 1000000, not 0", Assert.Throws<SqlException>(
            () => Partitioner.Partition(s_pair, new PartitionOptions { Parts = 2, Shares = [1, 0] })).Message);
    }

    [Fact]
    public void Partition_manyVerticesInManyParts_areRefused()
    {
        PartitionGraph graph = Graphs.Of([.. Enumerable.Repeat(1, 300_000)]);

        SqlException error = Assert.Throws<SqlException>(
            () => Partitioner.Partition(graph, new PartitionOptions { Parts = 256 }));

        Assert.Equal(SqlStates.ProgramLimitExceeded, error.SqlState);
        Assert.Contains("300000 vertices in 256 parts", error.Message);
    }

    [Fact]
    public void Plan_optionOutsideItsDomain_isRefused()
    {
        var options = new RepartitionOptions { Partition = new PartitionOptions { Parts = 2 }, MovesMax = -1 };

        Assert.Contains("moves are not negative", Assert.Throws<SqlException>(
            () => Repartitioner.Plan(s_pair, [0, 1], options)).Message);
        Assert.Throws<InvariantException>(() => Repartitioner.Plan(s_pair, [0, 2], options with { MovesMax = 1 }));
    }

    [Fact]
    public void Build_parallelEdgesAndLoops_areMergedAndDropped()
    {
        PartitionGraph graph = Graphs.Of([1, 1, 1], (0, 1, 2), (1, 0, 3), (2, 2, 7), (2, 1, 1));

        Assert.Equal((2, 6L), (graph.EdgeCount, graph.TotalEdgeWeight));
        Assert.Equal([0, 2], graph.Neighbours(1).ToArray());
        Assert.Equal([5, 1], graph.WeightsOfEdges(1).ToArray());
        Assert.Equal(0, graph.Neighbours(0).Length - 1);
    }
}
