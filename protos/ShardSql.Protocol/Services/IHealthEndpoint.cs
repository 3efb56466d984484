using System.Threading;
using System.Threading.Tasks;
using ShardSql.Protocol.Health;

namespace ShardSql.Protocol;

/// <summary>The server's side of <c>grpc.health.v1.Health</c>.</summary>
public interface IHealthEndpoint
{
    /// <summary>State of a service ("" is the whole server); null when it is unknown.</summary>
    HealthCheckResponse.Types.ServingStatus? Check(string service);

    /// <summary>
    /// Sends the state of the service that the client names, now and at each change, until the client goes away.
    /// </summary>
    Task WatchAsync(
        IDuplexChannel<HealthCheckResponse, HealthCheckRequest> channel, CancellationToken cancellationToken);
}
