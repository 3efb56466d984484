using System;
using System.Collections.Frozen;

namespace ShardSql.Protocol.Http;

/// <summary>Names and values of gRPC over HTTP/2 that client and server share.</summary>
public static class GrpcHeaders
{
    /// <summary>Content type of requests and responses.</summary>
    public const string ContentType = "application/grpc";

    /// <summary>Status code of a call, in the trailers.</summary>
    public const string Status = "grpc-status";

    /// <summary>Message of a call's status, percent-encoded, in the trailers.</summary>
    public const string Message = "grpc-message";

    /// <summary>Deadline of a call.</summary>
    public const string Timeout = "grpc-timeout";

    /// <summary>Compression of a call's messages.</summary>
    public const string Encoding = "grpc-encoding";

    /// <summary>Compression that the sender understands.</summary>
    public const string AcceptEncoding = "grpc-accept-encoding";

    /// <summary>No compression, the only one there is here.</summary>
    public const string Identity = "identity";

    private static readonly FrozenSet<string> s_reserved = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "content-type", "content-length", "te", "host", "user-agent", "connection", "date", "server");

    /// <summary>True for a header that belongs to HTTP or gRPC and is not the caller's metadata.</summary>
    public static bool IsReserved(string name) =>
        name.StartsWith(':')
        || name.StartsWith("grpc-", StringComparison.OrdinalIgnoreCase)
        || s_reserved.Contains(name);
}
