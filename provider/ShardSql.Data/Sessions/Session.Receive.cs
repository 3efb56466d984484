using System;
using System.Threading;
using System.Threading.Tasks;
using Google.Protobuf;
using ShardSql.Data.Commands;
using ShardSql.Data.Options;
using ShardSql.Protocol;
using ShardSql.Protocol.Messages;
using ShardSql.Sql;

namespace ShardSql.Data.Sessions;

/// <content>The greeting and the reader loop.</content>
internal sealed partial class Session
{
    /// <summary>The protocol that this provider speaks.</summary>
    public const uint ProtocolVersion = 1;

    private const string ClientName = "ShardSql.Data 1.0";

    /// <summary>Greets a gateway over a fresh stream; owns the stream from here on.</summary>
    public static async Task<Session> OpenAsync(
        IDuplexChannel<ClientFrame, ServerFrame> channel,
        HostAddress host,
        SessionGreeting greeting,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var session = new Session(channel, host, greeting, now);
        try
        {
            Request hello = session.Start(new ClientFrame { Hello = session.MakeHello(greeting) });
            session._readLoop = session.ReadLoopAsync();
            using (cancellationToken.UnsafeRegister(
                static state => ((Session)state!).Break("no greeting in time"), session))
            {
                session.Accept(await hello.ReadAsync().ConfigureAwait(false));
            }

            return session;
        }
        catch
        {
            await session.DisposeAsync().ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            throw;
        }
    }

    private Hello MakeHello(SessionGreeting greeting)
    {
        ConnectionSettings settings = greeting.Settings;
        return new Hello
        {
            ProtocolMin = ProtocolVersion,
            ProtocolMax = ProtocolVersion,
            GrammarVersion = StatementTexts.GrammarVersion,
            Client = ClientName,
            Database = settings.Database,
            Authentication = "none",
            HighestStamp = StampWatermark.ToMessage(greeting.Stamps.Highest),
            SessionId = ByteString.CopyFrom(Id),
            ApplicationName = settings.ApplicationName,
            Isolation = settings.Isolation == ShardSqlIsolation.StrictSerializable
                ? IsolationLevel.StrictSerializable
                : IsolationLevel.Serializable,
        };
    }

    private void Accept(ServerFrame frame)
    {
        switch (frame.FrameCase)
        {
            case ServerFrame.FrameOneofCase.HelloReply when frame.HelloReply.Protocol == ProtocolVersion:
                Greeting = frame.HelloReply;
                TakesTrees = Greeting.GrammarVersion == StatementTexts.GrammarVersion;
                _stamps.Observe(Greeting.HighestStamp);
                break;
            case ServerFrame.FrameOneofCase.HelloReply:
                throw new ShardSqlException(
                    SqlStates.ProtocolViolation,
                    $"the gateway speaks protocol {frame.HelloReply.Protocol}, this provider {ProtocolVersion}");
            case ServerFrame.FrameOneofCase.Error:
                throw ErrorFactory.FromMessage(frame.Error);
            default:
                throw Unexpected(frame);
        }
    }

    private async Task ReadLoopAsync()
    {
        try
        {
            while (await _channel.ReceiveAsync(CancellationToken.None).ConfigureAwait(false) is { } frame)
            {
                if (!Dispatch(frame))
                {
                    return;
                }
            }

            Break("the gateway ended the session");
        }
        catch (Exception error) when (error is GrpcException or ObjectDisposedException or OperationCanceledException)
        {
            Break(error.Message, error);
        }
    }

    /// <summary>Hands a frame to its request; false when the session cannot go on.</summary>
    private bool Dispatch(ServerFrame frame)
    {
        Request? request;
        lock (_lock)
        {
            if (!_requests.TryGetValue(frame.RequestId, out request))
            {
                request = null;
            }
            else if (Request.IsLast(frame))
            {
                _requests.Remove(frame.RequestId);
            }
        }

        if (request is not null)
        {
            if (request.TryDeliver(frame))
            {
                return true;
            }

            Break("the gateway sent more rows than the window allows");
            return false;
        }

        if (frame is { RequestId: not 0, FrameCase: ServerFrame.FrameOneofCase.Error })
        {
            // A Cancel or a Credit that came too late: its target had ended, there is nothing to tell anybody.
            return true;
        }

        // Outside of a request there is only one thing to say: that the session ends, and why.
        string why = frame.FrameCase == ServerFrame.FrameOneofCase.Error
            ? $"the gateway ended the session: {frame.Error.SqlState}: {frame.Error.Message}"
            : $"the gateway sent {frame.FrameCase} for a request that is not running";
        Break(why);
        return false;
    }
}
