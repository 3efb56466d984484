using System;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using ShardSql.Protocol;
using Xunit;

namespace ShardSql.Tests.Protocol;

/// <summary>Whenever a connection is reset, a call hears of it as a gRPC status: callers look for nothing else.</summary>
public sealed class ConnectionResetTests
{
    private const int Attempts = 300;

    [Fact]
    public async Task Open_ofAConnectionThatIsResetAtOnce_isUnavailable()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        using var stop = new CancellationTokenSource();
        Task resetting = ResetAllAsync(listener, stop.Token);
        string address = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{((IPEndPoint)listener.LocalEndPoint!).Port}");
        for (int i = 0; i < Attempts; i++)
        {
            await using var client = new NodeClient(address);
            GrpcException reset = await Assert.ThrowsAsync<GrpcException>(() => client.OpenPeerAsync(CancellationToken.None));
            Assert.Equal(GrpcStatusCode.Unavailable, reset.StatusCode);
        }

        await stop.CancelAsync();
        await resetting;
    }

    private static async Task ResetAllAsync(Socket listener, CancellationToken stop)
    {
        try
        {
            while (true)
            {
                using Socket socket = await listener.AcceptAsync(stop);
                socket.LingerState = new LingerOption(true, 0);
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }
}
