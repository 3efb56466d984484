using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using ShardSql.Data;

namespace ShardSql.Benchmarks.Servers;

/// <summary>Ours: three storage nodes and a gateway, separate processes on unix sockets, every log synced.</summary>
internal sealed class ShardSqlCluster : IAsyncDisposable
{
    /// <summary>Data shards.</summary>
    public const int Shards = 3;

    private const int Nodes = 3;

    // The clients of all contenders that run in turn stay open.
    private const int SessionsMax = 400;

    private const string ReadyText = "is ready";

    private static readonly TimeSpan s_startLimit = TimeSpan.FromSeconds(60);

    private readonly List<ServerProcess> _processes = [];
    private ShardSqlDataSource? _dataSource;

    private ShardSqlCluster()
    {
    }

    /// <summary>Connections to the gateway.</summary>
    public ShardSqlDataSource DataSource => _dataSource ?? throw new InvalidOperationException("Not started.");

    /// <summary>Nodes and gateway.</summary>
    public IReadOnlyList<int> ProcessIds => _processes.ConvertAll(process => process.Id);

    /// <summary>Makes a cluster, starts its processes and waits until it serves.</summary>
    /// <param name="folder">Where its files go.</param>
    /// <param name="shape">Base store and processes.</param>
    public static async Task<ShardSqlCluster> StartAsync(string folder, ClusterShape shape)
    {
        var cluster = new ShardSqlCluster();
        try
        {
            string[] addresses = [.. Enumerable.Range(1, Nodes).Select(node => $"unix:{folder}/node{node}.sock")];
            await Shell.RunAsync(
                "dotnet",
                [
                    ServerPath, "init", "--data", Path.Combine(folder, "node1"), "--shards", $"{Shards}",
                    "--replicas", $"{Nodes}", "--node", .. addresses,
                ]);
            await cluster.StartNodesAsync(folder, shape, addresses);
            string servers = shape.GatewayInNodes
                ? string.Join(',', addresses)
                : await cluster.StartGatewayAsync(folder, addresses);
            cluster._dataSource = ShardSqlDataSource.Create($"Server={servers};Max Pool Size={SessionsMax}");
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_dataSource is not null)
        {
            await _dataSource.DisposeAsync();
        }

        for (int i = _processes.Count - 1; i >= 0; i--)
        {
            await _processes[i].DisposeAsync();
        }
    }

    /// <summary>The server beside this program: the build puts it there.</summary>
    private static string ServerPath => Path.Combine(AppContext.BaseDirectory, "ShardSql.Gateway.dll");

    private async Task StartNodesAsync(string folder, ClusterShape shape, string[] addresses)
    {
        // A process that is a gateway, too, is ready when shards have leaders, so all must be on their way first.
        var nodes = new List<ServerProcess>();
        for (int node = 1; node <= Nodes; node++)
        {
            string name = $"node{node}";
            nodes.Add(StartServer(
                folder,
                name,
                [
                    "--role", shape.GatewayInNodes ? "both" : "node", "--node-id", $"{node}",
                    "--listen", addresses[node - 1], "--store", shape.Store, "--data", Path.Combine(folder, name),
                    "--join", addresses[0],
                ]));
        }

        foreach (ServerProcess node in nodes)
        {
            await node.ReadyAsync(s_startLimit);
        }
    }

    private async Task<string> StartGatewayAsync(string folder, string[] addresses)
    {
        string address = $"unix:{folder}/gateway.sock";
        ServerProcess gateway = StartServer(
            folder,
            "gateway",
            [
                "--role", "gateway", "--listen", address, "--data", Path.Combine(folder, "gateway"),
                "--join", .. addresses,
            ]);
        await gateway.ReadyAsync(s_startLimit);
        return address;
    }

    private ServerProcess StartServer(string folder, string name, IReadOnlyList<string> arguments)
    {
        var process = ServerProcess.Start(
            "dotnet", [ServerPath, "serve", .. arguments], Path.Combine(folder, name + ".log"), ReadyText);
        _processes.Add(process);
        return process;
    }
}
