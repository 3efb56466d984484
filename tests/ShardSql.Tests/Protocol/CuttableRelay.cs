using System;
using System.Collections.Concurrent;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Threading.Tasks;

namespace ShardSql.Tests.Protocol;

/// <summary>A TCP relay whose connections can be reset under both sides.</summary>
internal sealed class CuttableRelay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentBag<Socket> _sockets = [];
    private readonly IPEndPoint _target;
    private readonly Task _accepting;

    public CuttableRelay(string target)
    {
        _target = IPEndPoint.Parse(target);
        _listener.Start();
        Address = _listener.LocalEndpoint.ToString()!;
        _accepting = AcceptAsync();
    }

    public string Address { get; }

    public void Cut()
    {
        _listener.Stop();
        foreach (var socket in _sockets)
        {
            socket.Close(0);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Cut();
        await _accepting;
        _listener.Dispose();
    }

    private static async Task PumpAsync(Socket from, Socket to)
    {
        using var source = new NetworkStream(from);
        using var destination = new NetworkStream(to);
        try
        {
            await source.CopyToAsync(destination);
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            // Cut, as asked.
        }
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptSocketAsync();
                var server = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                client.NoDelay = true;
                _sockets.Add(client);
                _sockets.Add(server);
                await server.ConnectAsync(_target);
                _ = PumpAsync(client, server);
                _ = PumpAsync(server, client);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // Stopped, as asked.
        }
    }
}
