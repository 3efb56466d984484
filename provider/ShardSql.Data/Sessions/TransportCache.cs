using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using ShardSql.Data.Options;
using ShardSql.Protocol;

namespace ShardSql.Data.Sessions;

/// <summary>
/// One transport per host: sessions share its HTTP/2 connections, so that opening one costs a stream.
/// </summary>
internal sealed class TransportCache : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<HostAddress, IGrpcTransport> _transports = [];

    /// <summary>The way to a host. Nothing is connected yet.</summary>
    /// <exception cref="GrpcException">The address is none.</exception>
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

    private static IGrpcTransport Create(HostAddress host)
    {
        try
        {
            return GrpcTransports.Create(host.ToString());
        }
        catch (FormatException malformed)
        {
            throw new GrpcException(GrpcStatusCode.InvalidArgument, malformed.Message, malformed);
        }
    }
}
