using System.Threading;
using System.Threading.Tasks;
using ShardSql.Protocol.Messages;

namespace ShardSql.Protocol;

/// <summary>The gateway's side of <c>shardsql.v1.Gateway</c>, whichever transport calls it.</summary>
public interface IGatewayEndpoint
{
    /// <summary>
    /// Serves one session until the client ends it; returning ends the stream with OK, a <see cref="GrpcException"/>
    /// with its status. The token is cancelled when the client has gone, the call's deadline has passed, or the server
    /// stops (then, and only then, what is sent still arrives).
    /// </summary>
    Task SessionAsync(IDuplexChannel<ServerFrame, ClientFrame> channel, CancellationToken cancellationToken);

    /// <summary>Runs one idempotent transaction.</summary>
    Task<SubmitTransactionReply> SubmitTransactionAsync(
        SubmitTransactionRequest request, CancellationToken cancellationToken);
}
