using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Google.Protobuf;
using ShardSql.Protocol;
using ShardSql.Protocol.Messages;
using Xunit;

namespace ShardSql.Tests.Protocol;

public sealed class DuplexTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(180);

    public static TheoryData<TransportKind> Transports =>
        [TransportKind.Tcp, TransportKind.Unix, TransportKind.InProcess];

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Session_pipelined_frames_are_answered_in_order(TransportKind kind)
    {
        await using var server = await TestServer.StartAsync(kind, ScriptedGateway.Services());
        await using var session = await new GatewayClient(server.Client).OpenSessionAsync(default);
        for (ulong i = 1; i <= 1000; i++)
        {
            await session.SendAsync(ScriptedGateway.Ping(i), default);
        }

        for (ulong i = 1; i <= 1000; i++)
        {
            var frame = await session.ReceiveAsync(default);
            Assert.Equal(i, frame!.RequestId);
            Assert.Equal(ServerFrame.FrameOneofCase.Pong, frame.FrameCase);
        }
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task CompleteSend_half_closes_and_the_rest_still_arrives(TransportKind kind)
    {
        await using var server = await TestServer.StartAsync(kind, ScriptedGateway.Services(async (channel, token) =>
        {
            var count = 0UL;
            while (await channel.ReceiveAsync(token) is not null)
            {
                count++;
            }

            for (var i = 0UL; i < count; i++)
            {
                await channel.SendAsync(ScriptedGateway.Pong(i), token);
            }
        }));
        await using var session = await new GatewayClient(server.Client).OpenSessionAsync(default);
        await session.SendAsync(ScriptedGateway.Ping(1), default);
        await session.SendAsync(ScriptedGateway.Ping(2), default);
        session.CompleteSend();

        Assert.Equal(0UL, (await session.ReceiveAsync(default))!.RequestId);
        Assert.Equal(1UL, (await session.ReceiveAsync(default))!.RequestId);
        Assert.Null(await session.ReceiveAsync(default));
        Assert.Null(await session.ReceiveAsync(default));
        await Assert.ThrowsAsync<InvalidOperationException>(
            async () => await session.SendAsync(ScriptedGateway.Ping(3), default));
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Endpoint_throwing_a_status_client_gets_what_was_sent_then_the_status(TransportKind kind)
    {
        await using var server = await TestServer.StartAsync(kind, ScriptedGateway.Services(async (channel, token) =>
        {
            await channel.SendAsync(ScriptedGateway.Pong(1), token);
            throw new GrpcException(GrpcStatusCode.FailedPrecondition, "50 % of Müller's\n«rows»");
        }));
        await using var session = await new GatewayClient(server.Client).OpenSessionAsync(default);

        Assert.Equal(1UL, (await session.ReceiveAsync(default))!.RequestId);
        var failure = await Assert.ThrowsAsync<GrpcException>(async () => await session.ReceiveAsync(default));
        Assert.Equal(GrpcStatusCode.FailedPrecondition, failure.StatusCode);
        Assert.Equal("50 % of Müller's\n«rows»", failure.Message);
        var again = await Assert.ThrowsAsync<GrpcException>(async () => await session.ReceiveAsync(default));
        Assert.Equal(GrpcStatusCode.FailedPrecondition, again.StatusCode);
        var send = await Assert.ThrowsAsync<GrpcException>(
            async () => await session.SendAsync(ScriptedGateway.Ping(1), default));
        Assert.Equal(GrpcStatusCode.FailedPrecondition, send.StatusCode);
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Endpoint_throwing_anything_else_is_internal_without_its_text(TransportKind kind)
    {
        await using var server = await TestServer.StartAsync(
            kind, ScriptedGateway.Services((_, _) => throw new InvalidOperationException("secret")));
        await using var session = await new GatewayClient(server.Client).OpenSessionAsync(default);
        var failure = await Assert.ThrowsAsync<GrpcException>(async () => await session.ReceiveAsync(default));
        Assert.Equal(GrpcStatusCode.Internal, failure.StatusCode);
        Assert.DoesNotContain("secret", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Deadline_that_passes_ends_the_call_on_both_sides(TransportKind kind)
    {
        var ended = new TaskCompletionSource<GrpcStatusCode>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await TestServer.StartAsync(kind, ScriptedGateway.Services(async (channel, token) =>
        {
            var failure = await Assert.ThrowsAsync<GrpcException>(async () => await channel.ReceiveAsync(default));
            Assert.True(token.IsCancellationRequested);
            ended.SetResult(failure.StatusCode);
        }));
        var options = new GrpcCallOptions { Deadline = TimeSpan.FromMilliseconds(200) };
        await using var session = await new GatewayClient(server.Client).OpenSessionAsync(options, default);

        var failure = await Assert.ThrowsAsync<GrpcException>(async () => await session.ReceiveAsync(default));
        Assert.Equal(GrpcStatusCode.DeadlineExceeded, failure.StatusCode);

        // Whichever side's clock is first, the server's call ends: by its own deadline or by the client's reset.
        var code = await ended.Task.WaitAsync(s_patience);
        Assert.Contains(code, new[] { GrpcStatusCode.DeadlineExceeded, GrpcStatusCode.Cancelled });
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task DisposeAsync_before_the_end_cancels_the_endpoint(TransportKind kind)
    {
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await TestServer.StartAsync(kind, ScriptedGateway.Services(async (channel, token) =>
        {
            await channel.SendAsync(ScriptedGateway.Pong(1), token);
            token.Register(cancelled.SetResult);
            await channel.ReceiveAsync(token);
        }));
        var session = await new GatewayClient(server.Client).OpenSessionAsync(default);
        await session.ReceiveAsync(default);
        await session.DisposeAsync();

        await cancelled.Task.WaitAsync(s_patience);
        var failure = await Assert.ThrowsAsync<GrpcException>(async () => await session.ReceiveAsync(default));
        Assert.Equal(GrpcStatusCode.Cancelled, failure.StatusCode);
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task DisposeAsync_during_a_receive_ends_the_receive(TransportKind kind)
    {
        await using var server = await TestServer.StartAsync(kind, ScriptedGateway.Services());
        var session = await new GatewayClient(server.Client).OpenSessionAsync(default);
        var receive = session.ReceiveAsync(default).AsTask();
        await session.DisposeAsync();
        var failure = await Assert.ThrowsAsync<GrpcException>(() => receive.WaitAsync(s_patience));
        Assert.Equal(GrpcStatusCode.Cancelled, failure.StatusCode);
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task ReceiveAsync_cancelled_leaves_the_channel_usable(TransportKind kind)
    {
        await using var server = await TestServer.StartAsync(kind, ScriptedGateway.Services());
        await using var session = await new GatewayClient(server.Client).OpenSessionAsync(default);
        using var cancel = new CancellationTokenSource();
        var receive = session.ReceiveAsync(cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => receive.WaitAsync(s_patience));

        await session.SendAsync(ScriptedGateway.Ping(7), default);
        Assert.Equal(7UL, (await session.ReceiveAsync(default))!.RequestId);
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Metadata_of_the_call_reaches_the_endpoint(TransportKind kind)
    {
        await using var server = await TestServer.StartAsync(kind, ScriptedGateway.Services((channel, _) =>
            throw new GrpcException(GrpcStatusCode.FailedPrecondition, channel.PeerMetadata["x-application"])));
        var metadata = new Dictionary<string, string> { ["x-application"] = "bank 7" };
        var options = new GrpcCallOptions { Metadata = metadata };
        await using var session = await new GatewayClient(server.Client).OpenSessionAsync(options, default);
        var failure = await Assert.ThrowsAsync<GrpcException>(async () => await session.ReceiveAsync(default));
        Assert.Equal("bank 7", failure.Message);
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task SendAsync_message_at_the_limit_passes_and_one_above_is_refused(TransportKind kind)
    {
        await using var server = await TestServer.StartAsync(kind, EchoNode.Services());
        await using var peer = await new NodeClient(server.Client).OpenPeerAsync(default);
        var overhead = Frame(GrpcLimits.MaxMessageBytes).CalculateSize() - GrpcLimits.MaxMessageBytes;
        var failure = await Assert.ThrowsAsync<GrpcException>(
            async () => await peer.SendAsync(Frame(GrpcLimits.MaxMessageBytes - overhead + 1), default));
        Assert.Equal(GrpcStatusCode.ResourceExhausted, failure.StatusCode);

        var largest = Frame(GrpcLimits.MaxMessageBytes - overhead);
        var send = peer.SendAsync(largest, default);
        Assert.Equal(largest, await peer.ReceiveAsync(default));
        await send;
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Session_carries_100_megabytes_each_way(TransportKind kind)
    {
        const int FrameBytes = 100_000;
        const int Frames = 1_000;
        await using var server = await TestServer.StartAsync(kind, EchoNode.Services());
        await using var peer = await new NodeClient(server.Client).OpenPeerAsync(default);
        var sending = Task.Run(async () =>
        {
            for (var i = 0; i < Frames; i++)
            {
                await peer.SendAsync(Frame(FrameBytes, (byte)i), default);
            }

            peer.CompleteSend();
        });
        for (var i = 0; i < Frames; i++)
        {
            var frame = await peer.ReceiveAsync(default);
            Assert.Equal(FrameBytes, frame!.Messages.Length);
            Assert.Equal((byte)i, frame.Messages[FrameBytes - 1]);
        }

        Assert.Null(await peer.ReceiveAsync(default));
        await sending;
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task SendAsync_by_8_senders_keeps_the_order_of_each(TransportKind kind)
    {
        const int Senders = 8;
        const int Each = 2_000;
        await using var server = await TestServer.StartAsync(kind, EchoNode.Services());
        await using var peer = await new NodeClient(server.Client).OpenPeerAsync(default);
        var sending = Enumerable.Range(0, Senders).Select(sender => Task.Run(async () =>
        {
            for (var i = 0; i < Each; i++)
            {
                var frame = new NodeFrame { Hello = new PeerHello { NodeId = (uint)sender, GatewaySource = (ulong)i } };
                await peer.SendAsync(frame, default);
            }
        })).ToArray();
        var next = new ulong[Senders];
        for (var i = 0; i < Senders * Each; i++)
        {
            var hello = (await peer.ReceiveAsync(default))!.Hello;
            Assert.Equal(next[hello.NodeId]++, hello.GatewaySource);
        }

        await Task.WhenAll(sending);
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task TryReceive_drains_what_has_arrived_and_no_more(TransportKind kind)
    {
        await using var server = await TestServer.StartAsync(kind, ScriptedGateway.Services(async (channel, token) =>
        {
            for (var i = 0UL; i < 3; i++)
            {
                await channel.SendAsync(ScriptedGateway.Pong(i), token);
            }

            await channel.ReceiveAsync(token);
            await channel.SendAsync(ScriptedGateway.Pong(99), token);
        }));
        await using var session = await new GatewayClient(server.Client).OpenSessionAsync(default);
        var received = new List<ulong>();
        while (received.Count < 3)
        {
            received.Add((await session.ReceiveAsync(default))!.RequestId);
            while (session.TryReceive(out var frame))
            {
                received.Add(frame.RequestId);
            }
        }

        Assert.Equal([0UL, 1UL, 2UL], received);
        Assert.False(session.TryReceive(out _));
        await session.SendAsync(ScriptedGateway.Ping(1), default);

        // The read that TryReceive began is finished by this receive.
        Assert.Equal(99UL, (await session.ReceiveAsync(default))!.RequestId);
        Assert.Null(await session.ReceiveAsync(default));
        Assert.False(session.TryReceive(out _));
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task ReceiveAsync_twice_at_once_is_refused(TransportKind kind)
    {
        await using var server = await TestServer.StartAsync(kind, ScriptedGateway.Services());
        await using var session = await new GatewayClient(server.Client).OpenSessionAsync(default);
        var first = session.ReceiveAsync(default).AsTask();
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await session.ReceiveAsync(default));
        await session.SendAsync(ScriptedGateway.Ping(1), default);
        Assert.Equal(1UL, (await first.WaitAsync(s_patience))!.RequestId);
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task SendAsync_to_a_stalled_reader_waits_and_then_is_refused(TransportKind kind)
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await TestServer.StartAsync(kind, new GrpcServices().AddDuplex(
            GrpcMethods.NodePeer, (_, token) => release.Task.WaitAsync(token)));
        await using var peer = await new NodeClient(server.Client).OpenPeerAsync(default);
        var frame = Frame(4 * 1024 * 1024);
        var waiting = new List<Task>();
        GrpcException? refused = null;
        while (refused is null && waiting.Count < 32)
        {
            try
            {
                var send = peer.SendAsync(frame, default).AsTask();
                if (send.IsFaulted)
                {
                    await send;
                }

                waiting.Add(send);
            }
            catch (GrpcException e)
            {
                refused = e;
            }
        }

        Assert.Equal(GrpcStatusCode.ResourceExhausted, refused?.StatusCode);
        Assert.False(waiting[^1].IsCompleted);
        await peer.DisposeAsync();
        var ended = await Assert.ThrowsAsync<GrpcException>(() => waiting[^1].WaitAsync(s_patience));
        Assert.Equal(GrpcStatusCode.Cancelled, ended.StatusCode);
    }

    private static NodeFrame Frame(int bytes, byte fill = 1)
    {
        var payload = new byte[bytes];
        Array.Fill(payload, fill);
        return new NodeFrame { Messages = UnsafeByteOperations.UnsafeWrap(payload) };
    }
}
