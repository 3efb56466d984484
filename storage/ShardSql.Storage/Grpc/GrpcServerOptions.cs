using ShardSql.Protocol;

namespace ShardSql.Storage.Grpc;

/// <summary>Where a gRPC server listens and what it takes.</summary>
public sealed record GrpcServerOptions
{
    /// <summary>HOST:PORT (port 0: a free one; host * or 0.0.0.0: every interface) or unix:/PATH.</summary>
    public required string Listen { get; init; }

    /// <summary>Largest message sent or taken.</summary>
    public int MaxMessageBytes { get; init; } = GrpcLimits.MaxMessageBytes;

    /// <summary>Open connections of ours, and as many of other clients.</summary>
    public int MaxConnections { get; init; } = GrpcServerLimits.MaxConnections;
}
