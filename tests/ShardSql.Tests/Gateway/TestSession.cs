using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Google.Protobuf;
using ShardSql.Primitives;
using ShardSql.Protocol;
using ShardSql.Protocol.Messages;
using ShardSql.Sql.Parsing;
using ShardSql.Sql.Values;
using Xunit;

namespace ShardSql.Tests.Gateway;

/// <summary>What a request was answered with.</summary>
internal sealed class TestReply
{
    public List<ResultHeader> Headers { get; } = [];

    public List<SqlValue[]> Rows { get; } = [];

    public List<ResultEnd> Ends { get; } = [];

    /// <summary>All that came, in order, as text.</summary>
    public List<string> Log { get; } = [];

    public ExecuteEnd? End { get; set; }

    public Error? Error { get; set; }

    public TestReply Ok()
    {
        Assert.True(Error is null, Error?.ToString());
        return this;
    }

    public Error Refused(string sqlState)
    {
        Assert.True(Error is not null, "an error was expected");
        Assert.True(Error.SqlState == sqlState, Error.ToString());
        return Error;
    }
}

/// <summary>A client of frames: no driver, nothing hidden.</summary>
internal sealed class TestSession : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);

    private readonly CancellationTokenSource _patience = new(s_patience);
    private ulong _lastRequest;

    private TestSession(IDuplexChannel<ClientFrame, ServerFrame> channel) => Channel = channel;

    public IDuplexChannel<ClientFrame, ServerFrame> Channel { get; }

    public HelloReply Greeting { get; private set; } = new();

    public byte[] SessionId { get; } = Guid.NewGuid().ToByteArray();

    public static async Task<TestSession> OpenAsync(string name)
    {
        TestSession session = await ConnectAsync(name);
        await session.SendAsync(new ClientFrame { Hello = session.Hello() });
        ServerFrame reply = await session.ReceiveAsync();
        session.Greeting = reply.HelloReply;
        Assert.NotNull(session.Greeting);
        return session;
    }

    public static async Task<TestSession> ConnectAsync(string name)
    {
        var client = new GatewayClient("inproc:" + name);
        return new TestSession(await client.OpenSessionAsync(CancellationToken.None));
    }

    public Hello Hello() => new()
    {
        ProtocolMin = 1,
        ProtocolMax = 1,
        GrammarVersion = SqlParser.GrammarVersion,
        Client = "test",
        SessionId = ByteString.CopyFrom(SessionId),
    };

    public ValueTask SendAsync(ClientFrame frame) => Channel.SendAsync(frame, _patience.Token);

    public async Task<ServerFrame> ReceiveAsync() =>
        await Channel.ReceiveAsync(_patience.Token) ?? throw new InvalidOperationException("the session has ended");

    public Task<TestReply> RunAsync(string text, params (string Name, SqlValue Value)[] parameters) =>
        RunAsync(Request(text, parameters));

    public async Task<TestReply> RunAsync(Execute execute) => await ReplyAsync(await StartAsync(execute));

    public static Execute Request(string text, params (string Name, SqlValue Value)[] parameters)
    {
        var execute = new Execute();
        execute.Statements.Add(new StatementSource { Text = text });
        foreach ((string name, SqlValue value) in parameters)
        {
            ByteString bytes = ByteString.CopyFrom(ValueCodec.ToBytes(value));
            execute.Parameters.Add(new Parameter { Name = name, Value = bytes });
        }

        return execute;
    }

    public async Task<ulong> StartAsync(Execute execute)
    {
        ulong id = ++_lastRequest;
        await SendAsync(new ClientFrame { RequestId = id, Execute = execute });
        return id;
    }

    public async Task<TestReply> ReplyAsync(ulong id)
    {
        var reply = new TestReply();
        while (reply.End is null && reply.Error is null)
        {
            ServerFrame frame = await ReceiveAsync();
            if (frame.RequestId == id)
            {
                Take(frame, reply);
            }
        }

        return reply;
    }

    public static void Take(ServerFrame frame, TestReply reply)
    {
        switch (frame.FrameCase)
        {
            case ServerFrame.FrameOneofCase.ResultHeader:
                reply.Headers.Add(frame.ResultHeader);
                reply.Log.Add("header " + string.Join(", ", frame.ResultHeader.Columns.Select(one => one.Name)));
                break;
            case ServerFrame.FrameOneofCase.RowBatch:
                var reader = new ByteReader(frame.RowBatch.Rows.Span);
                for (int i = 0; i < frame.RowBatch.Count; i++)
                {
                    reply.Rows.Add(RowCodec.Read(ref reader));
                    reply.Log.Add("row " + string.Join(", ", reply.Rows[^1].Select(one => one.ToText())));
                }

                Assert.True(reader.EndedWell);
                break;
            case ServerFrame.FrameOneofCase.ResultEnd:
                reply.Ends.Add(frame.ResultEnd);
                reply.Log.Add(FormattableString.Invariant($"end {frame.ResultEnd.Tag} {frame.ResultEnd.RowsAffected}"));
                break;
            case ServerFrame.FrameOneofCase.ExecuteEnd:
                reply.End = frame.ExecuteEnd;
                break;
            case ServerFrame.FrameOneofCase.Error:
                reply.Error = frame.Error;
                break;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Channel.DisposeAsync();
        _patience.Dispose();
    }
}
