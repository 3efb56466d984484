using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using ShardSql.Protocol;
using ShardSql.Storage.Grpc;

namespace ShardSql.Data.Tests.Fake;

/// <summary>A fake gateway behind a real socket.</summary>
internal sealed class FakeServer : IAsyncDisposable
{
    private readonly GrpcKestrelServer _kestrel;

    private FakeServer(FakeGateway gateway, GrpcKestrelServer kestrel)
    {
        Gateway = gateway;
        _kestrel = kestrel;
    }

    public FakeGateway Gateway { get; }

    public string Address => _kestrel.Endpoint;

    public static async Task<FakeServer> StartAsync(bool unixSocket)
    {
        var gateway = new FakeGateway();
        string listen = unixSocket
            ? $"unix:{Path.Combine(Path.GetTempPath(), $"{gateway.Name}.sock")}"
            : "127.0.0.1:0";
        var kestrel = new GrpcKestrelServer(
            new GrpcServices().AddGateway(gateway), new GrpcServerOptions { Listen = listen });
        await kestrel.StartAsync(CancellationToken.None);
        return new FakeServer(gateway, kestrel);
    }

    public ShardSqlDataSource CreateDataSource(string more = "") =>
        ShardSqlDataSource.Create($"Server={Address};{more}");

    /// <summary>Cuts whatever runs.</summary>
    public Task CutAsync() => _kestrel.StopAsync(new CancellationToken(canceled: true));

    public async ValueTask DisposeAsync()
    {
        await CutAsync();
        await _kestrel.DisposeAsync();
        Gateway.Dispose();
    }
}
