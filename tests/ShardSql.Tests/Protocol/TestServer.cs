using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using ShardSql.Protocol;
using ShardSql.Storage.Grpc;

namespace ShardSql.Tests.Protocol;

/// <summary>One server of the given services over the given transport, and a client of it.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly GrpcKestrelServer? _kestrel;
    private readonly string? _name;

    private TestServer(string address, GrpcKestrelServer? kestrel, string? name)
    {
        Address = address;
        _kestrel = kestrel;
        _name = name;
        Client = GrpcTransports.Create(address);
    }

    public string Address { get; }

    public IGrpcTransport Client { get; }

    public static async Task<TestServer> StartAsync(
        TransportKind kind, GrpcServices services, Func<GrpcServerOptions, GrpcServerOptions>? configure = null)
    {
        var id = Guid.NewGuid().ToString("N");
        if (kind == TransportKind.InProcess)
        {
            InProcessEndpoints.Register(id, services);
            return new TestServer("inproc:" + id, null, id);
        }

        var path = Path.Combine(Path.GetTempPath(), id + ".sock");
        var listen = kind == TransportKind.Tcp ? "127.0.0.1:0" : "unix:" + path;
        var options = new GrpcServerOptions { Listen = listen };
        var kestrel = new GrpcKestrelServer(services, configure?.Invoke(options) ?? options);
        await kestrel.StartAsync(CancellationToken.None);
        return new TestServer(kestrel.Endpoint, kestrel, null);
    }

    /// <summary>Stops at once: whatever runs is cut.</summary>
    public async Task CutAsync()
    {
        if (_name is not null)
        {
            InProcessEndpoints.Unregister(_name);
        }
        else
        {
            await _kestrel!.StopAsync(new CancellationToken(canceled: true));
        }
    }

    /// <summary>Stops in order.</summary>
    public Task StopAsync() => _kestrel!.StopAsync(CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        await CutAsync();
        if (_kestrel is not null)
        {
            await _kestrel.DisposeAsync();
        }
    }
}
