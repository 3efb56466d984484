using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;

namespace ShardSql.Cluster.Tests.Processes;

/// <summary>One direction of speech between two processes: connections that one makes to the other go through here, and
/// suffer what the test asks for.</summary>
internal sealed class FaultProxy : IAsyncDisposable
{
    private const int PieceBytes = 64 * 1024;
    private static readonly TimeSpan s_delay = TimeSpan.FromMilliseconds(10);

    private readonly Lock _gate = new();
    private readonly IPEndPoint _target;
    private readonly Socket _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly HashSet<Connection> _connections = [];
    private readonly Task _accepting;
    private TaskCompletionSource _passing = Passing();
    private LinkFault _fault;

    /// <summary>A link to an address.</summary>
    public FaultProxy(string target)
    {
        _target = IPEndPoint.Parse(target);
        int port = FreePorts.Take();
        Address = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");
        _listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
        _listener.Listen();
        _accepting = AcceptAsync();
    }

    /// <summary>Where the near end connects to.</summary>
    public string Address { get; }

    /// <summary>From now on.</summary>
    public void Set(LinkFault fault)
    {
        lock (_gate)
        {
            _fault = fault;
            if (fault == LinkFault.Stall)
            {
                _passing = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
            else
            {
                _passing.TrySetResult();
            }

            if (fault == LinkFault.Drop)
            {
                foreach (Connection connection in _connections)
                {
                    connection.Reset();
                }
            }
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        List<Task> running;
        lock (_gate)
        {
            running = [.. _connections.Select(connection => connection.Ended.Task)];
        }

        await Task.WhenAll(running);
        _stop.Dispose();
    }

    private static TaskCompletionSource Passing()
    {
        var passing = new TaskCompletionSource();
        passing.SetResult();
        return passing;
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var connection = new Connection(await _listener.AcceptAsync(_stop.Token));
                lock (_gate)
                {
                    if (_fault == LinkFault.Drop)
                    {
                        connection.Reset();
                        continue;
                    }

                    _connections.Add(connection);
                }

                _ = RunAsync(connection);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task RunAsync(Connection connection)
    {
        try
        {
            await connection.Far.ConnectAsync(_target, _stop.Token);
            Task outward = PumpAsync(connection.Near, connection.Far, stalls: true);
            Task back = PumpAsync(connection.Far, connection.Near, stalls: false);
            await await Task.WhenAny(outward, back);
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // One end has gone, as it may; the other hears of it below.
        }

        lock (_gate)
        {
            _connections.Remove(connection);
        }

        connection.Reset();
        connection.Ended.SetResult();
    }

    private async Task PumpAsync(Socket from, Socket to, bool stalls)
    {
        try
        {
            byte[] piece = new byte[PieceBytes];
            while (await from.ReceiveAsync(piece, _stop.Token) is int count and > 0)
            {
                await PassAsync(stalls);
                for (int sent = 0; sent < count;)
                {
                    sent += await to.SendAsync(piece.AsMemory(sent, count - sent), _stop.Token);
                }
            }
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // As above: the first of the two pumps that ends ends the connection.
        }
    }

    private async Task PassAsync(bool stalls)
    {
        Task passing;
        bool late;
        lock (_gate)
        {
            passing = _passing.Task;
            late = _fault == LinkFault.Delay;
        }

        if (stalls)
        {
            await passing.WaitAsync(_stop.Token);
        }

        if (late)
        {
            // Not a wait for something to happen: the time itself is the fault.
            await Task.Delay(s_delay, _stop.Token);
        }
    }

    private sealed class Connection(Socket near)
    {
        public Socket Near => near;

        public Socket Far { get; } = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

        public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Reset()
        {
            // Closing with no time to linger sends RST, and throws away what was not sent yet.
            near.LingerState = new LingerOption(true, 0);
            near.Dispose();
            Far.Dispose();
        }
    }
}
