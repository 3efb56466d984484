using System;
using System.Threading.Tasks;
using ShardSql.Primitives;
using ShardSql.Protocol.Messages;
using ShardSql.Sql;
using ShardSql.Storage.Client;
using ShardSql.Transactions;
using Xunit;

namespace ShardSql.Tests.Gateway;

/// <summary>What errors say beside their SQLSTATE: the table in conflict, the shard that is not there.</summary>
public sealed class ErrorFieldTests
{
    [Theory]
    [InlineData("BEGIN; UPDATE a SET v = v + 1; SELECT COUNT(*) FROM a", RefusalReason.Window)]
    [InlineData("BEGIN; UPDATE a SET v = 1 WHERE id = 1", RefusalReason.StaleSchema)]
    public async Task Refusal_without_a_key_names_the_only_table(string text, RefusalReason reason)
    {
        (TestGateway gateway, TestSession session) = await StartAsync();
        await using TestGateway owned = gateway;
        await using TestSession ownedSession = session;
        (await session.RunAsync(text)).Ok();
        gateway.Cluster.OnPrepare = (shard, _) => No(shard, reason).Vote;
        gateway.Cluster.OnOne = (shard, _) => No(shard, reason);
        Error error = (await session.RunAsync("COMMIT")).Refused(SqlStates.SerializationFailure);
        Assert.Equal("a", error.Conflict.Table);
    }

    [Fact]
    public async Task Refused_statement_names_its_table_and_a_read_that_comes_too_late_too()
    {
        (TestGateway gateway, TestSession session) = await StartAsync();
        await using TestGateway owned = gateway;
        await using TestSession ownedSession = session;
        gateway.Cluster.OnOne = (shard, _) => No(shard, RefusalReason.Late);
        Error error = (await session.RunAsync("UPDATE a SET v = v + 1 WHERE id = 1"))
            .Refused(SqlStates.SerializationFailure);
        Assert.Equal("a", error.Conflict.Table);
        (await session.RunAsync("BEGIN; SELECT v FROM a WHERE id = 1")).Ok();
        gateway.Cluster.OnFragment = (_, _) => new FragmentReply { Status = ReplyStatus.Retry };
        error = (await session.RunAsync("SELECT v FROM a WHERE id = 2")).Refused(SqlStates.SerializationFailure);
        Assert.Equal("a", error.Conflict.Table);
    }

    [Fact]
    public async Task Shard_without_a_leader_is_57P03_when_the_time_is_up_and_57014_when_the_client_gives_up_before()
    {
        (TestGateway gateway, TestSession session) = await StartAsync();
        await using TestGateway owned = gateway;
        await using TestSession ownedSession = session;
        var waits = new TaskCompletionSource();
        gateway.Cluster.BeforeFragment = async shard =>
        {
            waits.TrySetResult();
            await gateway.Cluster.NoLeaderAsync(shard);
        };
        Execute timed = TestSession.Request("SELECT v FROM a WHERE id = 1");
        timed.TimeoutMs = 300;
        Error error = (await session.RunAsync(timed)).Refused(SqlStates.CannotConnectNow);
        Assert.Contains("has no leader", error.Message, StringComparison.Ordinal);
        Assert.True(error.IsTransient);

        waits = new TaskCompletionSource();
        ulong endless = await session.StartAsync(TestSession.Request("SELECT v FROM a WHERE id = 1"));
        await waits.Task;
        await session.SendAsync(new ClientFrame { Cancel = new Cancel { TargetRequestId = endless } });
        (await session.ReplyAsync(endless)).Refused(SqlStates.QueryCanceled);
    }

    private static async Task<(TestGateway Gateway, TestSession Session)> StartAsync()
    {
        TestGateway gateway = await TestGateway.StartAsync();
        TestSession session = await gateway.OpenAsync();
        (await session.RunAsync("CREATE TABLE a (id int PRIMARY KEY, v bigint NOT NULL)")).Ok();
        (await session.RunAsync("INSERT INTO a VALUES (1, 0), (2, 0), (3, 0), (4, 0), (5, 0), (6, 0)")).Ok();
        return (gateway, session);
    }

    private static OneReply No(ShardId shard, RefusalReason reason) => new()
    {
        Vote = new Vote(shard, false, HlcTimestamp.Zero, HlcTimestamp.Infinity, reason),
    };
}
