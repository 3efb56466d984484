using System;

namespace ShardSql.Protocol;

/// <summary>How a client holds its connections.</summary>
public sealed record GrpcClientOptions
{
    /// <summary>The defaults.</summary>
    public static GrpcClientOptions Default { get; } = new();

    /// <summary>Largest message sent or taken.</summary>
    public int MaxMessageBytes { get; init; } = GrpcLimits.MaxMessageBytes;

    /// <summary>Time a new connection may take.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A connection with open calls that has been silent for so long is pinged.</summary>
    public TimeSpan KeepAlivePingDelay { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>A ping that is not answered in this time breaks the connection: its calls end UNAVAILABLE.</summary>
    public TimeSpan KeepAlivePingTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A connection without calls is closed after this time.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(5);
}
