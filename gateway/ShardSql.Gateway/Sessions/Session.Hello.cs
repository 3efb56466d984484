using System;
using System.Threading;
using System.Threading.Tasks;

using Google.Protobuf;

using ShardSql.Gateway.Commit;
using ShardSql.Gateway.Statements;
using ShardSql.Primitives;
using ShardSql.Protocol;
using ShardSql.Protocol.Messages;
using ShardSql.Sql;
using ShardSql.Sql.Parsing;

namespace ShardSql.Gateway.Sessions;

/// <summary>The first exchange: versions, database, authentication, and the highest stamp that the client has
/// seen.</summary>
internal sealed partial class Session
{
    /// <summary>The one version of the session protocol.</summary>
    public const uint ProtocolVersion = 1;

    private async Task<bool> GreetAsync(CancellationToken cancellationToken)
    {
        ClientFrame? first = await ReceiveHelloAsync(cancellationToken);
        if (first is null)
        {
            return false;
        }

        try
        {
            Greet(first);
        }
        catch (SqlException refusal)
        {
            Error error = ErrorFrames.From(refusal, out _);
            await _writer.SendAsync(new ServerFrame { RequestId = first.RequestId, Error = error }, cancellationToken);
            return false;
        }

        await _writer.SendAsync(
            new ServerFrame { RequestId = first.RequestId, HelloReply = Reply() }, cancellationToken);
        return true;
    }

    private async Task<ClientFrame?> ReceiveHelloAsync(CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(GatewayLimits.HelloTimeout, _services.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await _channel.ReceiveAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new GrpcException(
                GrpcStatusCode.DeadlineExceeded, $"no Hello within {GatewayLimits.HelloTimeout.TotalSeconds} s");
        }
    }

    private void Greet(ClientFrame frame)
    {
        if (frame.FrameCase != ClientFrame.FrameOneofCase.Hello)
        {
            throw new SqlException(SqlStates.ProtocolViolation, "a session begins with Hello");
        }

        Hello hello = frame.Hello;
        if (hello.ProtocolMin > ProtocolVersion || hello.ProtocolMax < ProtocolVersion)
        {
            throw new SqlException(
                SqlStates.ProtocolViolation,
                $"protocol versions {hello.ProtocolMin} to {hello.ProtocolMax} are not served, {ProtocolVersion} is");
        }

        if (hello.Database.Length > 0 && hello.Database != _services.Options.Database)
        {
            throw new SqlException(SqlStates.UnknownDatabase, $"database \"{hello.Database}\" does not exist")
            {
                Hint = $"This cluster has the database \"{_services.Options.Database}\".",
            };
        }

        if (hello.Authentication is not ("" or "none"))
        {
            throw new SqlException(
                SqlStates.InvalidAuthorization, $"authentication \"{hello.Authentication}\" is not served")
            {
                Hint = "This version serves \"none\".",
            };
        }

        if (hello.Isolation != IsolationLevel.Serializable)
        {
            throw new SqlException(SqlStates.FeatureNotSupported, $"isolation {hello.Isolation} is not served")
            {
                Hint = "Every transaction is SERIALIZABLE, and a session reads its own writes on any gateway.",
            };
        }

        Identify(hello);
    }

    private void Identify(Hello hello)
    {
        if (hello.SessionId.Length is not (0 or 16))
        {
            throw new SqlException(SqlStates.ProtocolViolation, "a session id has 16 bytes");
        }

        UInt128 id = hello.SessionId.Length == 0 ? SessionIds.New() : SessionIds.FromBytes(hello.SessionId.Span);
        _services.Stamps.MergeForeign(hello.HighestStamp);
        _id = SessionIds.ToGuid(id);
        bool takesTrees = hello.GrammarVersion == SqlParser.GrammarVersion;
        _runner = new SessionRunner(_services, _writer, id, takesTrees);
        _services.Sessions.Add(_id, _runner, hello.Client, hello.ApplicationName, _services.Time.GetUtcNow());
    }

    private HelloReply Reply() => new()
    {
        Protocol = ProtocolVersion,
        GrammarVersion = SqlParser.GrammarVersion,
        ServerVersion = GatewayServices.ServerVersion,
        Database = _services.Options.Database,
        ClusterId = UnsafeByteOperations.UnsafeWrap(_services.Options.ClusterId.ToByteArray(bigEndian: true)),
        HighestStamp = CommitErrors.ToMessage(_services.Stamps.Highest),
        MaxMessageBytes = GrpcLimits.MaxMessageBytes,
    };
}
