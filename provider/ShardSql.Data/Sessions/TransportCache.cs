using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using ShardSql.Data.Options;
using ShardSql.Protocol;

namespace ShardSql.Data.Sessions;

/// <summary>One transport per host: sessions share its HTTP/2 connections, so that opening one costs a stream.</summary>
internal sealed class TransportCache : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<HostAddress, IGrpcTransport> _transports = [];

    /// <summary>The way to a host. Nothing is connected yet.</summary>
    /// <exception cref="GrpcException">No in-process cluster has that name.</exception>
    public IGrpcTransport Get(HostAddress host)
    {
        lock (_lock)
        {
            if (!_transports.TryGetValue(host, out IGrpcTransport? transport))
            {
                transport = Create(host);
                _transports.Add(host, transport);
            }

            return transport;
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        IGrpcTransport[] transports;
        lock (_lock)
        {
            transports = [.. _transports.Values];
            _transports.Clear();
        }

        foreach (IGrpcTransport transport in transports)
        {
            await transport.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static IGrpcTransport Create(HostAddress host) => host.Kind switch
    {
        HostKind.InProcess => InProcessEndpoints.TryGet(host.Name, out IGrpcTransport? transport)
            ? transport
            : throw new GrpcException(
                GrpcStatusCode.Unavailable, $"no cluster named '{host.Name}' runs in this process"),
        _ => throw new NotSupportedException(),
    };
}
