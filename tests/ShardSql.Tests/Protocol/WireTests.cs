using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Threading.Tasks;
using Google.Protobuf;
using ShardSql.Protocol;
using ShardSql.Protocol.Messages;
using Xunit;

namespace ShardSql.Tests.Protocol;

/// <summary>What a client that is not ours may put on the wire.</summary>
public sealed class WireTests
{
    private const string SessionPath = "/shardsql.v1.Gateway/Session";

    public static TheoryData<string, byte[], GrpcStatusCode> MalformedBodies => new()
    {
        { "compressed", [1, 0, 0, 0, 0], GrpcStatusCode.Unimplemented },
        { "unknown flag", [7, 0, 0, 0, 0], GrpcStatusCode.Internal },
        { "4 GiB announced", [0, 0xFF, 0xFF, 0xFF, 0xFF], GrpcStatusCode.ResourceExhausted },
        { "one byte above 8 MiB announced", [0, 0, 0x80, 0, 1], GrpcStatusCode.ResourceExhausted },
        { "protobuf cut short", [0, 0, 0, 0, 2, 0x12, 0x05], GrpcStatusCode.InvalidArgument },
        { "not protobuf", [0, 0, 0, 0, 1, 0x07], GrpcStatusCode.InvalidArgument },
        { "header cut short", [0, 0, 0], GrpcStatusCode.Internal },
        { "message cut short", [0, 0, 0, 0, 9, 1], GrpcStatusCode.Internal },
        { "a ping, then compressed", [0, 0, 0, 0, 2, 0x3A, 0, 1, 0, 0, 0, 0], GrpcStatusCode.Unimplemented },
    };

    [Theory]
    [MemberData(nameof(MalformedBodies))]
    public async Task Session_malformed_body_ends_with_its_status_and_other_streams_go_on(
        string what, byte[] body, GrpcStatusCode expected)
    {
        Assert.NotEmpty(what);
        await using var server = await TestServer.StartAsync(TransportKind.Tcp, ScriptedGateway.Services());
        using var http = NewClient();
        await using var other = await new GatewayClient(server.Client).OpenSessionAsync(default);

        var (code, _) = await PostAsync(http, server, SessionPath, body);

        Assert.Equal(expected, code);
        await other.SendAsync(ScriptedGateway.Ping(5), default);
        Assert.Equal(5UL, (await other.ReceiveAsync(default))!.RequestId);
    }

    [Fact]
    public async Task Session_nesting_beyond_protobufs_limit_is_invalid_argument()
    {
        // Field 5 of a ClientFrame's execute is not nested; an unknown group 9 may nest without end.
        var nested = Enumerable.Repeat((byte)0x4B, 1000).ToArray();
        byte[] body = [0, 0, 0, (byte)(nested.Length >> 8), unchecked((byte)nested.Length), .. nested];
        await using var server = await TestServer.StartAsync(TransportKind.Tcp, ScriptedGateway.Services());
        using var http = NewClient();
        var (code, _) = await PostAsync(http, server, SessionPath, body);
        Assert.Equal(GrpcStatusCode.InvalidArgument, code);
    }

    [Theory]
    [InlineData("grpc-encoding", "gzip", GrpcStatusCode.Unimplemented)]
    [InlineData("grpc-encoding", "identity", GrpcStatusCode.Ok)]
    [InlineData("grpc-timeout", "soon", GrpcStatusCode.InvalidArgument)]
    [InlineData("grpc-timeout", "99999999H", GrpcStatusCode.Ok)]
    public async Task Session_request_header_gives_status(string name, string value, GrpcStatusCode expected)
    {
        await using var server = await TestServer.StartAsync(TransportKind.Tcp, ScriptedGateway.Services());
        using var http = NewClient();
        var (code, _) = await PostAsync(http, server, SessionPath, [], request => request.Headers.Add(name, value));
        Assert.Equal(expected, code);
    }

    [Fact]
    public async Task Unknown_path_is_unimplemented()
    {
        await using var server = await TestServer.StartAsync(TransportKind.Tcp, ScriptedGateway.Services());
        using var http = NewClient();
        var (code, _) = await PostAsync(http, server, "/shardsql.v1.Gateway/Nothing", []);
        Assert.Equal(GrpcStatusCode.Unimplemented, code);
    }

    [Fact]
    public async Task Request_that_is_not_grpc_is_415()
    {
        await using var server = await TestServer.StartAsync(TransportKind.Tcp, ScriptedGateway.Services());
        using var http = NewClient();
        using var content = new StringContent("{}");
        using var request = Request(server, SessionPath, content);
        using var response = await http.SendAsync(request);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
    }

    [Fact]
    public async Task ReceiveAsync_frame_above_the_servers_limit_ends_that_stream_only()
    {
        await using var server = await TestServer.StartAsync(
            TransportKind.Tcp, EchoNode.Services(), options => options with { MaxMessageBytes = 1000 });
        await using var other = await new NodeClient(server.Client).OpenPeerAsync(default);
        await using var peer = await new NodeClient(server.Client).OpenPeerAsync(default);
        await peer.SendAsync(new NodeFrame { Messages = ByteString.CopyFrom(new byte[2000]) }, default);
        var failure = await Assert.ThrowsAsync<GrpcException>(async () => await peer.ReceiveAsync(default));
        Assert.Equal(GrpcStatusCode.ResourceExhausted, failure.StatusCode);
        Assert.Contains("1000", failure.Message, StringComparison.Ordinal);

        var small = new NodeFrame { Messages = ByteString.CopyFrom(new byte[900]) };
        await other.SendAsync(small, default);
        Assert.Equal(small, await other.ReceiveAsync(default));
    }

    [Fact]
    public async Task Response_content_type_and_status_are_what_grpc_asks_for()
    {
        await using var server = await TestServer.StartAsync(TransportKind.Tcp, ScriptedGateway.Services());
        using var http = NewClient();
        using var content = Content([0, 0, 0, 0, 2, 0x3A, 0]);
        using var request = Request(server, SessionPath, content);
        using var response = await http.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("application/grpc", response.Content.Headers.ContentType?.MediaType);
        var body = await response.Content.ReadAsByteArrayAsync();
        Assert.Equal(ScriptedGateway.Pong(0), ServerFrame.Parser.ParseFrom(body.AsSpan(5)));
        Assert.Equal("0", response.TrailingHeaders.GetValues("grpc-status").Single());
        Assert.False(response.TrailingHeaders.Contains("grpc-message"));
    }

    private static HttpClient NewClient() => new(new SocketsHttpHandler { UseProxy = false });

    private static ByteArrayContent Content(byte[] body)
    {
        var content = new ByteArrayContent(body);
        content.Headers.TryAddWithoutValidation("content-type", "application/grpc");
        return content;
    }

    private static HttpRequestMessage Request(TestServer server, string path, HttpContent content) =>
        new(HttpMethod.Post, new Uri($"http://{server.Address}{path}"))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };

    private static async Task<(GrpcStatusCode Code, string Message)> PostAsync(
        HttpClient http, TestServer server, string path, byte[] body, Action<HttpRequestMessage>? configure = null)
    {
        using var content = Content(body);
        using var request = Request(server, path, content);
        configure?.Invoke(request);
        using var response = await http.SendAsync(request);
        await response.Content.ReadAsByteArrayAsync();
        var headers = response.TrailingHeaders.Contains("grpc-status") ? response.TrailingHeaders : response.Headers;
        IEnumerable<string> messages = headers.TryGetValues("grpc-message", out var values) ? values : [];
        return ((GrpcStatusCode)int.Parse(headers.GetValues("grpc-status").Single(), null), string.Concat(messages));
    }
}
