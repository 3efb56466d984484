using System;
using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace ShardSql.Protocol;

/// <summary>
/// The servers of this process, by the name that <c>Server=inproc:NAME</c> gives. The frames are the same bytes as on
/// the wire, in bounded pipes, and server code never runs on the caller's stack.
/// </summary>
public static class InProcessEndpoints
{
    private static readonly ConcurrentDictionary<string, InProcessServer> s_servers = new(StringComparer.Ordinal);

    /// <summary>Offers a gateway under a name; a name that is taken is an error.</summary>
    public static void Register(string name, IGatewayEndpoint gateway) =>
        Register(name, new GrpcServices().AddGateway(gateway));

    /// <summary>Offers services under a name; a name that is taken is an error.</summary>
    public static void Register(string name, GrpcServices services)
    {
        var server = new InProcessServer(name, services);
        if (!s_servers.TryAdd(name, server))
        {
            server.Dispose();
            throw new InvalidOperationException($"An in-process server named '{name}' is running already.");
        }
    }

    /// <summary>Withdraws a name: calls to it that still run end UNAVAILABLE. False when there was none.</summary>
    public static bool Unregister(string name)
    {
        if (!s_servers.TryRemove(name, out var server))
        {
            return false;
        }

        server.Dispose();
        return true;
    }

    /// <summary>A way to the server of this name, if it runs now.</summary>
    public static bool TryGet(string name, [NotNullWhen(true)] out IGrpcTransport? transport)
    {
        transport = s_servers.ContainsKey(name) ? new InProcessTransport(name, GrpcClientOptions.Default) : null;
        return transport is not null;
    }

    internal static InProcessServer Find(string name) =>
        s_servers.TryGetValue(name, out var server)
            ? server
            : throw new GrpcException(
                GrpcStatusCode.Unavailable, $"no in-process server named '{name}' is running in this process");
}
