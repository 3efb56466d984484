using System;
using System.Threading;
using System.Threading.Tasks;
using ShardSql.Protocol.Health;

namespace ShardSql.Protocol;

/// <summary>One question to a health service.</summary>
internal static class HealthCheck
{
    public static async Task<HealthCheckResponse.Types.ServingStatus?> RunAsync(
        IGrpcTransport transport, string service, TimeSpan? deadline, CancellationToken cancellationToken)
    {
        try
        {
            var request = new HealthCheckRequest { Service = service };
            var options = new GrpcCallOptions { Deadline = deadline };
            var response = await transport
                .UnaryAsync(GrpcMethods.HealthCheck, request, options, cancellationToken).ConfigureAwait(false);
            return response.Status;
        }
        catch (GrpcException e) when (e.StatusCode == GrpcStatusCode.NotFound)
        {
            return null;
        }
    }
}
