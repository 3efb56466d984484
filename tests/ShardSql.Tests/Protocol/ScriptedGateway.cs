using System;
using System.Threading;
using System.Threading.Tasks;
using ShardSql.Protocol;
using ShardSql.Protocol.Messages;
using ServerSession = ShardSql.Protocol.IDuplexChannel<
    ShardSql.Protocol.Messages.ServerFrame, ShardSql.Protocol.Messages.ClientFrame>;

namespace ShardSql.Tests.Protocol;

/// <summary>
/// A gateway that does what the test says; by default a session answers each frame with a Pong of its number.
/// </summary>
internal sealed class ScriptedGateway : IGatewayEndpoint
{
    public Func<ServerSession, CancellationToken, Task> Session { get; init; } = PongAsync;

    public Func<SubmitTransactionRequest, CancellationToken, Task<SubmitTransactionReply>> Submit { get; init; } =
        (_, _) => Task.FromResult(new SubmitTransactionReply { Outcome = Outcome.Committed });

    public static GrpcServices Services(Func<ServerSession, CancellationToken, Task>? session = null) =>
        new GrpcServices().AddGateway(new ScriptedGateway { Session = session ?? PongAsync });

    public static async Task PongAsync(ServerSession channel, CancellationToken cancellationToken)
    {
        while (await channel.ReceiveAsync(cancellationToken) is { } frame)
        {
            await channel.SendAsync(Pong(frame.RequestId), cancellationToken);
        }
    }

    public static ServerFrame Pong(ulong requestId) => new() { RequestId = requestId, Pong = new Pong() };

    public static ClientFrame Ping(ulong requestId) => new() { RequestId = requestId, Ping = new Ping() };

    public Task SessionAsync(ServerSession channel, CancellationToken cancellationToken) =>
        Session(channel, cancellationToken);

    public Task<SubmitTransactionReply> SubmitTransactionAsync(
        SubmitTransactionRequest request, CancellationToken cancellationToken) => Submit(request, cancellationToken);
}
