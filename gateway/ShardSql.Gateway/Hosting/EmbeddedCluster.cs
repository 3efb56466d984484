using System;
using System.Threading;
using System.Threading.Tasks;

using Microsoft.Extensions.Logging;

using ShardSql.Gateway.Starting;
using ShardSql.Planning.TransactionGraph;
using ShardSql.Protocol;

namespace ShardSql.Gateway.Hosting;

/// <summary>
/// A cluster inside this process: nodes, shards and a gateway that connections reach as <c>Server=inproc:NAME</c>. The
/// same engine as behind a socket; frames travel serialized, through bounded pipes.
/// </summary>
public sealed partial class EmbeddedCluster : IAsyncDisposable
{
    private readonly EmbeddedClusterOptions _options;
    private int _disposed;

    private EmbeddedCluster(EmbeddedClusterOptions options, IStorageCluster storage, GatewayServer gateway)
    {
        _options = options;
        Storage = storage;
        Gateway = gateway;
    }

    /// <summary>The name that connections use.</summary>
    public string Name => _options.Name;

    /// <summary>What a connection needs to get here.</summary>
    public string ConnectionString => $"Server={GrpcAddress.InProcessPrefix}{Name};Database={_options.Database}";

    /// <summary>The nodes.</summary>
    public IStorageCluster Storage { get; }

    /// <summary>The gateway.</summary>
    public GatewayServer Gateway { get; }

    /// <summary>Starts a cluster; it serves when this returns.</summary>
    /// <param name="options">Its size, folder and name.</param>
    /// <param name="storage">Makes the nodes.</param>
    /// <param name="loggers">Where logs go.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    public static async Task<EmbeddedCluster> StartAsync(
        EmbeddedClusterOptions options,
        IStorageFactory storage,
        ILoggerFactory? loggers,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(storage);
        _ = WarmUp.Begin();
        IStorageCluster nodes = await storage.StartEmbeddedAsync(options, cancellationToken);
        var gateway = new GatewayServer(
            nodes.Client,
            nodes.Nodes,
            new GatewayOptions
            {
                Database = options.Database,
                ClusterId = nodes.ClusterId,
                DataShards = nodes.DataShards,
                Graph = options.GraphSampleEvery == 0
                    ? null
                    : new TelemetryOptions { SampleEvery = options.GraphSampleEvery },
            },
            TimeProvider.System,
            loggers,
            nodes);
        try
        {
            await gateway.StartAsync(cancellationToken);
            InProcessEndpoints.Register(options.Name, gateway);
            return new EmbeddedCluster(options, nodes, gateway);
        }
        catch
        {
            await gateway.DisposeAsync();
            await nodes.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends sessions, then the gateway, then the nodes.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            await Gateway.DisposeAsync();
            InProcessEndpoints.Unregister(Name);
            await Storage.DisposeAsync();
        }
    }
}
