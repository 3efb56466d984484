using System;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Channels;
using System.Threading.Tasks;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using ShardSql.Protocol.Http2;

namespace ShardSql.Storage.Grpc;

/// <summary>
/// Sockets for one port and two kinds of clients: connections that begin a link are served as links, all others are
/// Kestrel's. What a connection is, its first bytes say, which stay in the socket.
/// </summary>
internal sealed class LinkListenerFactory(LinkServer links, ILoggerFactory loggers) : IConnectionListenerFactory
{
    private const int Backlog = 512;

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        Socket? socket = null;
        try
        {
            socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
            socket.Listen(Backlog);
        }
        catch (SocketException e)
        {
            socket?.Dispose();
            if (e.SocketErrorCode != SocketError.AddressAlreadyInUse)
            {
                throw;
            }

            throw new AddressInUseException(e.Message, e);
        }

        return ValueTask.FromResult<IConnectionListener>(new Listener(socket, links, loggers));
    }

    private sealed class Listener : IConnectionListener
    {
        private static readonly TimeSpan s_partialPause = TimeSpan.FromMilliseconds(1);

        private readonly Socket _socket;
        private readonly LinkServer _links;
        private readonly SocketConnectionContextFactory _connections;
        private readonly CancellationTokenSource _unbound = new();
        private readonly Channel<ConnectionContext> _others = Channel.CreateUnbounded<ConnectionContext>();
        private readonly Task _accepting;

        public Listener(Socket socket, LinkServer links, ILoggerFactory loggers)
        {
            _socket = socket;
            _links = links;
            _connections = new SocketConnectionContextFactory(
                new SocketConnectionFactoryOptions(), loggers.CreateLogger("ShardSql.Grpc.Sockets"));
            EndPoint = socket.LocalEndPoint!;
            _accepting = AcceptAllAsync();
        }

        public EndPoint EndPoint { get; }

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default) =>
            await _others.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false)
                && _others.Reader.TryRead(out var connection)
                ? connection
                : null;

        public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
        {
            await _unbound.CancelAsync().ConfigureAwait(false);
            _socket.Dispose();
            await _accepting.ConfigureAwait(false);
        }

        public async ValueTask DisposeAsync()
        {
            await UnbindAsync().ConfigureAwait(false);
            while (_others.Reader.TryRead(out var left))
            {
                await left.DisposeAsync().ConfigureAwait(false);
            }

            _connections.Dispose();
        }

        private async Task AcceptAllAsync()
        {
            while (!_unbound.IsCancellationRequested)
            {
                try
                {
                    _ = SortAsync(await _socket.AcceptAsync(_unbound.Token).ConfigureAwait(false));
                }
                catch (SocketException) when (!_unbound.IsCancellationRequested)
                {
                    // The client was gone before it was taken.
                }
                catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
                {
                    break;
                }
            }

            _others.Writer.TryComplete();
        }

        private async Task SortAsync(Socket accepted)
        {
            try
            {
                if (accepted.LocalEndPoint is IPEndPoint)
                {
                    accepted.NoDelay = true;
                }

                if (await BeginsLinkAsync(accepted).ConfigureAwait(false))
                {
                    await _links.ServeAsync(accepted).ConfigureAwait(false);
                }
                else if (!_others.Writer.TryWrite(_connections.Create(accepted)))
                {
                    accepted.Dispose();
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
            {
                // The client went, said nothing for too long, or the server stops.
                accepted.Dispose();
            }
        }

        private async Task<bool> BeginsLinkAsync(Socket accepted)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(_unbound.Token);
            limit.CancelAfter(GrpcServerLimits.FirstBytesTimeout);
            var first = new byte[LinkServer.MarkBytes];
            while (true)
            {
                var seen = await accepted.ReceiveAsync(first, SocketFlags.Peek, limit.Token).ConfigureAwait(false);
                if (seen == 0)
                {
                    throw new OperationCanceledException("the client has closed the connection");
                }

                if (LinkServer.BeginsLink(first.AsSpan(0, seen)) is { } begins)
                {
                    return begins;
                }

                // A mark in two packets: what has been seen stays in the socket, so another look does not wait.
                await Task.Delay(s_partialPause, limit.Token).ConfigureAwait(false);
            }
        }
    }
}
