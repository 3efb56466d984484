using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using Google.Protobuf;

using ShardSql.Gateway.Sessions;
using ShardSql.Protocol;
using ShardSql.Protocol.Messages;
using ShardSql.Sql.Parsing;
using ShardSql.Sql.Values;

namespace ShardSql.Gateway.Starting;

/// <summary>
/// A client that greets, asks for constants, begins and rolls back, and leaves when the last request is answered. Its
/// frames are serialized as those of a socket are. What it asks needs no shard.
/// </summary>
internal sealed class PracticeSession : IDuplexChannel<ServerFrame, ClientFrame>
{
    private static readonly string[] s_texts = ["SELECT 1", "SELECT @p AS a, 'x' || @q AS b", "BEGIN; SELECT 2; ROLLBACK"];

    private readonly Queue<ClientFrame> _frames = new();
    private readonly TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _unanswered;

    private PracticeSession()
    {
        _frames.Enqueue(new ClientFrame
        {
            Hello = new Hello
            {
                ProtocolMin = Session.ProtocolVersion,
                ProtocolMax = Session.ProtocolVersion,
                GrammarVersion = SqlParser.GrammarVersion,
                Client = "warm-up",
            },
        });
        foreach (string text in s_texts)
        {
            _frames.Enqueue(new ClientFrame { RequestId = (ulong)_frames.Count, Execute = Request(text) });
            _unanswered++;
        }
    }

    /// <summary>One whole session.</summary>
    public static async Task RunAsync(GatewayServices services, CancellationToken cancellationToken)
    {
        await using var client = new PracticeSession();
        using var session = new Session(services, client);
        await session.RunAsync(cancellationToken);
    }

    /// <inheritdoc />
    public ValueTask SendAsync(ServerFrame message, CancellationToken cancellationToken)
    {
        ServerFrame received = ServerFrame.Parser.ParseFrom(message.ToByteArray());
        if (received.FrameCase is ServerFrame.FrameOneofCase.ExecuteEnd or ServerFrame.FrameOneofCase.Error
            && Interlocked.Decrement(ref _unanswered) == 0)
        {
            _answered.TrySetResult();
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc />
    public async ValueTask<ClientFrame?> ReceiveAsync(CancellationToken cancellationToken)
    {
        if (TryReceive(out ClientFrame? frame))
        {
            return frame;
        }

        await _answered.Task.WaitAsync(cancellationToken);
        return null;
    }

    /// <inheritdoc />
    public bool TryReceive([NotNullWhen(true)] out ClientFrame? message)
    {
        message = _frames.TryDequeue(out ClientFrame? frame) ? ClientFrame.Parser.ParseFrom(frame.ToByteArray()) : null;
        return message is not null;
    }

    /// <inheritdoc />
    public void CompleteSend()
    {
        // Nobody waits for the end of what the gateway sends.
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static Execute Request(string text)
    {
        ParsedBatch parsed = SqlParser.Parse(text);
        var execute = new Execute();
        execute.Statements.AddRange(parsed.Statements.Select((statement, i) => new StatementSource
        {
            Tree = new PreparedTree { Statement = statement },
        }));
        execute.Parameters.AddRange(parsed.ParameterNames.Select(name => new Parameter
        {
            Name = name,
            Value = UnsafeByteOperations.UnsafeWrap(ValueCodec.ToBytes(SqlValue.FromText(name))),
        }));
        return execute;
    }
}
