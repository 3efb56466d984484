using ShardSql.Protocol.Http2;

namespace ShardSql.Protocol;

/// <summary>Picks the transport of an address.</summary>
public static class GrpcTransports
{
    /// <summary>A way to the server at an address (see <see cref="GrpcAddress"/>); nothing is connected yet.</summary>
    public static IGrpcTransport Create(string address, GrpcClientOptions? options = null)
    {
        var parsed = GrpcAddress.Parse(address);
        return parsed.InProcessName is { } name
            ? new InProcessTransport(name, options ?? GrpcClientOptions.Default)
            : new LinkTransport(parsed, options ?? GrpcClientOptions.Default);
    }
}
