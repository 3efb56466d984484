using System;
using System.Collections.Generic;
using System.Linq;

using Xunit;

namespace ShardSql.Tests.Tidy;

/// <summary>Who may see whom (architecture.md §6), and that every project is in the solution.</summary>
public sealed class WallsTests
{
    private const string Primitives = "ShardSql.Primitives";
    private const string Sql = "ShardSql.Sql";
    private const string Execution = "ShardSql.Execution";
    private const string Planning = "ShardSql.Planning";
    private const string Protocol = "ShardSql.Protocol";
    private const string Storage = "ShardSql.Storage";
    private const string Gateway = "ShardSql.Gateway";
    private const string Consensus = "ShardSql.Consensus";
    private const string Transactions = "ShardSql.Transactions";
    private const string Data = "ShardSql.Data";
    private const string DataHosting = "ShardSql.Data.Hosting";
    private const string Shell = "ShardSql.Shell";

    private static readonly ProjectGraph s_graph = ProjectGraph.Load();

    [Theory]
    [InlineData(Primitives)]
    [InlineData(Consensus, Primitives)]
    [InlineData(Transactions, Primitives)]
    [InlineData(Sql, Primitives)]
    [InlineData(Protocol, Sql, Primitives)]
    [InlineData(Execution, Sql, Primitives)]
    [InlineData(Planning, Sql, Primitives, Execution)]
    [InlineData(Data, Protocol, Sql, Primitives)]
    [InlineData(DataHosting, Data, Protocol, Sql, Primitives)]
    [InlineData(Shell, Data, Protocol, Sql, Primitives)]
    [InlineData(Storage, Primitives, Consensus, Transactions, Execution, Sql, Protocol)]
    [InlineData(Gateway, Primitives, Consensus, Transactions, Execution, Sql, Protocol, Storage, Planning)]
    public void Project_sees_whatItMay_andNothingElse(string project, params string[] mayBeSeen)
    {
        Assert.Empty(s_graph.Closure(project).Except(mayBeSeen));
    }

    [Theory]
    [InlineData(Data)]
    [InlineData(DataHosting)]
    [InlineData(Shell)]
    [InlineData(Protocol)]
    [InlineData(Planning)]
    public void Project_ofAClient_bringsNoSharedFramework(string project)
    {
        Assert.Empty(s_graph.Frameworks(project));

        // The reading would see it: the gateway does bring it.
        Assert.Contains("Microsoft.AspNetCore.App", s_graph.Frameworks(Gateway));
    }

    [Fact]
    public void Project_outsideOfTests_seesNoTests()
    {
        var tests = ProjectGraph.In("tests").ToHashSet();
        Assert.NotEmpty(tests);
        Assert.All(
            ProjectGraph.Paths.Select(ProjectGraph.NameOf).Where(project => !tests.Contains(project)),
            project => Assert.DoesNotContain(s_graph.Closure(project), tests.Contains));
    }

    [Fact]
    public void Project_ofTheProduct_isNamedInTheWalls()
    {
        string[] named =
        [
            Primitives, Consensus, Transactions, Sql, Protocol, Execution, Planning, Data, DataHosting, Shell, Storage, Gateway,
        ];
        IEnumerable<string> product = ProjectGraph.In("protos")
            .Concat(ProjectGraph.In("grammar"))
            .Concat(ProjectGraph.In("storage"))
            .Concat(ProjectGraph.In("gateway"))
            .Concat(ProjectGraph.In("provider"));
        Assert.Equal(named.Order(StringComparer.Ordinal), product.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Solution_hasEveryProject()
    {
        string solution = Repository.Read("ShardSql.sln").Replace('\\', '/');
        Assert.All(ProjectGraph.Paths, path => Assert.Contains($"\"{path}\"", solution, StringComparison.Ordinal));
    }
}
