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
    /// <param name="store">The nodes' base store.</param>
    public static async Task<ShardSqlCluster> StartAsync(string folder, string store)
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
            for (int node = 1; node <= Nodes; node++)
            {
                string[] join = node == 1 ? [] : ["--join", addresses[0]];
                await cluster.StartServerAsync(
                    folder,
                    $"node{node}",
                    [
                        "--role", "node", "--node-id", $"{node}", "--listen", addresses[node - 1], "--store", store,
                        "--data", Path.Combine(folder, $"node{node}"), .. join,
                    ]);
            }

            string gateway = $"unix:{folder}/gateway.sock";
            await cluster.StartServerAsync(
                folder,
                "gateway",
                [
                    "--role", "gateway", "--listen", gateway, "--data", Path.Combine(folder, "gateway"),
                    "--join", .. addresses,
                ]);
            cluster._dataSource = ShardSqlDataSource.Create($"Server={gateway}");
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

    private async Task StartServerAsync(string folder, string name, IReadOnlyList<string> arguments)
    {
        var process = ServerProcess.Start(
            "dotnet", [ServerPath, "serve", .. arguments], Path.Combine(folder, name + ".log"), ReadyText);
        _processes.Add(process);
        await process.ReadyAsync(s_startLimit);
    }
}
