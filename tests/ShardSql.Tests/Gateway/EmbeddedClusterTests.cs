using System;
using System.Threading;
using System.Threading.Tasks;
using ShardSql.Gateway.Hosting;
using ShardSql.Protocol.Messages;
using ShardSql.Sql;
using Xunit;

namespace ShardSql.Tests.Gateway;

/// <summary>The gateway over real nodes: what the shards in memory cannot show.</summary>
public sealed class EmbeddedClusterTests
{
    [Fact]
    public async Task Embedded_cluster_serves_single_and_cross_shard_transactions()
    {
        await using EmbeddedCluster cluster = await StartAsync();
        await using TestSession session = await TestSession.OpenAsync(cluster.Name);
        (await session.RunAsync("CREATE TABLE a (id int PRIMARY KEY, v bigint NOT NULL)")).Ok();
        (await session.RunAsync(
            "INSERT INTO a VALUES (1, 0), (2, 0), (3, 0), (4, 0), (5, 0), (6, 0), (7, 0), (8, 0)")).Ok();
        (await session.RunAsync("UPDATE a SET v = v + 1 WHERE id = 1")).Ok();
        (await session.RunAsync("BEGIN; UPDATE a SET v = v + 10")).Ok();
        TestReply own = (await session.RunAsync("SELECT SUM(v) FROM a")).Ok();
        Assert.Equal("81", own.Rows[0][0].ToText());
        TestReply commit = (await session.RunAsync("COMMIT")).Ok();
        Assert.NotNull(commit.End!.CommitStamp);
        Assert.Equal(11, (await session.RunAsync("SELECT v FROM a WHERE id = 1")).Ok().Rows[0][0].AsInt64());
        Assert.Equal(4, (await session.RunAsync("SHOW SHARDS")).Ok().Rows.Count);
        (await session.RunAsync("INSERT INTO a VALUES (1, 1)")).Refused(SqlStates.UniqueViolation);
        (await session.RunAsync("DROP TABLE a")).Ok();
        (await session.RunAsync("SELECT * FROM a")).Refused(SqlStates.UndefinedTable);
    }

    [Fact]
    public async Task Write_skew_on_real_shards_is_40001()
    {
        await using EmbeddedCluster cluster = await StartAsync();
        await using TestSession one = await TestSession.OpenAsync(cluster.Name);
        await using TestSession two = await TestSession.OpenAsync(cluster.Name);
        (await one.RunAsync("CREATE TABLE a (id int PRIMARY KEY, v bigint NOT NULL)")).Ok();
        (await one.RunAsync("INSERT INTO a VALUES (1, 0), (2, 0)")).Ok();
        (await one.RunAsync("BEGIN; SELECT SUM(v) FROM a; UPDATE a SET v = 1 WHERE id = 1")).Ok();
        (await two.RunAsync("BEGIN; SELECT SUM(v) FROM a; UPDATE a SET v = 1 WHERE id = 2")).Ok();
        TestReply first = await one.RunAsync("COMMIT");
        TestReply second = await two.RunAsync("COMMIT");
        Assert.Null(first.Error);
        Assert.Equal(SqlStates.SerializationFailure, second.Error!.SqlState);
    }

    [Fact]
    public async Task Outcome_question_on_real_shards_knows_what_committed()
    {
        await using EmbeddedCluster cluster = await StartAsync();
        await using TestSession session = await TestSession.OpenAsync(cluster.Name);
        (await session.RunAsync("CREATE TABLE a (id int PRIMARY KEY, v bigint NOT NULL)")).Ok();
        Execute insert = TestSession.Request("INSERT INTO a VALUES (1, 0), (2, 0), (3, 0), (4, 0), (5, 0), (6, 0)");
        insert.TransactionSequence = 3;
        (await session.RunAsync(insert)).Ok();
        Assert.Equal(Outcome.Committed, await AskAsync(session, 3));
        Assert.Equal(Outcome.RolledBack, await AskAsync(session, 4));
        Execute refused = TestSession.Request("UPDATE a SET v = 1");
        refused.TransactionSequence = 4;
        Assert.NotNull((await session.RunAsync(refused)).Error);
        TestReply sum = (await session.RunAsync("SELECT SUM(v) FROM a")).Ok();
        Assert.Equal("0", sum.Rows[0][0].ToText());
    }

    [Fact]
    public async Task Submission_on_real_shards_is_done_once()
    {
        await using EmbeddedCluster cluster = await StartAsync();
        await using TestSession session = await TestSession.OpenAsync(cluster.Name);
        (await session.RunAsync("CREATE TABLE a (id int PRIMARY KEY, v bigint NOT NULL)")).Ok();
        (await session.RunAsync("INSERT INTO a VALUES (1, 0)")).Ok();
        var request = new SubmitTransactionRequest { TransactionId = Guid.NewGuid().ToString() };
        request.Statements.Add(new StatementSource { Text = "UPDATE a SET v = v + 1 WHERE id = 1" });
        SubmitTransactionReply first = await cluster.Gateway.SubmitTransactionAsync(request, CancellationToken.None);
        SubmitTransactionReply again = await cluster.Gateway.SubmitTransactionAsync(request, CancellationToken.None);
        Assert.Null(first.Error);
        Assert.Equal(first, again);
        Assert.Equal(1, (await session.RunAsync("SELECT v FROM a WHERE id = 1")).Ok().Rows[0][0].AsInt64());
    }

    private static Task<EmbeddedCluster> StartAsync() => EmbeddedCluster.StartAsync(new EmbeddedClusterOptions
    {
        Name = "embedded-" + Guid.NewGuid().ToString("N"),
        Store = "memory",
    });

    private static async Task<Outcome> AskAsync(TestSession session, ulong sequence)
    {
        await session.SendAsync(new ClientFrame
        {
            RequestId = 100 + sequence,
            OutcomeQuestion = new OutcomeQuestion
            {
                SessionId = Google.Protobuf.ByteString.CopyFrom(session.SessionId),
                Sequence = sequence,
            },
        });
        return (await session.ReceiveAsync()).OutcomeReply.Outcome;
    }
}
