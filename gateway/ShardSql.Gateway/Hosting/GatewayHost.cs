using System;
using System.Threading;
using System.Threading.Tasks;

using Microsoft.Extensions.Logging;

using ShardSql.Gateway.Starting;
using ShardSql.Protocol;
using ShardSql.Protocol.Health;
using ShardSql.Storage.Grpc;

namespace ShardSql.Gateway.Hosting;

/// <summary>
/// A process that others reach by socket: a gateway, a storage node, or both, with gRPC's health service, on one port.
/// </summary>
public sealed class GatewayHost : IAsyncDisposable
{
    private readonly IStorageCluster _storage;
    private readonly HealthEndpoint _health = new();
    private readonly string _database;
    private readonly GatewayServer? _gateway;
    private readonly GrpcKestrelServer _listener;

    private GatewayHost(
        IStorageCluster storage, GatewayServer? gateway, string database, string listen, ILoggerFactory? loggers)
    {
        _storage = storage;
        _gateway = gateway;
        _database = database;
        var services = new GrpcServices().AddHealth(_health);
        if (gateway is not null)
        {
            services.AddGateway(gateway);
        }

        if (storage.Node is { } node)
        {
            services.AddNode(node);
        }

        _listener = new GrpcKestrelServer(services, new GrpcServerOptions { Listen = listen }, loggers);
    }

    /// <summary>Where it listens, with the port that was bound.</summary>
    public string Endpoint => _listener.Endpoint;

    /// <summary>The line that tells a starter, and whoever reads its output, that it serves.</summary>
    public string ReadyLine => _gateway is null
        ? $"ShardSql node is ready: {Endpoint}"
        : $"ShardSql is ready: Server={Endpoint};Database={_database}";

    /// <summary>
    /// Listens, then starts the gateway: peers must reach this process's node before a shard can have a leader. The
    /// host owns the storage from here on, also when the start fails.
    /// </summary>
    /// <param name="storage">The storage side.</param>
    /// <param name="role">What the process does.</param>
    /// <param name="listen">Address and port.</param>
    /// <param name="options">The gateway's options; cluster and data shards are those of the storage.</param>
    /// <param name="loggers">Where logs go.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    public static async Task<GatewayHost> StartAsync(
        IStorageCluster storage,
        ServerRole role,
        string listen,
        GatewayOptions options,
        ILoggerFactory? loggers,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(storage);
        ArgumentNullException.ThrowIfNull(options);
        GatewayServer? gateway = role == ServerRole.Node ? null : new GatewayServer(
            storage.Client,
            storage.Nodes,
            options with { ClusterId = storage.ClusterId, DataShards = storage.DataShards },
            TimeProvider.System,
            loggers,
            storage);
        var host = new GatewayHost(storage, gateway, options.Database, listen, loggers);
        try
        {
            await host.StartAsync(cancellationToken);
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Serves until the token is cancelled (null), or a node of this process fails (its reason).
    /// </summary>
    public async Task<Exception?> WaitAsync(CancellationToken stop)
    {
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using CancellationTokenRegistration registration =
            stop.UnsafeRegister(static source => ((TaskCompletionSource)source!).TrySetResult(), stopped);
        await Task.WhenAny(stopped.Task, _storage.Failed);
        return _storage.Failed.IsCompleted && !stop.IsCancellationRequested ? await _storage.Failed : null;
    }

    /// <summary>Takes no more calls, ends the sessions, waits for commits that are on their way, stops the
    /// nodes.</summary>
    public async ValueTask DisposeAsync()
    {
        _health.Set("", HealthCheckResponse.Types.ServingStatus.NotServing);
        if (_gateway is not null)
        {
            await _gateway.DisposeAsync();
        }

        await _listener.DisposeAsync();
        await _storage.DisposeAsync();
    }

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        _health.Set("", HealthCheckResponse.Types.ServingStatus.NotServing);
        await _listener.StartAsync(cancellationToken);
        if (_gateway is not null)
        {
            await _gateway.StartAsync(cancellationToken);
            await WarmUp.Begin().WaitAsync(cancellationToken);
            _health.Set(GrpcMethods.GatewayService, HealthCheckResponse.Types.ServingStatus.Serving);
        }

        _health.Set("", HealthCheckResponse.Types.ServingStatus.Serving);
    }
}
