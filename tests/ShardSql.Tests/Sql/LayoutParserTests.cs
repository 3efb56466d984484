using System.Linq;
using ShardSql.Sql;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Tree;
using Xunit;

namespace ShardSql.Tests.SqlLanguage;

/// <summary>Statements on nodes, replicas and shards.</summary>
public sealed class LayoutParserTests
{
    [Theory]
    [InlineData("DRAIN NODE n2", LayoutActionKind.DrainNode, null, "'n2'", false)]
    [InlineData("DRAIN NODE @n WITH (wait = '5s')", LayoutActionKind.DrainNode, null, "@n", false)]
    [InlineData("ALTER SHARD s1 ADD REPLICA ON n4", LayoutActionKind.AddReplica, "'s1'", "'n4'", false)]
    [InlineData("alter shard 1 remove replica on 4", LayoutActionKind.RemoveReplica, "bigint '1'", "bigint '4'", false)]
    [InlineData("CREATE SHARD s5 ON NODES (n1, 2, @n)", LayoutActionKind.CreateShard, "'s5'", "'n1' bigint '2' @n", false)]
    [InlineData("CREATE SHARD IF NOT EXISTS 's5' ON NODES (n1)", LayoutActionKind.CreateShard, "'s5'", "'n1'", true)]
    [InlineData("DROP SHARD @s", LayoutActionKind.DropShard, "@s", "", false)]
    [InlineData("DROP SHARD IF EXISTS s5 WITH (wait = '0s')", LayoutActionKind.DropShard, "'s5'", "", true)]
    public void Parse_of_statements_on_replicas_and_of_their_EXPLAIN(
        string text, LayoutActionKind kind, string? shard, string nodes, bool ifExists)
    {
        foreach (LayoutAction action in new[]
        {
            SqlTestHelp.ParseOne(text).Layout, SqlTestHelp.ParseOne("EXPLAIN " + text).Explain.Statement.Layout,
        })
        {
            Assert.Equal((kind, ifExists), (action.Kind, action.IfExists));
            Assert.Equal(shard, action.Shard is null ? null : ExpressionPrinter.Print(action.Shard));
            Assert.Equal(nodes, string.Join(' ', action.Nodes.Select(ExpressionPrinter.Print)));
            Assert.Equal(text.Contains("WITH", System.StringComparison.Ordinal) ? 1 : 0, action.Options.Count);
        }
    }

    [Theory]
    [InlineData("ADD NODE n4 AT '10.0.0.4:7501'", "'n4'", "'10.0.0.4:7501'", false)]
    [InlineData("add node @n at @address", "@n", "@address", false)]
    [InlineData("REMOVE NODE 4", "bigint '4'", null, false)]
    [InlineData("REMOVE NODE n4 FORCE", "'n4'", null, true)]
    public void Parse_of_statements_on_nodes(string text, string node, string? address, bool force)
    {
        NodeAction action = SqlTestHelp.ParseOne(text).Node;
        Assert.Equal((node, force), (ExpressionPrinter.Print(action.Node), action.Force));
        Assert.Equal(address, action.Address is null ? null : ExpressionPrinter.Print(action.Address));
    }

    [Theory]
    [InlineData("ADD NODE n4", 12)]
    [InlineData("DRAIN n4", 7)]
    [InlineData("REMOVE NODE n4 NOW", 16)]
    [InlineData("ALTER SHARD s1 ADD n4", 20)]
    [InlineData("CREATE SHARD s1", 16)]
    [InlineData("EXPLAIN ADD NODE n4 AT 'x:1'", 9)]
    public void Parse_of_half_a_statement_is_42601_with_its_place(string text, int position) =>
        Assert.Equal(position, SqlTestHelp.FailsToParse(SqlStates.SyntaxError, text).Position);

    [Fact]
    public void Parse_of_CREATE_NODE_names_what_there_is()
    {
        SqlException error = SqlTestHelp.FailsToParse(SqlStates.FeatureNotSupported, "CREATE NODE n4");
        Assert.Contains("ADD NODE", error.Hint, System.StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_words_of_layouts_are_names()
    {
        Select select = SqlTestHelp.ParseOne("SELECT drain, force, remove, replica, add FROM node").Select;
        Assert.Equal(5, select.Items.Count);
    }
}
