using ShardSql.Protocol.Health;
using ShardSql.Protocol.Messages;

namespace ShardSql.Protocol;

/// <summary>The rpcs of the published .proto files.</summary>
public static class GrpcMethods
{
    /// <summary>Full name of the gateway's service.</summary>
    public const string GatewayService = "shardsql.v1.Gateway";

    /// <summary>Full name of the storage node's service.</summary>
    public const string NodeService = "shardsql.v1.Node";

    /// <summary>Full name of gRPC's standard health service.</summary>
    public const string HealthService = "grpc.health.v1.Health";

    /// <summary>Gateway.Session: one session, both ways.</summary>
    public static GrpcMethod<ClientFrame, ServerFrame> GatewaySession { get; } =
        new(GatewayService, "Session", ClientFrame.Parser, ServerFrame.Parser);

    /// <summary>Gateway.SubmitTransaction: one idempotent transaction.</summary>
    public static GrpcMethod<SubmitTransactionRequest, SubmitTransactionReply> GatewaySubmitTransaction { get; } =
        new(GatewayService, "SubmitTransaction", SubmitTransactionRequest.Parser, SubmitTransactionReply.Parser);

    /// <summary>Node.Peer: the stream between two processes.</summary>
    public static GrpcMethod<NodeFrame, NodeFrame> NodePeer { get; } =
        new(NodeService, "Peer", NodeFrame.Parser, NodeFrame.Parser);

    /// <summary>Node.Describe: the cluster's nodes and shards.</summary>
    public static GrpcMethod<DescribeRequest, ClusterDescription> NodeDescribe { get; } =
        new(NodeService, "Describe", DescribeRequest.Parser, ClusterDescription.Parser);

    /// <summary>Node.Adopt: a newer layout of the cluster.</summary>
    public static GrpcMethod<ClusterDescription, AdoptReply> NodeAdopt { get; } =
        new(NodeService, "Adopt", ClusterDescription.Parser, AdoptReply.Parser);

    /// <summary>Health.Check: state of a service, once.</summary>
    public static GrpcMethod<HealthCheckRequest, HealthCheckResponse> HealthCheck { get; } =
        new(HealthService, "Check", HealthCheckRequest.Parser, HealthCheckResponse.Parser);

    /// <summary>Health.Watch: state of a service, now and at each change.</summary>
    public static GrpcMethod<HealthCheckRequest, HealthCheckResponse> HealthWatch { get; } =
        new(HealthService, "Watch", HealthCheckRequest.Parser, HealthCheckResponse.Parser);
}
