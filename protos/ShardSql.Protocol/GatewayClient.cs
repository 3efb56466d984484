using System;
using System.Threading;
using System.Threading.Tasks;
using ShardSql.Protocol.Messages;

namespace ShardSql.Protocol;

/// <summary>The client's side of <c>shardsql.v1.Gateway</c>.</summary>
public sealed class GatewayClient(IGrpcTransport transport) : IAsyncDisposable
{
    /// <summary>
    /// A client of the gateway at an address (see <see cref="GrpcAddress"/>); nothing is connected yet.
    /// </summary>
    public GatewayClient(string address, GrpcClientOptions? options = null)
        : this(GrpcTransports.Create(address, options))
    {
    }

    // A session's reader only hands frames to the requests that wait for them.
    private static readonly GrpcCallOptions s_session = new() { ReadsInline = true };

    /// <summary>Where the gateway is.</summary>
    public string Address => transport.Address;

    /// <summary>Opens a session's stream; the first frame to send is Hello.</summary>
    public Task<IDuplexChannel<ClientFrame, ServerFrame>> OpenSessionAsync(CancellationToken cancellationToken) =>
        OpenSessionAsync(s_session, cancellationToken);

    /// <summary>Opens a session's stream with metadata or a deadline.</summary>
    public Task<IDuplexChannel<ClientFrame, ServerFrame>> OpenSessionAsync(
        GrpcCallOptions options, CancellationToken cancellationToken) =>
        transport.DuplexAsync(GrpcMethods.GatewaySession, options, cancellationToken);

    /// <summary>
    /// Runs one idempotent transaction; after DEADLINE_EXCEEDED or UNAVAILABLE the same request may be sent again.
    /// </summary>
    public Task<SubmitTransactionReply> SubmitTransactionAsync(
        SubmitTransactionRequest request, TimeSpan? deadline, CancellationToken cancellationToken) =>
        transport.UnaryAsync(
            GrpcMethods.GatewaySubmitTransaction,
            request,
            new GrpcCallOptions { Deadline = deadline },
            cancellationToken);

    /// <summary>Asks the server's health service; null when the service is unknown to it.</summary>
    public Task<Health.HealthCheckResponse.Types.ServingStatus?> CheckHealthAsync(
        string service, TimeSpan? deadline, CancellationToken cancellationToken) =>
        HealthCheck.RunAsync(transport, service, deadline, cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => transport.DisposeAsync();
}
