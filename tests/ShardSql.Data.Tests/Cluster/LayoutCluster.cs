using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Dapper;
using ShardSql.Gateway;
using ShardSql.Gateway.Hosting;
using ShardSql.Protocol;
using Xunit;

namespace ShardSql.Data.Tests.Cluster;

/// <summary>A cluster of its own for each test that changes who is in it: three nodes at first, and two data shards.</summary>
internal sealed class LayoutCluster : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("shardsql-layouts-").FullName;

    private LayoutCluster()
    {
    }

    public EmbeddedCluster Cluster { get; private set; } = null!;

    public ShardSqlDataSource Source { get; private set; } = null!;

    /// <summary>A connection for whoever administers it.</summary>
    public ShardSqlConnection Admin { get; private set; } = null!;

    public static async Task<LayoutCluster> StartAsync(int replicas = 3)
    {
        var started = new LayoutCluster();
        try
        {
            await started.OpenAsync(replicas);
            return started;
        }
        catch
        {
            await started.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Closes the cluster and opens it again from its folder.</summary>
    public async Task RestartAsync()
    {
        await CloseAsync();
        await OpenAsync(replicas: 0);
    }

    public Task ExecuteAsync(string text) => Admin.ExecuteAsync(text);

    /// <summary>Runs a statement that begins or drives a job.</summary>
    public Task<JobRow> JobAsync(string text) => Admin.QuerySingleAsync<JobRow>(text);

    public async Task<List<T>> ListAsync<T>(string text) => [.. await Admin.QueryAsync<T>(text)];

    public async Task<string> TextAsync(string text) => string.Join(" ", await Admin.QueryAsync<string>(text));

    /// <summary>Asks until the answer is the one expected, as long as anything may take.</summary>
    public async Task AwaitAsync(string text, string expected)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (await TextAsync(text) is { } answer && answer != expected)
        {
            Assert.False(patience.IsCancellationRequested, $"{text} gives {answer}, not {expected}");
        }
    }

    /// <summary>Another gateway of the same nodes, which is reached by its name.</summary>
    public async Task<GatewayServer> StartGatewayAsync(string name, ILayoutHost? layouts = null)
    {
        GatewayServer gateway = SharedStorage.CreateGateway(Cluster, layouts: layouts);
        await gateway.StartAsync(CancellationToken.None);
        InProcessEndpoints.Register(name, gateway);
        return gateway;
    }

    private async Task OpenAsync(int replicas)
    {
        Cluster = await EmbeddedCluster.StartAsync(new EmbeddedClusterOptions
        {
            Name = "layouts-" + Guid.NewGuid().ToString("N"),
            Folder = _folder,
            Nodes = 3,
            Shards = 2,
            Replicas = replicas,
        });
        Source = ShardSqlDataSource.Create(Cluster.ConnectionString);
        Admin = await Source.OpenConnectionAsync(CancellationToken.None);
    }

    private async Task CloseAsync()
    {
        if (Admin is not null)
        {
            await Admin.DisposeAsync();
            await Source.DisposeAsync();
            await Cluster.DisposeAsync();
        }
    }
}
