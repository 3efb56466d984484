using System;
using System.Net;
using System.Net.Sockets;
using System.Threading;

namespace ShardSql.Cluster.Tests.Processes;

/// <summary>
/// Loopback ports that nobody listens on, each given once. They lie below the system's ephemeral range: while a node is
/// down its port must not become the near end of somebody's connection, not even of one to itself.
/// </summary>
internal static class FreePorts
{
    private const int First = 12_000;
    private const int End = 32_000;

    private static readonly Lock s_gate = new();
    private static int s_next = Random.Shared.Next(First, End);

    /// <summary>A port.</summary>
    public static int Take()
    {
        lock (s_gate)
        {
            for (int tried = 0; tried < End - First; tried++)
            {
                int port = s_next;
                s_next = port + 1 < End ? port + 1 : First;
                if (IsFree(port))
                {
                    return port;
                }
            }
        }

        throw new InvalidOperationException($"no port from {First} to {End - 1} is free");
    }

    private static bool IsFree(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            return false;
        }
    }
}
