using System;
using System.Collections.Generic;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using Google.Protobuf;
using ShardSql.Protocol;
using ShardSql.Protocol.Messages;
using ShardSql.Storage.Grpc;
using Xunit;

namespace ShardSql.Tests.Protocol;

public sealed class ServerLossTests
{
    private const int StalledUploads = 8;
    private const int Goodbyes = 200;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(180);

    public static TheoryData<TransportKind> Transports =>
        [TransportKind.Tcp, TransportKind.Unix, TransportKind.InProcess];

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task ReceiveAsync_server_gone_is_unavailable(TransportKind kind)
    {
        await using var server = await TestServer.StartAsync(kind, ScriptedGateway.Services());
        await using var session = await new GatewayClient(server.Client).OpenSessionAsync(default);
        await session.SendAsync(ScriptedGateway.Ping(1), default);
        await session.ReceiveAsync(default);
        var receive = session.ReceiveAsync(default).AsTask();
        await server.CutAsync();

        var failure = await Assert.ThrowsAsync<GrpcException>(() => receive.WaitAsync(s_patience));
        Assert.Equal(GrpcStatusCode.Unavailable, failure.StatusCode);
        var send = await Assert.ThrowsAsync<GrpcException>(
            async () => await session.SendAsync(ScriptedGateway.Ping(2), default));
        Assert.Equal(GrpcStatusCode.Unavailable, send.StatusCode);
        var open = await Assert.ThrowsAsync<GrpcException>(
            () => new GatewayClient(server.Client).OpenSessionAsync(default));
        Assert.Equal(GrpcStatusCode.Unavailable, open.StatusCode);
    }

    [Fact]
    public async Task ReceiveAsync_connection_lost_under_it_is_unavailable()
    {
        await using var server = await TestServer.StartAsync(TransportKind.Tcp, ScriptedGateway.Services());
        await using var relay = new CuttableRelay(server.Address);
        await using var client = new GatewayClient(relay.Address);
        await using var session = await client.OpenSessionAsync(default);
        await session.SendAsync(ScriptedGateway.Ping(1), default);
        await session.ReceiveAsync(default);
        var receive = session.ReceiveAsync(default).AsTask();
        relay.Cut();
        var failure = await Assert.ThrowsAsync<GrpcException>(() => receive.WaitAsync(s_patience));
        Assert.Equal(GrpcStatusCode.Unavailable, failure.StatusCode);
        Assert.Contains(relay.Address, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OpenSessionAsync_on_a_quiet_connection_does_not_wait_for_other_traffic()
    {
        const int Sessions = 50;
        await using var server = await TestServer.StartAsync(TransportKind.Tcp, ScriptedGateway.Services());
        var options = new GrpcClientOptions { KeepAlivePingDelay = Timeout.InfiniteTimeSpan };
        await using var client = new GatewayClient(server.Address, options);
        var sessions = new List<IAsyncDisposable>();
        for (var i = 0; i < Sessions; i++)
        {
            sessions.Add(await client.OpenSessionAsync(default).WaitAsync(s_patience));
        }

        foreach (var session in sessions)
        {
            await session.DisposeAsync();
        }
    }

    [Fact]
    public async Task OpenSessionAsync_nobody_listening_is_unavailable_with_address_and_cause()
    {
        using var closed = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        closed.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var address = closed.LocalEndPoint!.ToString()!;
        await using var client = new GatewayClient(address);
        var failure = await Assert.ThrowsAsync<GrpcException>(() => client.OpenSessionAsync(default));
        Assert.Equal(GrpcStatusCode.Unavailable, failure.StatusCode);
        Assert.Contains(address, failure.Message, StringComparison.Ordinal);
        Assert.Contains("refused", failure.Message, StringComparison.OrdinalIgnoreCase);

        var submit = await Assert.ThrowsAsync<GrpcException>(
            () => client.SubmitTransactionAsync(new SubmitTransactionRequest(), null, default));
        Assert.Equal(GrpcStatusCode.Unavailable, submit.StatusCode);
    }

    [Fact]
    public async Task OpenSessionAsync_unknown_in_process_name_is_unavailable_and_says_so()
    {
        await using var client = new GatewayClient("inproc:nobody");
        var failure = await Assert.ThrowsAsync<GrpcException>(() => client.OpenSessionAsync(default));
        Assert.Equal(GrpcStatusCode.Unavailable, failure.StatusCode);
        Assert.Contains("'nobody'", failure.Message, StringComparison.Ordinal);
        Assert.False(InProcessEndpoints.TryGet("nobody", out _));
        Assert.False(InProcessEndpoints.Unregister("nobody"));
    }

    [Fact]
    public async Task Register_name_twice_is_refused_and_the_first_stays()
    {
        InProcessEndpoints.Register("twice", new ScriptedGateway());
        Assert.Throws<InvalidOperationException>(() => InProcessEndpoints.Register("twice", new ScriptedGateway()));
        Assert.True(InProcessEndpoints.TryGet("twice", out var transport));
        await using var session = await new GatewayClient(transport).OpenSessionAsync(default);
        await session.SendAsync(ScriptedGateway.Ping(1), default);
        Assert.NotNull(await session.ReceiveAsync(default));
        Assert.True(InProcessEndpoints.Unregister("twice"));
    }

    [Fact]
    public async Task OpenSessionAsync_in_process_never_runs_the_endpoint_on_the_callers_stack()
    {
        using var release = new ManualResetEventSlim();
        await using var server = await TestServer.StartAsync(TransportKind.InProcess, ScriptedGateway.Services((_, _) =>
        {
            release.Wait(CancellationToken.None);
            return Task.CompletedTask;
        }));

        // The endpoint blocks its thread from its first instruction on; opening and sending do not wait for it.
        await using var session = await new GatewayClient(server.Client).OpenSessionAsync(default);
        await session.SendAsync(ScriptedGateway.Ping(1), default);
        release.Set();
        Assert.Null(await session.ReceiveAsync(default));
    }

    [Fact]
    public async Task DisposeAsync_in_process_never_runs_the_endpoint_on_the_callers_stack()
    {
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var release = new ManualResetEventSlim();
        await using var server = await TestServer.StartAsync(TransportKind.InProcess, ScriptedGateway.Services(
            async (channel, token) =>
            {
                await channel.SendAsync(ScriptedGateway.Pong(1), token);
                token.Register(() =>
                {
                    cancelled.SetResult();
                    release.Wait(CancellationToken.None);
                });
                await channel.ReceiveAsync(token);
            }));
        var session = await new GatewayClient(server.Client).OpenSessionAsync(default);
        await session.ReceiveAsync(default);

        // The endpoint's callback blocks until disposing has returned.
        await session.DisposeAsync();
        release.Set();
        await cancelled.Task.WaitAsync(s_patience);
    }

    [Fact]
    public async Task OpenSessionAsync_beyond_the_servers_connections_is_unavailable()
    {
        await using var server = await TestServer.StartAsync(
            TransportKind.Tcp, ScriptedGateway.Services(), options => options with { MaxConnections = 1 });
        await using var session = await new GatewayClient(server.Client).OpenSessionAsync(default);
        await using var second = new GatewayClient(server.Address);
        var failure = await Assert.ThrowsAsync<GrpcException>(() => second.OpenSessionAsync(default));
        Assert.Equal(GrpcStatusCode.Unavailable, failure.StatusCode);
        await session.SendAsync(ScriptedGateway.Ping(1), default);
        Assert.NotNull(await session.ReceiveAsync(default));
    }

    [Fact]
    public async Task StartAsync_unix_socket_left_behind_by_a_killed_process_is_replaced()
    {
        var path = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N") + ".sock");
        using (var killed = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            killed.Bind(new UnixDomainSocketEndPoint(path));
            File.Move(path, path + ".left");
        }

        File.Move(path + ".left", path);
        var options = new GrpcServerOptions { Listen = "unix:" + path };
        await using var server = new GrpcKestrelServer(ScriptedGateway.Services(), options);
        await server.StartAsync(CancellationToken.None);
        await using var client = new GatewayClient(server.Endpoint);
        await using var session = await client.OpenSessionAsync(default);
        await session.SendAsync(ScriptedGateway.Ping(1), default);
        Assert.NotNull(await session.ReceiveAsync(default));

        // One that answers is in use.
        await using var other = new GrpcKestrelServer(ScriptedGateway.Services(), options);
        await Assert.ThrowsAsync<IOException>(() => other.StartAsync(CancellationToken.None));
    }

    [Fact]
    public async Task StopAsync_lets_a_session_say_goodbye()
    {
        var services = ScriptedGateway.Services(async (channel, token) =>
        {
            try
            {
                await channel.ReceiveAsync(token);
            }
            catch (OperationCanceledException)
            {
                await channel.SendAsync(ScriptedGateway.Pong(42), CancellationToken.None);
                throw;
            }
        });
        // More than one: a connection closed too soon loses the last frames of one stop in fifty.
        for (var i = 0; i < Goodbyes; i++)
        {
            await using var server = await TestServer.StartAsync(TransportKind.Tcp, services);
            await using var session = await new GatewayClient(server.Client).OpenSessionAsync(default);
            var stop = server.StopAsync();
            Assert.Equal(42UL, (await session.ReceiveAsync(default))!.RequestId);
            var failure = await Assert.ThrowsAsync<GrpcException>(async () => await session.ReceiveAsync(default));
            Assert.Equal(GrpcStatusCode.Unavailable, failure.StatusCode);
            Assert.Contains("stopping", failure.Message, StringComparison.Ordinal);
            await stop.WaitAsync(s_patience);
        }
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task SendAsync_8_stalled_uploads_leave_other_sessions_of_the_connection_alone(TransportKind kind)
    {
        var never = new TaskCompletionSource();
        var services = ScriptedGateway.Services().AddDuplex(
            GrpcMethods.NodePeer, (_, token) => never.Task.WaitAsync(token));
        await using var server = await TestServer.StartAsync(kind, services);
        var frame = new NodeFrame { Messages = ByteString.CopyFrom(new byte[1024 * 1024]) };
        var uploads = new IDuplexChannel<NodeFrame, NodeFrame>[StalledUploads];
        for (var i = 0; i < StalledUploads; i++)
        {
            uploads[i] = await new NodeClient(server.Client).OpenPeerAsync(default);
            var last = ValueTask.CompletedTask;
            for (var sent = 0; sent < 4; sent++)
            {
                last = uploads[i].SendAsync(frame, default);
            }

            Assert.False(last.IsCompleted);
            _ = last.AsTask().ContinueWith(task => task.Exception, TaskScheduler.Default);
        }

        await using var session = await new GatewayClient(server.Client).OpenSessionAsync(default);
        await session.SendAsync(ScriptedGateway.Ping(1), default);
        Assert.Equal(1UL, (await session.ReceiveAsync(default).AsTask().WaitAsync(s_patience))!.RequestId);
        foreach (var upload in uploads)
        {
            await upload.DisposeAsync();
        }
    }
}
