using System;
using System.Diagnostics;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Dapper;
using ShardSql.Gateway.Hosting;
using ShardSql.Protocol;
using ShardSql.Protocol.Messages;
using Xunit;
using ServingStatus = ShardSql.Protocol.Health.HealthCheckResponse.Types.ServingStatus;

namespace ShardSql.Data.Tests.Cluster;

/// <summary>The cluster behind a real socket, and synchronous callers on the threads of the pool.</summary>
[Collection(ClusterCollection.Name)]
public sealed class SocketTests(ClusterFixture cluster)
{
    private const int Callers = 64;
    private const int CallsEach = 5;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Sixty_four_synchronous_callers_make_progress_within_a_second(bool overSocket)
    {
        string table = await cluster.CreateSpreadTableAsync();
        await cluster.ExecuteAsync(
            $"INSERT INTO {table} VALUES "
                + string.Join(", ", Enumerable.Range(0, Callers).Select(i => $"({i * 4}, 0)")));
        await using GatewayHost? host = overSocket ? await SharedStorage.ListenAsync(cluster.Cluster) : null;
        await using ShardSqlDataSource source =
            ShardSqlDataSource.Create(host is null ? cluster.Cluster.ConnectionString : $"Server={host.Endpoint}");
        var first = new TaskCompletionSource<TimeSpan>(TaskCreationOptions.RunContinuationsAsynchronously);
        var watch = Stopwatch.StartNew();
        Task[] callers = [.. Enumerable.Range(0, Callers).Select(caller => Task.Run(() =>
        {
            for (int i = 0; i < CallsEach; i++)
            {
                using ShardSqlConnection connection = source.OpenConnection();
                Assert.Equal(
                    1, connection.Execute($"UPDATE {table} SET n = n + 1 WHERE id = @id", new { id = caller * 4 }));
                Assert.Equal(i + 1, connection.QuerySingle<long>(
                    $"SELECT n FROM {table} WHERE id = @id", new { id = caller * 4 }));
                first.TrySetResult(watch.Elapsed);
            }
        }))];
        await Task.WhenAll(callers).WaitAsync(TimeSpan.FromSeconds(180));

        // A second on a machine of its own; a starved thread pool would take a minute.
        Assert.InRange(await first.Task, TimeSpan.Zero, TimeSpan.FromSeconds(20));
        Assert.Equal(Callers * CallsEach, await cluster.ScalarAsync<long>($"SELECT sum(n) FROM {table}"));
    }

    [Fact]
    public async Task A_session_over_a_socket_does_what_one_in_process_does()
    {
        string table = await cluster.CreateSpreadTableAsync();
        await using GatewayHost host = await SharedStorage.ListenAsync(cluster.Cluster);
        await using ShardSqlDataSource source = ShardSqlDataSource.Create($"Server={host.Endpoint}");
        await source.ExecuteInTransactionAsync((connection, transaction, token) =>
            connection.ExecuteAsync(
                $"INSERT INTO {table} VALUES (1, 1), (101, 1), (201, 1)", transaction: transaction));
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        var refused =
            await Assert.ThrowsAsync<ShardSqlException>(() => connection.ExecuteAsync($"UPDATE {table} SET n = n / 0"));
        Assert.Equal("22012", refused.SqlState);
        Assert.Equal(3, await connection.ExecuteScalarAsync<long>($"SELECT sum(n) FROM {table}"));
    }

    [Fact]
    public async Task Health_says_that_the_gateway_serves()
    {
        await using GatewayHost host = await SharedStorage.ListenAsync(cluster.Cluster);
        await using var client = new GatewayClient(host.Endpoint);
        foreach (string service in new[] { "", GrpcMethods.GatewayService })
        {
            Assert.Equal(ServingStatus.Serving, await client.CheckHealthAsync(
                service, TimeSpan.FromSeconds(60), CancellationToken.None));
        }

        Assert.Null(await client.CheckHealthAsync("nobody", TimeSpan.FromSeconds(60), CancellationToken.None));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Bad_frames_are_refused_and_the_session_lives(bool overSocket)
    {
        await using GatewayHost? host = overSocket ? await SharedStorage.ListenAsync(cluster.Cluster) : null;
        await using var client = new GatewayClient(host?.Endpoint ?? "inproc:" + cluster.Cluster.Name);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(120));
        await using IDuplexChannel<ClientFrame, ServerFrame> channel = await client.OpenSessionAsync(limit.Token);
        await channel.SendAsync(
            new ClientFrame
            {
                Hello = new Hello
                {
                    ProtocolMin = 1,
                    ProtocolMax =
                    1,
                    Client = "test",
                    SessionId = Google.Protobuf.ByteString.CopyFrom(Guid.NewGuid().ToByteArray())
                },
            },
            limit.Token);
        Assert.NotNull((await channel.ReceiveAsync(limit.Token))!.HelloReply);
        var nothing = new Execute();
        nothing.Statements.Add(new StatementSource());
        await RefusedAsync(1, nothing, "08P01");
        var unknown = new Execute();
        unknown.Statements.Add(new StatementSource { Prepared = 77 });
        await RefusedAsync(2, unknown, "08P01", "26000");
        var parameter = new Execute();
        parameter.Statements.Add(new StatementSource { Text = "SELECT @a" });
        parameter.Parameters.Add(new Parameter { Name = "a", Value = Google.Protobuf.ByteString.CopyFrom(0x7f, 1, 2) });
        await RefusedAsync(3, parameter, "08P01", "22P03");
        var huge = new ClientFrame { RequestId = 4, Execute = new Execute() };
        huge.Execute.Statements.Add(new StatementSource { Text = new string('x', GrpcLimits.MaxMessageBytes) });
        var tooLarge = await Assert.ThrowsAsync<GrpcException>(async () => await channel.SendAsync(huge, limit.Token));
        Assert.Equal(GrpcStatusCode.ResourceExhausted, tooLarge.StatusCode);
        var good = new Execute();
        good.Statements.Add(new StatementSource { Text = "SELECT 1" });
        await channel.SendAsync(new ClientFrame { RequestId = 5, Execute = good }, limit.Token);
        ServerFrame? frame;
        do
        {
            frame = await channel.ReceiveAsync(limit.Token);
            Assert.Null(frame!.Error);
        }
        while (frame.FrameCase != ServerFrame.FrameOneofCase.ExecuteEnd);

        async Task RefusedAsync(ulong id, Execute execute, params string[] sqlStates)
        {
            await channel.SendAsync(new ClientFrame { RequestId = id, Execute = execute }, limit.Token);
            ServerFrame? answer = await channel.ReceiveAsync(limit.Token);
            Assert.NotNull(answer!.Error);
            Assert.Contains(answer.Error.SqlState, sqlStates);
        }
    }
}
