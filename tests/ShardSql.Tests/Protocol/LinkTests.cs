using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Tasks;
using ShardSql.Protocol;
using ShardSql.Protocol.Http2;
using ShardSql.Protocol.Messages;
using ShardSql.Storage.Grpc;
using Xunit;

namespace ShardSql.Tests.Protocol;

/// <summary>Connections whose ends are both ours, and how they are told from others.</summary>
public sealed class LinkTests
{
    private const int HeaderBytes = 9;
    private const byte Data = 0x0;
    private const byte Headers = 0x1;
    private const byte Settings = 0x4;
    private const byte GoAway = 0x7;
    private const byte Continuation = 0x9;
    private const byte EndHeaders = 0x4;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    // Preface and SETTINGS of version 1, with room for 256 KiB on a stream.
    private static readonly byte[] s_opening =
    [
        .. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8,
        .. Frame(Settings, 0, 0, [.. Entry(0xF5D1, 1), .. Entry(0x3, 0), .. Entry(0x4, 262_144), .. Entry(0x5, 65_536)]),
    ];

    public static TheoryData<string, byte[], uint> BrokenFrames => new()
    {
        { "a frame that continues headers", Frame(Continuation, 0, 1, [0]), 0x1 },
        { "padded data", Frame(Data, 0x8, 1, [1, 0, 0]), 0x1 },
        { "data beyond the largest frame", Frame(Data, 0, 1, new byte[65_537]), 0x1 },
        { "headers in Huffman's code", Frame(Headers, EndHeaders, 1, [0x00, 0x81, 0x1F, 0x01, 0x61]), 0x9 },
        { "indexed headers", Frame(Headers, EndHeaders, 1, [0x82]), 0x9 },
        { "a header cut short", Frame(Headers, EndHeaders, 1, [0x00, 0x05, 0x61]), 0x9 },
        { "headers that go on", Frame(Headers, 0, 1, [0x00, 0x01, 0x61, 0x01, 0x62]), 0x1 },
        { "a server's stream", Frame(Headers, EndHeaders, 2, [0x00, 0x01, 0x61, 0x01, 0x62]), 0x1 },
        { "settings a second time", s_opening[24..], 0x1 },
        { "a window without its number", Frame(0x8, 0, 0, [1, 2]), 0x6 },
        { "a frame of 1 MiB", Frame(0x6, 0, 0, new byte[1 << 20]), 0x6 },
        { "more than the window", [.. Request(), .. Frames(5, new byte[65_536])], 0x3 },
    };

    [Fact]
    public void BeginsLink_says_so_as_soon_as_it_can()
    {
        Assert.True(LinkServer.BeginsLink(s_opening));
        Assert.Null(LinkServer.BeginsLink(s_opening.AsSpan(0, LinkServer.MarkBytes - 1)));
        Assert.Null(LinkServer.BeginsLink([]));
        Assert.False(LinkServer.BeginsLink("GET / HTTP/1.1\r\n"u8));
        Assert.False(LinkServer.BeginsLink([.. s_opening[..24], .. Frame(Settings, 0, 0, [])]));
        byte[] newer = [.. s_opening];
        newer[LinkServer.MarkBytes - 1]++;
        Assert.False(LinkServer.BeginsLink(newer));
    }

    [Fact]
    public async Task A_mark_in_two_packets_begins_a_link()
    {
        await using var server = await TestServer.StartAsync(TransportKind.Tcp, ScriptedGateway.Services());
        using var socket = await ConnectAsync(server);
        await socket.SendAsync(s_opening.AsMemory(0, 30));
        await socket.SendAsync(s_opening.AsMemory(30));
        var (type, payload) = await ReadFrameAsync(socket);
        Assert.Equal(Settings, type);
        Assert.Equal(0xF5D1, BinaryPrimitives.ReadUInt16BigEndian(payload));
    }

    [Theory]
    [MemberData(nameof(BrokenFrames))]
    public async Task A_broken_rule_ends_its_link_with_its_code_and_no_other(string what, byte[] bytes, uint code)
    {
        Assert.NotEmpty(what);
        var never = new TaskCompletionSource();
        await using var server = await TestServer.StartAsync(
            TransportKind.Tcp, ScriptedGateway.Services((_, token) => never.Task.WaitAsync(token)).AddNode(new EchoNode()));
        await using var other = await new NodeClient(server.Client).OpenPeerAsync(default);
        using var socket = await ConnectAsync(server);
        await socket.SendAsync(s_opening);
        await socket.SendAsync(bytes);
        Assert.Equal(code, await GoAwayCodeAsync(socket));

        await other.SendAsync(new NodeFrame { Hello = new PeerHello { NodeId = 7 } }, default);
        Assert.NotNull(await other.ReceiveAsync(default).AsTask().WaitAsync(s_patience));
    }

    [Fact]
    public async Task A_server_that_is_not_ours_is_reached_by_HttpClient()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        await using var client = new GatewayClient(listener.LocalEndPoint!.ToString()!);
        var open = client.OpenSessionAsync(default);

        using (var asked = await listener.AcceptAsync())
        {
            Assert.True(LinkServer.BeginsLink(await ReadAsync(asked, LinkServer.MarkBytes)));
            await asked.SendAsync(Frame(Settings, 0, 0, []));
            using var plain = await listener.AcceptAsync().WaitAsync(s_patience);
            Assert.False(LinkServer.BeginsLink(await ReadAsync(plain, LinkServer.MarkBytes)));
        }

        listener.Dispose();
        var failure = await Assert.ThrowsAsync<GrpcException>(() => open.WaitAsync(s_patience));
        Assert.Equal(GrpcStatusCode.Unavailable, failure.StatusCode);
    }

    [Fact]
    public async Task A_link_without_a_stream_left_is_followed_by_another()
    {
        const int Sessions = GrpcServerLimits.MaxStreamsPerConnection + 10;
        await using var server = await TestServer.StartAsync(TransportKind.Unix, ScriptedGateway.Services());
        var sessions = new List<IDuplexChannel<ClientFrame, ServerFrame>>();
        for (var i = 0; i < Sessions; i++)
        {
            sessions.Add(await new GatewayClient(server.Client).OpenSessionAsync(default).WaitAsync(s_patience));
        }

        foreach (var session in sessions)
        {
            await session.SendAsync(ScriptedGateway.Ping(1), default);
            Assert.NotNull(await session.ReceiveAsync(default).AsTask().WaitAsync(s_patience));
            await session.DisposeAsync();
        }
    }

    [Theory]
    [InlineData(126)]
    [InlineData(127)]
    [InlineData(20_000)]
    public async Task Metadata_of_any_length_arrives(int length)
    {
        var text = new string('x', length);
        await using var server = await TestServer.StartAsync(
            TransportKind.Unix,
            ScriptedGateway.Services(async (channel, token) => await channel.SendAsync(
                ScriptedGateway.Pong((ulong)channel.PeerMetadata["long"].Count(character => character == 'x')), token)));
        var options = new GrpcCallOptions { Metadata = new Dictionary<string, string> { ["long"] = text } };
        await using var session = await new GatewayClient(server.Client).OpenSessionAsync(options, default);
        Assert.Equal((ulong)length, (await session.ReceiveAsync(default))!.RequestId);
    }

    [Fact]
    public async Task GatherAsync_leaves_with_what_is_sent_next_or_by_Flush()
    {
        await using var server = await TestServer.StartAsync(
            TransportKind.Unix,
            ScriptedGateway.Services(async (channel, token) =>
            {
                await channel.GatherAsync(ScriptedGateway.Pong(1), token);
                await channel.SendAsync(ScriptedGateway.Pong(2), token);
                await channel.ReceiveAsync(token);
                await channel.GatherAsync(ScriptedGateway.Pong(3), token);
                channel.Flush();
                await channel.ReceiveAsync(token);
                await channel.GatherAsync(ScriptedGateway.Pong(4), token);
            }));
        await using var session = await new GatewayClient(server.Client).OpenSessionAsync(default);
        for (ulong expected = 1; expected <= 4; expected++)
        {
            Assert.Equal(expected, (await session.ReceiveAsync(default).AsTask().WaitAsync(s_patience))!.RequestId);
            if (expected > 1)
            {
                await session.SendAsync(ScriptedGateway.Ping(expected), default);
            }
        }
    }

    private static async Task<Socket> ConnectAsync(TestServer server)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPEndPoint.Parse(server.Address));
        return socket;
    }

    private static async Task<uint> GoAwayCodeAsync(Socket socket)
    {
        while (true)
        {
            var (type, payload) = await ReadFrameAsync(socket);
            if (type == GoAway)
            {
                return BinaryPrimitives.ReadUInt32BigEndian(payload.AsSpan(4));
            }
        }
    }

    private static async Task<(byte Type, byte[] Payload)> ReadFrameAsync(Socket socket)
    {
        var header = await ReadAsync(socket, HeaderBytes);
        return (header[3], await ReadAsync(socket, (header[0] << 16) | (header[1] << 8) | header[2]));
    }

    private static async Task<byte[]> ReadAsync(Socket socket, int count)
    {
        var bytes = new byte[count];
        for (var read = 0; read < count;)
        {
            var more = await socket.ReceiveAsync(bytes.AsMemory(read)).AsTask().WaitAsync(s_patience);
            read += more > 0 ? more : throw new EndOfStreamException();
        }

        return bytes;
    }

    private static byte[] Request() => Frame(
        Headers, EndHeaders, 1, [.. Header(":path", "/shardsql.v1.Gateway/Session"), .. Header("content-type", "application/grpc")]);

    private static byte[] Frames(int count, byte[] payload) =>
        [.. Enumerable.Range(0, count).SelectMany(_ => Frame(Data, 0, 1, payload))];

    private static byte[] Header(string name, string value) =>
        [0, (byte)name.Length, .. Encoding.ASCII.GetBytes(name), (byte)value.Length, .. Encoding.ASCII.GetBytes(value)];

    private static byte[] Entry(ushort id, uint value) =>
        [(byte)(id >> 8), (byte)id, (byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value];

    private static byte[] Frame(byte type, byte flags, byte stream, byte[] payload) =>
    [
        (byte)(payload.Length >> 16), (byte)(payload.Length >> 8), (byte)payload.Length, type, flags, 0, 0, 0, stream,
        .. payload,
    ];
}
