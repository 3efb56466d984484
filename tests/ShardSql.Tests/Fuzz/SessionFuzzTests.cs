using System;
using System.Buffers;
using System.Collections.Generic;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Threading.Tasks;

using Google.Protobuf;

using ShardSql.Primitives;
using ShardSql.Protocol;
using ShardSql.Protocol.Framing;
using ShardSql.Protocol.Messages;
using ShardSql.Sql.Parsing;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;
using ShardSql.Tests.Gateway;
using ShardSql.Tests.Protocol;

using Xunit;

namespace ShardSql.Tests.Fuzz;

/// <summary>Nearly good frames to a gateway: each is answered, refused, or ends its own session; the next one is served.
/// </summary>
public sealed class SessionFuzzTests
{
    private const int Frames = 6_000;
    private const int FramesPerSession = 20;
    private const int Bodies = 300;
    private const ulong LastRequest = 1_000_000;

    private static readonly string[] s_statements =
    [
        "SELECT id, v FROM a WHERE id = @p ORDER BY v DESC LIMIT 3",
        "SELECT count(*), sum(v) FROM a GROUP BY v HAVING count(*) > 0",
        "INSERT INTO a VALUES (@p, 1) RETURNING id",
        "UPDATE a SET v = CASE WHEN id = 1 THEN v + 1 ELSE v END WHERE id IN (1, 2)",
        "DELETE FROM a WHERE id = 9",
        "CREATE TABLE IF NOT EXISTS b (id int PRIMARY KEY, x text CHECK (x <> 'y'))",
        "BEGIN",
        "COMMIT",
        "EXPLAIN SELECT * FROM a",
        "SHOW TABLES",
    ];

    [Fact]
    public async Task Any_frame_in_a_session_leaves_the_gateway_serving()
    {
        (TestGateway gateway, TestSession witness) = await TestGateway.StartWithRowsAsync();
        await using TestGateway ownGateway = gateway;
        await using TestSession ownWitness = witness;
        int answered = 0;
        int count = FuzzRun.Count(Frames);
        for (int first = 0; first < count; first += FramesPerSession)
        {
            answered += await PlayAsync(gateway, first) ? 1 : 0;
        }

        Assert.True(answered > count / FramesPerSession / 4, $"only {answered} sessions lived to their end");
        (await witness.RunAsync("SELECT 1")).Ok();
    }

    [Fact]
    public async Task Any_body_over_a_socket_leaves_the_gateway_serving()
    {
        (TestGateway gateway, TestSession witness) = await TestGateway.StartWithRowsAsync();
        await using TestGateway ownGateway = gateway;
        await using TestSession ownWitness = witness;
        await using TestServer server = await TestServer.StartAsync(
            TransportKind.Tcp, new GrpcServices().AddGateway(gateway.Server));
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        int count = FuzzRun.Count(Bodies);
        for (int i = 0; i < count; i++)
        {
            Prng random = FuzzRun.For(i);
            byte[] body = ByteMutator.Mutate(random, Body(random), Body(random));
            using var content = new ByteArrayContent(body);
            content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
            using var request = new HttpRequestMessage(HttpMethod.Post, $"http://{server.Address}/shardsql.v1.Gateway/Session")
            {
                Version = new Version(2, 0),
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
                Content = content,
            };
            using HttpResponseMessage response = await http.SendAsync(request);
            await response.Content.ReadAsByteArrayAsync();
            bool hasStatus = response.TrailingHeaders.Contains("grpc-status") || response.Headers.Contains("grpc-status");
            Assert.True(hasStatus, FuzzRun.Say(i, $"HTTP {response.StatusCode} for {Convert.ToHexString(body)}"));
        }

        (await witness.RunAsync("SELECT 1")).Ok();
    }

    /// <summary>Whether the session was still there at the end.</summary>
    private static async Task<bool> PlayAsync(TestGateway gateway, int first)
    {
        await using TestSession session = await gateway.OpenAsync();
        var asked = new List<ulong>();
        try
        {
            for (int i = first; i < first + FramesPerSession; i++)
            {
                if (Frame(FuzzRun.For(i)) is { } frame)
                {
                    asked.Add(frame.RequestId);
                    await session.SendAsync(frame);
                }
            }

            foreach (ulong id in asked)
            {
                // One of them may wait for credit that it will never get.
                await session.SendAsync(new ClientFrame { RequestId = LastRequest, Cancel = new Cancel { TargetRequestId = id } });
            }

            await session.SendAsync(new ClientFrame { RequestId = LastRequest, Execute = TestSession.Request("SELECT 1") });
            while (true)
            {
                ServerFrame reply = await session.ReceiveAsync();
                if (reply.RequestId == LastRequest && reply.FrameCase
                    is ServerFrame.FrameOneofCase.Error or ServerFrame.FrameOneofCase.ExecuteEnd)
                {
                    return true;
                }
            }
        }
        catch (GrpcException end)
        {
            Assert.True(
                end.StatusCode is not (GrpcStatusCode.Internal or GrpcStatusCode.Unknown),
                FuzzRun.Say(first, end.ToString()));
            return false;
        }
    }

    /// <summary>A frame with some of its bytes other than they should be; null where it cannot be read.</summary>
    private static ClientFrame? Frame(Prng random)
    {
        ClientFrame good = Good(random);
        if (random.Next(4) == 0)
        {
            return good;
        }

        byte[] bytes = ByteMutator.Mutate(random, good.ToByteArray(), Good(random).ToByteArray());
        try
        {
            return MessageFraming.Parse(ClientFrame.Parser, new ReadOnlySequence<byte>(bytes));
        }
        catch (GrpcException refused) when (refused.StatusCode == GrpcStatusCode.InvalidArgument)
        {
            return null;
        }
    }

    private static byte[] Body(Prng random)
    {
        var body = new List<byte>();
        var hello = new ClientFrame { Hello = new Hello { ProtocolMin = 1, ProtocolMax = 1, SessionId = ByteString.CopyFrom(new byte[16]) } };
        foreach (ClientFrame frame in (ClientFrame[])[hello, Good(random), Good(random)])
        {
            byte[] bytes = frame.ToByteArray();
            body.AddRange([0, 0, 0, (byte)(bytes.Length >> 8), (byte)bytes.Length]);
            body.AddRange(bytes);
        }

        return [.. body];
    }

    private static ClientFrame Good(Prng random)
    {
        ulong id = (ulong)random.Next(1, 100);
        switch (random.Next(12))
        {
            case 0:
                return new ClientFrame { RequestId = id, Cancel = new Cancel { TargetRequestId = id - 1 } };
            case 1:
                return new ClientFrame { RequestId = id, Credit = new Credit { TargetRequestId = id - 1, Bytes = 1 << 20 } };
            case 2:
                return new ClientFrame { RequestId = id, Ping = new Ping() };
            case 3:
                var question = new OutcomeQuestion { SessionId = ByteString.CopyFrom(new byte[16]), Sequence = 1, Participants = { 1, 2 } };
                return new ClientFrame { RequestId = id, OutcomeQuestion = question };
            default:
                return new ClientFrame { RequestId = id, Execute = Execute(random) };
        }
    }

    private static Execute Execute(Prng random)
    {
        string text = s_statements[random.Next(s_statements.Length)];
        var execute = new Execute { TimeoutMs = 10_000, TransactionSequence = (ulong)random.Next(5) };
        execute.Parameters.Add(new Parameter
        {
            Name = "p",
            Value = ByteString.CopyFrom(ValueCodec.ToBytes(SqlValue.FromInt32(random.Next(20)))),
        });
        Statement tree = SqlParser.Parse(text).Statements[0];
        execute.Statements.Add(random.Next(3) switch
        {
            0 => new StatementSource { Text = text },
            1 => new StatementSource { Prepared = (uint)random.Next(3) },
            _ => new StatementSource { Tree = new PreparedTree { Statement = tree, Number = (uint)random.Next(3) } },
        });
        return execute;
    }
}
