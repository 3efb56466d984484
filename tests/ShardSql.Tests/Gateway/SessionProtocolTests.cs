using System.Threading.Tasks;
using Google.Protobuf;
using ShardSql.Gateway;
using ShardSql.Primitives;
using ShardSql.Protocol;
using ShardSql.Protocol.Messages;
using ShardSql.Sql;
using ShardSql.Sql.Parsing;
using Xunit;

namespace ShardSql.Tests.Gateway;

public sealed class SessionProtocolTests
{
    [Fact]
    public async Task Hello_of_unknown_database_is_3D000()
    {
        Error error = await GreetAsync(hello => hello.Database = "other");
        Assert.Equal(SqlStates.UnknownDatabase, error.SqlState);
    }

    [Fact]
    public async Task Hello_of_later_protocol_is_08P01()
    {
        Error error = await GreetAsync(hello =>
        {
            hello.ProtocolMin = 7;
            hello.ProtocolMax = 9;
        });
        Assert.Equal(SqlStates.ProtocolViolation, error.SqlState);
        Assert.Contains("7 to 9", error.Message, System.StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hello_with_unknown_authentication_is_28000()
    {
        Error error = await GreetAsync(hello => hello.Authentication = "scram");
        Assert.Equal(SqlStates.InvalidAuthorization, error.SqlState);
    }

    [Fact]
    public async Task Hello_with_stamp_of_a_wrong_clock_is_22023()
    {
        Error error = await GreetAsync(hello => hello.HighestStamp = new Stamp { Time = ulong.MaxValue >> 1 });
        Assert.Equal(SqlStates.InvalidParameterValue, error.SqlState);
    }

    [Fact]
    public async Task Execute_before_hello_is_08P01()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        await using TestSession session = await TestSession.ConnectAsync(gateway.Name);
        await session.SendAsync(new ClientFrame { RequestId = 1, Execute = TestSession.Request("SELECT 1") });
        Assert.Equal(SqlStates.ProtocolViolation, (await session.ReceiveAsync()).Error.SqlState);
    }

    [Fact]
    public async Task Session_beyond_the_limit_is_53300()
    {
        await using TestGateway gateway = await TestGateway.StartAsync(
            new FakeShardCluster(1), options: new GatewayOptions { MaxSessions = 1 });
        await using TestSession first = await gateway.OpenAsync();
        await using TestSession second = await TestSession.ConnectAsync(gateway.Name);
        Error error = (await second.ReceiveAsync()).Error;
        Assert.Equal(SqlStates.TooManyConnections, error.SqlState);
        Assert.Contains("limit 1, actual 2", error.Message, System.StringComparison.Ordinal);
        (await first.RunAsync("SELECT 1")).Ok();
    }

    [Fact]
    public async Task Highest_stamp_of_hello_is_below_all_stamps_after()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        await using TestSession session = await TestSession.ConnectAsync(gateway.Name);
        Hello hello = session.Hello();
        ulong ahead = HlcTimestamp.FromPhysicalMs(gateway.Server.Services.Stamps.NowMs + 2_000).Time;
        hello.HighestStamp = new Stamp { Time = ahead, Source = 9 };
        await session.SendAsync(new ClientFrame { Hello = hello });
        Assert.NotNull((await session.ReceiveAsync()).HelloReply);
        TestReply reply = (await session.RunAsync("SELECT 1")).Ok();
        Assert.True(reply.End!.HighestStamp.Time >= ahead);
    }

    [Fact]
    public async Task Highest_stamp_of_a_request_is_below_all_stamps_after()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        await using TestSession session = await gateway.OpenAsync();
        ulong ahead = HlcTimestamp.FromPhysicalMs(gateway.Server.Services.Stamps.NowMs + 2_000).Time;
        TestReply reply = (await session.RunAsync(AfterStamp(ahead))).Ok();
        Assert.True(reply.End!.HighestStamp.Time >= ahead);
        (await session.RunAsync(AfterStamp(ulong.MaxValue >> 1))).Refused(SqlStates.InvalidParameterValue);
        (await session.RunAsync("SELECT 1")).Ok();

        static Execute AfterStamp(ulong time)
        {
            Execute request = TestSession.Request("SELECT 1");
            request.HighestStamp = new Stamp { Time = time, Source = 9 };
            return request;
        }
    }

    [Fact]
    public async Task Frame_without_content_is_08P01_and_the_session_goes_on()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        await using TestSession session = await gateway.OpenAsync();
        await session.SendAsync(new ClientFrame { RequestId = 77 });
        ServerFrame refused = await session.ReceiveAsync();
        Assert.Equal(77UL, refused.RequestId);
        Assert.Equal(SqlStates.ProtocolViolation, refused.Error.SqlState);
        Assert.Equal(1, (await session.RunAsync("SELECT 1")).Ok().Rows[0][0].AsInt64());
    }

    [Fact]
    public async Task Request_id_that_does_not_rise_is_08P01()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        await using TestSession session = await gateway.OpenAsync();
        (await session.RunAsync("SELECT 1")).Ok();
        await session.SendAsync(new ClientFrame { RequestId = 1, Execute = TestSession.Request("SELECT 2") });
        Assert.Equal(SqlStates.ProtocolViolation, (await session.ReceiveAsync()).Error.SqlState);
        (await session.RunAsync("SELECT 1")).Ok();
    }

    [Fact]
    public async Task Sequence_used_again_is_08P01()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        await using TestSession session = await gateway.OpenAsync();
        Execute execute = TestSession.Request("SELECT 1");
        execute.TransactionSequence = 7;
        (await session.RunAsync(execute)).Ok();
        Error error = (await session.RunAsync(execute)).Refused(SqlStates.ProtocolViolation);
        Assert.Contains("sequence 7 reused", error.Message, System.StringComparison.Ordinal);
    }

    [Fact]
    public async Task Transaction_type_that_is_none_is_22023()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        await using TestSession session = await gateway.OpenAsync();
        Execute execute = TestSession.Request("BEGIN");
        execute.TransactionType = new string('x', 65);
        (await session.RunAsync(execute)).Refused(SqlStates.InvalidParameterValue);
        execute.TransactionType = "deposit";
        (await session.RunAsync(execute)).Ok();
        Assert.Equal("deposit", (await session.RunAsync("SELECT type FROM shard.transactions")).Ok().Rows[0][0].AsText());
    }

    [Fact]
    public async Task Ping_is_answered_while_a_statement_runs()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        await using TestSession session = await gateway.OpenAsync();
        (await session.RunAsync("CREATE TABLE t (id int PRIMARY KEY)")).Ok();
        var gate = new TaskCompletionSource();
        gateway.Cluster.BeforeFragment = _ => gate.Task;
        ulong running = await session.StartAsync(TestSession.Request("SELECT * FROM t"));
        await session.SendAsync(new ClientFrame { RequestId = 100, Ping = new Ping() });
        Assert.Equal(ServerFrame.FrameOneofCase.Pong, (await session.ReceiveAsync()).FrameCase);
        gate.SetResult();
        (await session.ReplyAsync(running)).Ok();
    }

    [Fact]
    public async Task Cancel_ends_a_running_statement_and_a_waiting_one_with_57014()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        await using TestSession session = await gateway.OpenAsync();
        (await session.RunAsync("CREATE TABLE t (id int PRIMARY KEY)")).Ok();
        var never = new TaskCompletionSource();
        gateway.Cluster.BeforeFragment = _ => never.Task;
        ulong running = await session.StartAsync(TestSession.Request("SELECT * FROM t"));
        ulong waiting = await session.StartAsync(TestSession.Request("SELECT 1"));
        ulong after = await session.StartAsync(TestSession.Request("SELECT 2"));
        await session.SendAsync(new ClientFrame { Cancel = new Cancel { TargetRequestId = waiting } });
        await session.SendAsync(new ClientFrame { Cancel = new Cancel { TargetRequestId = running } });

        Error first = (await session.ReplyAsync(running)).Refused(SqlStates.QueryCanceled);
        (await session.ReplyAsync(waiting)).Refused(SqlStates.QueryCanceled);
        Assert.Equal(CommandOutcome.RolledBack, first.Outcome);
        Assert.Equal(2, (await session.ReplyAsync(after)).Ok().Rows[0][0].AsInt64());
        Assert.Equal(0, gateway.Server.Services.Snapshots.Count);
    }

    [Fact]
    public async Task Timeout_ends_a_statement_with_57014_and_its_limit()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        await using TestSession session = await gateway.OpenAsync();
        (await session.RunAsync("CREATE TABLE t (id int PRIMARY KEY)")).Ok();
        var never = new TaskCompletionSource();
        gateway.Cluster.BeforeFragment = _ => never.Task;
        Execute execute = TestSession.Request("SELECT * FROM t");
        execute.TimeoutMs = 30;
        Error error = (await session.RunAsync(execute)).Refused(SqlStates.QueryCanceled);
        Assert.Contains("30 ms", error.Message, System.StringComparison.Ordinal);
    }

    [Fact]
    public async Task Requests_beyond_the_inbox_are_53400_and_the_others_run()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        await using TestSession session = await gateway.OpenAsync();
        (await session.RunAsync("CREATE TABLE t (id int PRIMARY KEY)")).Ok();
        var gate = new TaskCompletionSource();
        gateway.Cluster.BeforeFragment = _ => gate.Task;
        ulong first = await session.StartAsync(TestSession.Request("SELECT * FROM t"));
        for (int i = 1; i < GatewayLimits.MaxQueuedRequests; i++)
        {
            await session.StartAsync(TestSession.Request("SELECT 1"));
        }

        ulong tooMany = await session.StartAsync(TestSession.Request("SELECT 1"));
        (await session.ReplyAsync(tooMany)).Refused(SqlStates.ConfigurationLimit);
        gate.SetResult();
        (await session.ReplyAsync(first)).Ok();
        (await session.ReplyAsync(tooMany - 1)).Ok();
    }

    [Fact]
    public async Task Half_closed_session_still_answers_what_was_asked()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        await using TestSession session = await gateway.OpenAsync();
        ulong asked = await session.StartAsync(TestSession.Request("SELECT 42"));
        session.Channel.CompleteSend();
        Assert.Equal(42, (await session.ReplyAsync(asked)).Ok().Rows[0][0].AsInt64());
    }

    [Fact]
    public async Task Prepared_number_runs_its_tree_and_an_unknown_one_is_08P01()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        await using TestSession session = await gateway.OpenAsync();
        var first = new Execute();
        first.Statements.Add(new StatementSource
        {
            Tree = new PreparedTree
            {
                Statement = SqlParser.Parse("SELECT 5").Statements[0],
                Number = 3,
            },
        });
        (await session.RunAsync(first)).Ok();
        var again = new Execute();
        again.Statements.Add(new StatementSource { Prepared = 3 });
        Assert.Equal(5, (await session.RunAsync(again)).Ok().Rows[0][0].AsInt64());
        var unknown = new Execute();
        unknown.Statements.Add(new StatementSource { Prepared = 4 });
        (await session.RunAsync(unknown)).Refused(SqlStates.ProtocolViolation);
    }

    [Fact]
    public async Task Describe_only_gives_columns_and_runs_nothing()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        await using TestSession session = await gateway.OpenAsync();
        (await session.RunAsync("CREATE TABLE t (id int PRIMARY KEY, name text)")).Ok();
        Execute execute = TestSession.Request("INSERT INTO t VALUES (1, 'x') RETURNING name");
        execute.DescribeOnly = true;
        TestReply described = (await session.RunAsync(execute)).Ok();
        Assert.Equal("name", described.Headers[0].Columns[0].Name);
        Assert.Empty((await session.RunAsync("SELECT * FROM t")).Ok().Rows);
    }

    [Fact]
    public async Task Session_with_a_gateway_that_has_not_started_is_unavailable()
    {
        var cluster = new FakeShardCluster(3);
        await using TestGateway directory = await TestGateway.StartAsync(cluster);
        await using var starting = new GatewayServer(
            cluster, directory, new GatewayOptions { DataShards = cluster.DataShards });
        string name = directory.Name + "-starting";
        InProcessEndpoints.Register(name, starting);
        GrpcException refused = await Assert.ThrowsAsync<GrpcException>(() => TestSession.OpenAsync(name));
        Assert.Equal(GrpcStatusCode.Unavailable, refused.StatusCode);
        await starting.StartAsync(default);
        await using TestSession session = await TestSession.OpenAsync(name);
        InProcessEndpoints.Unregister(name);
    }

    [Fact]
    public async Task Outcome_of_a_transaction_on_a_shard_that_is_not_known_is_unknown()
    {
        await using TestGateway gateway = await TestGateway.StartAsync(shards: 3);
        await using TestSession session = await gateway.OpenAsync();
        var question = new OutcomeQuestion { SessionId = ByteString.CopyFrom(session.SessionId), Sequence = 1 };
        question.Participants.AddRange([1u, 77u]);
        await session.SendAsync(new ClientFrame { RequestId = 1, OutcomeQuestion = question });
        Assert.Equal(Outcome.Unknown, (await session.ReceiveAsync()).OutcomeReply.Outcome);
    }

    private static async Task<Error> GreetAsync(System.Action<Hello> change)
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        await using TestSession session = await TestSession.ConnectAsync(gateway.Name);
        Hello hello = session.Hello();
        change(hello);
        await session.SendAsync(new ClientFrame { Hello = hello });
        return (await session.ReceiveAsync()).Error;
    }
}
