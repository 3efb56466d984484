using System;
using System.Threading;
using System.Threading.Tasks;
using ShardSql.Protocol.Messages;

namespace ShardSql.Protocol;

/// <summary>The client's side of <c>shardsql.v1.Node</c>.</summary>
public sealed class NodeClient(IGrpcTransport transport) : IAsyncDisposable
{
    // Who reads a node's frames only hands them on.
    private static readonly GrpcCallOptions s_peer = new() { ReadsInline = true };

    /// <summary>A client of the node at an address (see <see cref="GrpcAddress"/>); nothing is connected yet.</summary>
    public NodeClient(string address, GrpcClientOptions? options = null)
        : this(GrpcTransports.Create(address, options))
    {
    }

    /// <summary>Where the node is.</summary>
    public string Address => transport.Address;

    /// <summary>Opens a peer stream; the first frame to send is PeerHello.</summary>
    public Task<IDuplexChannel<NodeFrame, NodeFrame>> OpenPeerAsync(CancellationToken cancellationToken) =>
        transport.DuplexAsync(GrpcMethods.NodePeer, s_peer, cancellationToken);

    /// <summary>Asks for the cluster's nodes and shards.</summary>
    public Task<ClusterDescription> DescribeAsync(TimeSpan deadline, CancellationToken cancellationToken) =>
        transport.UnaryAsync(
            GrpcMethods.NodeDescribe,
            new DescribeRequest(),
            new GrpcCallOptions { Deadline = deadline },
            cancellationToken);

    /// <summary>Brings a layout of the cluster; answers with the version that the node has durably.</summary>
    public async Task<ulong> AdoptAsync(
        ClusterDescription layout, TimeSpan deadline, CancellationToken cancellationToken)
    {
        AdoptReply reply = await transport.UnaryAsync(
            GrpcMethods.NodeAdopt, layout, new GrpcCallOptions { Deadline = deadline }, cancellationToken)
            .ConfigureAwait(false);
        return reply.Version;
    }

    /// <summary>Asks the server's health service; null when the service is unknown to it.</summary>
    public Task<Health.HealthCheckResponse.Types.ServingStatus?> CheckHealthAsync(
        string service, TimeSpan? deadline, CancellationToken cancellationToken) =>
        HealthCheck.RunAsync(transport, service, deadline, cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => transport.DisposeAsync();
}
