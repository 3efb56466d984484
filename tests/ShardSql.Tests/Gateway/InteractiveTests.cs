using System.Collections.Generic;
using System.Threading.Tasks;
using ShardSql.Protocol.Messages;
using ShardSql.Sql;
using Xunit;

namespace ShardSql.Tests.Gateway;

public sealed class InteractiveTests
{
    private static async Task<TestGateway> StartAsync(int rows = 20)
    {
        TestGateway gateway = await TestGateway.StartAsync();
        await using TestSession session = await gateway.OpenAsync();
        (await session.RunAsync("CREATE TABLE a (id int PRIMARY KEY, v bigint NOT NULL)")).Ok();
        var values = new List<string>();
        for (int i = 1; i <= rows; i++)
        {
            values.Add($"({i}, 100)");
        }

        (await session.RunAsync("INSERT INTO a VALUES " + string.Join(", ", values))).Ok();
        return gateway;
    }

    [Fact]
    public async Task Transaction_sees_its_own_writes_and_others_see_them_after_commit()
    {
        await using TestGateway gateway = await StartAsync();
        await using TestSession mine = await gateway.OpenAsync();
        await using TestSession other = await gateway.OpenAsync();
        TestReply begun = (await mine.RunAsync("BEGIN")).Ok();
        Assert.Equal(TransactionState.Open, begun.End!.State);
        (await mine.RunAsync("UPDATE a SET v = v + 1 WHERE id = 3")).Ok();
        (await mine.RunAsync("INSERT INTO a VALUES (100, 7)")).Ok();
        (await mine.RunAsync("DELETE FROM a WHERE id = 4")).Ok();

        TestReply own = (await mine.RunAsync("SELECT id, v FROM a WHERE id IN (3, 4, 100) ORDER BY id")).Ok();
        Assert.Equal(2, own.Rows.Count);
        Assert.Equal(101, own.Rows[0][1].AsInt64());
        Assert.Equal(7, own.Rows[1][1].AsInt64());
        Assert.NotEmpty(own.End!.Participants);
        Assert.Equal(20, (await other.RunAsync("SELECT COUNT(*) FROM a")).Ok().Rows[0][0].AsInt64());
        TestReply ended = (await mine.RunAsync("COMMIT")).Ok();
        Assert.Equal(TransactionState.Idle, ended.End!.State);
        Assert.NotNull(ended.End.CommitStamp);
        Assert.Equal(101, (await other.RunAsync("SELECT v FROM a WHERE id = 3")).Ok().Rows[0][0].AsInt64());
        Assert.Empty((await other.RunAsync("SELECT v FROM a WHERE id = 4")).Ok().Rows);
    }

    [Fact]
    public async Task Commit_over_several_shards_is_one_prepare_for_each()
    {
        await using TestGateway gateway = await StartAsync();
        await using TestSession session = await gateway.OpenAsync();
        (await session.RunAsync("BEGIN")).Ok();
        TestReply updated = (await session.RunAsync("UPDATE a SET v = v + 1")).Ok();
        gateway.Cluster.Trace.Clear();
        (await session.RunAsync("COMMIT")).Ok();
        Assert.Equal(3, updated.End!.Participants.Count);
        Assert.Equal(3, gateway.Cluster.CountTrace("PREPARE"));
        Assert.Equal(3, gateway.Cluster.CountTrace("DECIDE"));
        Assert.Equal(0, gateway.Cluster.CountTrace("QUERY"));
    }

    [Fact]
    public async Task Commit_of_reads_alone_writes_nothing()
    {
        await using TestGateway gateway = await StartAsync();
        await using TestSession session = await gateway.OpenAsync();
        (await session.RunAsync("BEGIN")).Ok();
        (await session.RunAsync("SELECT SUM(v) FROM a")).Ok();
        gateway.Cluster.Trace.Clear();
        (await session.RunAsync("COMMIT")).Ok();
        Assert.Empty(gateway.Cluster.Trace);
        Assert.Equal(0, gateway.Server.Services.Snapshots.Count);
    }

    [Fact]
    public async Task Set_transaction_where_there_is_none_is_a_warning_and_says_nothing_of_the_next()
    {
        await using TestGateway gateway = await StartAsync();
        await using TestSession session = await gateway.OpenAsync();
        ResultEnd end = Assert.Single((await session.RunAsync("SET TRANSACTION TYPE 'deposit'")).Ok().Ends);
        Assert.Equal(SqlStates.NoActiveTransaction, Assert.Single(end.Notices).SqlState);
        (await session.RunAsync("BEGIN")).Ok();
        (await session.RunAsync("SELECT SUM(v) FROM a")).Ok();
        Assert.True((await session.RunAsync("SELECT type FROM shard.transactions")).Ok().Rows[0][0].IsNull);
    }

    [Theory]
    [InlineData("COMMIT")]
    [InlineData("ROLLBACK")]
    public async Task End_of_a_transaction_where_there_is_none_is_a_warning(string text)
    {
        await using TestGateway gateway = await StartAsync();
        await using TestSession session = await gateway.OpenAsync();
        ResultEnd end = Assert.Single((await session.RunAsync(text)).Ok().Ends);
        Assert.Equal(text, end.Tag);
        Notice notice = Assert.Single(end.Notices);
        Assert.Equal(SqlStates.NoActiveTransaction, notice.SqlState);
        Assert.Equal("there is no transaction in progress", notice.Message);
        Assert.Empty((await session.RunAsync("BEGIN; " + text)).Ok().Ends[1].Notices);
    }

    [Fact]
    public async Task Rollback_leaves_nothing_and_frees_the_snapshot()
    {
        await using TestGateway gateway = await StartAsync();
        await using TestSession session = await gateway.OpenAsync();
        (await session.RunAsync("BEGIN; UPDATE a SET v = 0; ROLLBACK")).Ok();
        Assert.Equal("2000", (await session.RunAsync("SELECT SUM(v) FROM a")).Ok().Rows[0][0].ToText());
        Assert.Equal(0, gateway.Server.Services.Snapshots.Count);
    }

    [Fact]
    public async Task Overwritten_read_is_40001_at_commit_with_its_conflict()
    {
        await using TestGateway gateway = await StartAsync();
        await using TestSession mine = await gateway.OpenAsync();
        await using TestSession other = await gateway.OpenAsync();
        (await mine.RunAsync("BEGIN")).Ok();
        (await mine.RunAsync("SELECT v FROM a WHERE id = 1")).Ok();
        (await mine.RunAsync("UPDATE a SET v = 5 WHERE id = 2")).Ok();
        (await other.RunAsync("UPDATE a SET v = 6 WHERE id = 1")).Ok();
        Error error = (await mine.RunAsync("COMMIT")).Refused(SqlStates.SerializationFailure);
        Assert.True(error.IsTransient);
        Assert.Equal(CommandOutcome.RolledBack, error.Outcome);
        Assert.Equal("window", error.Conflict.Reason);
        Assert.Equal("a", error.Conflict.Table);
        Assert.Equal("(1)", error.Conflict.Key);
        Assert.Equal(TransactionState.Idle, error.State);
        Assert.Equal(100, (await other.RunAsync("SELECT v FROM a WHERE id = 2")).Ok().Rows[0][0].AsInt64());
    }

    [Fact]
    public async Task Phantom_is_40001()
    {
        await using TestGateway gateway = await StartAsync();
        await using TestSession mine = await gateway.OpenAsync();
        await using TestSession other = await gateway.OpenAsync();
        (await mine.RunAsync("BEGIN")).Ok();
        (await mine.RunAsync("SELECT COUNT(*) FROM a")).Ok();
        (await mine.RunAsync("UPDATE a SET v = 5 WHERE id = 2")).Ok();
        (await other.RunAsync("INSERT INTO a VALUES (500, 1)")).Ok();
        (await mine.RunAsync("COMMIT")).Refused(SqlStates.SerializationFailure);
    }

    [Fact]
    public async Task Statement_after_an_error_is_25P02_until_rollback()
    {
        await using TestGateway gateway = await StartAsync();
        await using TestSession session = await gateway.OpenAsync();
        (await session.RunAsync("BEGIN")).Ok();
        (await session.RunAsync("UPDATE a SET v = 1 WHERE id = 1")).Ok();
        Error first = (await session.RunAsync("SELECT 1/0")).Refused(SqlStates.DivisionByZero);
        Assert.Equal(TransactionState.Failed, first.State);
        (await session.RunAsync("SELECT 1")).Refused(SqlStates.InFailedTransaction);
        (await session.RunAsync("COMMIT")).Refused(SqlStates.InFailedTransaction);
        TestReply rolled = (await session.RunAsync("ROLLBACK")).Ok();
        Assert.Equal(TransactionState.Idle, rolled.End!.State);
        Assert.Equal(100, (await session.RunAsync("SELECT v FROM a WHERE id = 1")).Ok().Rows[0][0].AsInt64());
    }

    [Fact]
    public async Task Write_in_a_read_only_transaction_is_25006()
    {
        await using TestGateway gateway = await StartAsync();
        await using TestSession session = await gateway.OpenAsync();
        (await session.RunAsync("BEGIN READ ONLY")).Ok();
        (await session.RunAsync("SELECT v FROM a WHERE id = 1")).Ok();
        (await session.RunAsync("UPDATE a SET v = 1 WHERE id = 1")).Refused(SqlStates.ReadOnlyTransaction);
    }

    [Fact]
    public async Task Begin_inside_a_transaction_is_25001()
    {
        await using TestGateway gateway = await StartAsync();
        await using TestSession session = await gateway.OpenAsync();
        (await session.RunAsync("BEGIN")).Ok();
        (await session.RunAsync("BEGIN")).Refused(SqlStates.ActiveTransaction);
    }

    [Fact]
    public async Task Commit_without_a_transaction_gives_a_notice()
    {
        await using TestGateway gateway = await StartAsync();
        await using TestSession session = await gateway.OpenAsync();
        Assert.Single((await session.RunAsync("COMMIT")).Ok().Ends[0].Notices);
    }

    [Fact]
    public async Task Batch_without_begin_is_one_transaction()
    {
        await using TestGateway gateway = await StartAsync();
        await using TestSession session = await gateway.OpenAsync();
        Error error = (await session.RunAsync(
            "UPDATE a SET v = 0 WHERE id = 1; INSERT INTO a VALUES (1, 1)")).Refused(SqlStates.UniqueViolation);
        Assert.Equal(1U, error.StatementIndex);
        Assert.Equal(100, (await session.RunAsync("SELECT v FROM a WHERE id = 1")).Ok().Rows[0][0].AsInt64());
        TestReply both = (await session.RunAsync(
            "UPDATE a SET v = 1 WHERE id = 1; SELECT v FROM a WHERE id = 1")).Ok();
        Assert.Equal(1, both.Rows[0][0].AsInt64());
        Assert.Equal(2, both.Ends.Count);
    }

    [Fact]
    public async Task Session_that_ends_gives_its_open_transaction_up()
    {
        await using TestGateway gateway = await StartAsync();
        TestSession session = await gateway.OpenAsync();
        (await session.RunAsync("BEGIN; UPDATE a SET v = 0 WHERE id = 1")).Ok();
        session.Channel.CompleteSend();
        Assert.Null(await session.Channel.ReceiveAsync(default));
        await session.DisposeAsync();
        Assert.Equal(0, gateway.Server.Services.Snapshots.Count);
    }
}
