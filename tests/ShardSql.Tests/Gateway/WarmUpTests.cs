using System.Linq;
using System.Threading.Tasks;
using ShardSql.Gateway.Starting;
using ShardSql.Sql.Parsing;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;
using Xunit;

namespace ShardSql.Tests.Gateway;

/// <summary>What a gateway runs by itself when it starts really runs.</summary>
public sealed class WarmUpTests
{
    [Fact]
    public void Statements_inThePracticeDatabase_areRunToTheirEffects()
    {
        var database = new PracticeDatabase();
        foreach (string text in WarmUp.Statements)
        {
            database.Run(SqlParser.Parse(text).Statements.Single());
        }

        SqlValue[] row = Assert.Single(
            database.Run(SqlParser.Parse("SELECT count(*), min(name), sum(x) FROM p").Statements.Single()));
        Assert.Equal(["2", "c", "2.50"], row.Select(value => value.ToText()));
    }

    [Fact]
    public async Task Begin_again_isTheSameRun()
    {
        Task first = WarmUp.Begin();
        Assert.Same(first, WarmUp.Begin());
        await first;
        Assert.True(ParserWarmUp.Begin().IsCompletedSuccessfully);
        Assert.True(ParserWarmUp.BeginTables().IsCompletedSuccessfully);
    }

    [Fact]
    public void Statements_coverEveryKindThatReadsAndWritesRows()
    {
        Statement.KindOneofCase[] kinds =
            [.. WarmUp.Statements.Select(text => SqlParser.Parse(text).Statements.Single().KindCase).Distinct()];
        Assert.Superset(
            new System.Collections.Generic.HashSet<Statement.KindOneofCase>
            {
                Statement.KindOneofCase.Select, Statement.KindOneofCase.Insert, Statement.KindOneofCase.Update,
                Statement.KindOneofCase.Delete, Statement.KindOneofCase.CreateTable,
            },
            kinds.ToHashSet());
    }

    [Fact]
    public async Task PracticeSession_ofAStartedGateway_leavesNothingBehind()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        await PracticeSession.RunAsync(gateway.Server.Services, default);
        Assert.Equal(0, gateway.Server.Sessions);
        await using TestSession session = await gateway.OpenAsync();
        TestReply sessions = (await session.RunAsync("SELECT count(*) FROM shard.sessions")).Ok();
        Assert.Equal("1", sessions.Rows[0][0].ToText());
    }
}
