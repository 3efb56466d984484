using System;

namespace ShardSql.Storage.Grpc;

/// <summary>The bounds of a gRPC server's connections.</summary>
public static class GrpcServerLimits
{
    /// <summary>
    /// Open connections of ours, and as many of other clients; a further one is closed at once. Sessions are limited to 500, the rest is for peers and
    /// administration.
    /// </summary>
    public const int MaxConnections = 600;

    /// <summary>Sessions and peer streams of one connection; a client opens another connection beyond it.</summary>
    public const int MaxStreamsPerConnection = 256;

    /// <summary>Bytes that a client may send on one stream before it is read.</summary>
    public const int StreamWindowBytes = 256 * 1024;

    /// <summary>
    /// Bytes that a client may send on one connection. Room for every stream's window: uploads that nobody reads never
    /// keep another stream of their connection waiting.
    /// </summary>
    public const int ConnectionWindowBytes = MaxStreamsPerConnection * StreamWindowBytes;

    /// <summary>All headers of one request, in bytes.</summary>
    public const int MaxHeadersBytes = 32 * 1024;

    /// <summary>A connection silent for so long is pinged.</summary>
    public static readonly TimeSpan KeepAlivePingDelay = TimeSpan.FromSeconds(30);

    /// <summary>A ping unanswered for so long breaks the connection.</summary>
    public static readonly TimeSpan KeepAlivePingTimeout = TimeSpan.FromSeconds(20);

    /// <summary>Time that a new connection has to say what it is.</summary>
    public static readonly TimeSpan FirstBytesTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Time that a client has to close its end of a connection that has ended.</summary>
    public static readonly TimeSpan LingerTimeout = TimeSpan.FromSeconds(1);

    /// <summary>Time that running calls have to end after a stop before their connections are cut.</summary>
    public static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(5);
}
