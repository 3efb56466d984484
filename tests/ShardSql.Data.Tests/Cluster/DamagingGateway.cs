using System;
using System.Threading;
using System.Threading.Tasks;

using Dapper;

using ShardSql.Gateway;
using ShardSql.Gateway.Hosting;
using ShardSql.Protocol;

namespace ShardSql.Data.Tests.Cluster;

/// <summary>A gateway of a running cluster that reaches the shards by a client which does damage.</summary>
internal sealed class DamagingGateway : IAsyncDisposable
{
    private readonly GatewayServer _server;
    private readonly string _name = "damaging-" + Guid.NewGuid().ToString("N");

    private DamagingGateway(GatewayServer server) => _server = server;

    /// <summary>Starts it; it serves when this returns.</summary>
    public static async Task<DamagingGateway> StartAsync(EmbeddedCluster cluster, DamagingClient client)
    {
        var gateway = new DamagingGateway(new GatewayServer(
            client,
            cluster.Storage.Nodes,
            new GatewayOptions { ClusterId = cluster.Storage.ClusterId, DataShards = cluster.Storage.DataShards }));
        await gateway._server.StartAsync(CancellationToken.None);
        InProcessEndpoints.Register(gateway._name, gateway._server);
        return gateway;
    }

    /// <summary>Runs a text on a connection of its own.</summary>
    public async Task ExecuteAsync(string text)
    {
        await using ShardSqlDataSource source = ShardSqlDataSource.Create($"Server=inproc:{_name}");
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        await connection.ExecuteAsync(text);
    }

    public async ValueTask DisposeAsync()
    {
        InProcessEndpoints.Unregister(_name);
        await _server.DisposeAsync();
    }
}
