using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading.Tasks;

using Google.Protobuf;

using ShardSql.Cluster.Tests.Workloads;
using ShardSql.Data;
using ShardSql.Protocol.Messages;
using ShardSql.Storage.Files;

using Xunit.Abstractions;

namespace ShardSql.Cluster.Tests.Processes;

/// <summary>
/// A cluster as it is run in production: a process for each node and each gateway on loopback, joined by sockets, with
/// data in a folder that goes with the cluster. Nodes and gateways count from 1.
/// </summary>
internal sealed class ProcessCluster : IAsyncDisposable
{
    private const string LayoutName = "cluster.json";

    // Some for the start, the others for commits.
    private const int SyncsBeforeError = 200;
    private static readonly TimeSpan s_upTimeout = TimeSpan.FromSeconds(120);

    private readonly ProcessClusterOptions _options;
    private readonly ITestOutputHelper _output;
    private readonly string _folder = Directory.CreateTempSubdirectory("cluster-tests-").FullName;
    private readonly string[] _nodeAddresses;
    private readonly string[] _gatewayAddresses;
    private readonly ServerProcess?[] _nodes;
    private readonly ServerProcess?[] _gateways;
    private readonly PeerLinks? _links;

    private ProcessCluster(ProcessClusterOptions options, ITestOutputHelper output)
    {
        _options = options;
        _output = output;
        _nodeAddresses = Addresses(options.Nodes);
        _gatewayAddresses = Addresses(options.Gateways);
        _nodes = new ServerProcess?[options.Nodes];
        _gateways = new ServerProcess?[options.Gateways];
        _links = options.HasFaultyLinks ? new PeerLinks(_nodeAddresses) : null;
        Files = options.Files;
    }

    /// <summary>Numbers of all nodes.</summary>
    public IReadOnlyList<int> Nodes => [.. Enumerable.Range(1, _options.Nodes)];

    /// <summary>Numbers of all gateways.</summary>
    public IReadOnlyList<int> Gateways => [.. Enumerable.Range(1, _options.Gateways)];

    /// <summary>The ways between nodes.</summary>
    public PeerLinks Links => _links ?? throw new InvalidOperationException("the links of this cluster do not fail");

    /// <summary>What the files do of nodes that are started from now on.</summary>
    public FileFaults Files { get; set; }

    /// <summary>What reaches all gateways.</summary>
    public string ConnectionString => $"Server={string.Join(',', _gatewayAddresses)};Host Recheck Seconds=1";

    /// <summary>Makes a cluster and starts all its processes.</summary>
    public static async Task<ProcessCluster> StartAsync(ProcessClusterOptions options, ITestOutputHelper output)
    {
        var cluster = new ProcessCluster(options, output);
        try
        {
            await cluster.InitializeAsync();
            await Task.WhenAll(cluster.Nodes.Select(cluster.StartNodeAsync));
            await Task.WhenAll(Enumerable.Range(1, options.Gateways).Select(cluster.StartGatewayAsync));
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>A data source over all gateways.</summary>
    /// <param name="more">More of the connection string.</param>
    public ShardSqlDataSource OpenDataSource(string more = "") =>
        ShardSqlDataSource.Create($"{ConnectionString};{more}");

    /// <summary>A data source over one gateway.</summary>
    /// <param name="gateway">Which.</param>
    /// <param name="more">More of the connection string.</param>
    public ShardSqlDataSource OpenDataSourceOf(int gateway, string more = "") =>
        ShardSqlDataSource.Create($"Server={GatewayAddress(gateway)};{more}");

    /// <summary>Where a gateway listens.</summary>
    public string GatewayAddress(int gateway) => _gatewayAddresses[gateway - 1];

    /// <summary>Where a node listens.</summary>
    public string NodeAddress(int node) => _nodeAddresses[node - 1];

    /// <summary>Where a node keeps its data.</summary>
    public string NodeFolder(int node) => Path.Combine(
        node == _options.Nodes ? _options.FolderOfLastNode ?? _folder : _folder,
        string.Create(CultureInfo.InvariantCulture, $"node{node}"));

    /// <summary>The cluster's id, as its first node has it on disk.</summary>
    public string ClusterId => new Guid(ReadLayout().ClusterId.Span).ToString();

    /// <summary>Puts another cluster's log or base store (a folder's name) in the place of the first node's.</summary>
    public void ReplacePart(string part, ProcessCluster other)
    {
        string ours = Path.Combine(NodeFolder(1), part);
        Directory.Delete(ours, recursive: true);
        Directory.Move(Path.Combine(other.NodeFolder(1), part), ours);
    }

    /// <summary>The process of a node.</summary>
    public ServerProcess Node(int node) =>
        _nodes[node - 1] ?? throw new InvalidOperationException($"node {node} does not run");

    /// <summary>The process of a gateway.</summary>
    public ServerProcess Gateway(int gateway) =>
        _gateways[gateway - 1] ?? throw new InvalidOperationException($"gateway {gateway} does not run");

    /// <summary>Starts a node from its folder; it is ready when this returns.</summary>
    public async Task StartNodeAsync(int node)
    {
        ServerProcess process = LaunchNode(node);
        _nodes[node - 1] = process;
        await process.ReadyAsync();
    }

    /// <summary>A node's process, which the caller owns.</summary>
    public ServerProcess LaunchNode(int node)
    {
        List<string> arguments =
        [
            "serve", "--role", "node", "--listen", _nodeAddresses[node - 1], "--data", NodeFolder(node),
            "--node-id", node.ToString(CultureInfo.InvariantCulture),
        ];
        if (node != 1)
        {
            arguments.AddRange(["--join", _nodeAddresses[0]]);
        }

        if (_options.History is { } history)
        {
            arguments.AddRange(["--history", history]);
        }

        return ServerProcess.Launch(arguments, VariablesFor(Files));
    }

    /// <summary>Starts a gateway; it serves when this returns.</summary>
    public async Task StartGatewayAsync(int gateway)
    {
        ServerProcess process = ServerProcess.Launch(
        [
            "serve", "--role", "gateway", "--listen", GatewayAddress(gateway),
            "--data", GatewayFolder(gateway),
            "--join", .. _nodeAddresses,
        ]);
        _gateways[gateway - 1] = process;
        await process.ReadyAsync();
    }

    /// <summary>SIGKILL to nodes, one right after the other.</summary>
    public async Task KillNodesAsync(params int[] nodes)
    {
        ServerProcess[] killed = [.. nodes.Select(Node)];
        foreach (ServerProcess process in killed)
        {
            process.Signal(Signals.Kill);
        }

        for (int i = 0; i < nodes.Length; i++)
        {
            await killed[i].DisposeAsync();
            Report($"node {nodes[i]}, killed", killed[i]);
            _nodes[nodes[i] - 1] = null;
        }
    }

    /// <summary>Starts nodes at once.</summary>
    public Task StartNodesAsync(params int[] nodes) => Task.WhenAll(nodes.Select(StartNodeAsync));

    /// <summary>Ends when a gateway hears all nodes.</summary>
    public async Task AllNodesUpAsync(ShardSqlDataSource source)
    {
        long started = Stopwatch.GetTimestamp();
        while (true)
        {
            List<object[]> nodes = await source.QueryAsync("SELECT state FROM shard.nodes");
            if (nodes.Count == _options.Nodes && nodes.All(row => (string)row[0] == "up"))
            {
                return;
            }

            if (Stopwatch.GetElapsedTime(started) > s_upTimeout)
            {
                throw new TimeoutException("not all nodes are up: " + string.Join(", ", nodes.Select(row => row[0])));
            }
        }
    }

    /// <summary>The node that leads most shards.</summary>
    public static async Task<int> LeaderOfMostAsync(ShardSqlDataSource source)
    {
        List<object[]> shards = await source.QueryAsync("SELECT leader FROM shard.shards");
        string leader = shards.Select(row => (string)row[0]).GroupBy(name => name).MaxBy(group => group.Count())!.Key;
        return int.Parse(leader.AsSpan(1), CultureInfo.InvariantCulture);
    }

    /// <summary>SIGTERM to every process, one after the other, gateways first.</summary>
    /// <returns>The exit codes.</returns>
    public async Task<int[]> StopAllAsync()
    {
        var codes = new List<int>();
        foreach (ServerProcess?[] processes in new[] { _gateways, _nodes })
        {
            for (int i = 0; i < processes.Length; i++)
            {
                if (processes[i] is { } process)
                {
                    process.Signal(Signals.Terminate);
                    codes.Add(await process.ExitAsync());
                    await process.DisposeAsync();
                    Report("stopped process", process);
                    processes[i] = null;
                }
            }
        }

        return [.. codes];
    }

    /// <summary>SIGKILL to a gateway.</summary>
    public async Task KillGatewayAsync(int gateway)
    {
        ServerProcess process = Gateway(gateway);
        await process.DisposeAsync();
        Report($"gateway {gateway}, killed", process);
        _gateways[gateway - 1] = null;
    }

    /// <summary>Ends every process and deletes the data.</summary>
    public async ValueTask DisposeAsync()
    {
        for (int i = 0; i < _gateways.Length; i++)
        {
            await EndAsync($"gateway {i + 1}", _gateways[i]);
        }

        for (int i = 0; i < _nodes.Length; i++)
        {
            await EndAsync($"node {i + 1}", _nodes[i]);
        }

        if (_links is not null)
        {
            await _links.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private static string[] Addresses(int count)
    {
        var addresses = new string[count];
        for (int i = 0; i < count; i++)
        {
            addresses[i] = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{FreePorts.Take()}");
        }

        return addresses;
    }

    private static Dictionary<string, string> VariablesFor(FileFaults faults) => faults == FileFaults.None
        ? []
        : new Dictionary<string, string>
        {
            [FileSystems.TestVariable] = "1",
            [FileSystems.FaultVariable] = faults switch
            {
                FileFaults.LoseUnsynced => "lazy",
                FileFaults.LieAboutSync => "lazy-lying",
                _ => $"lazy-eio:{SyncsBeforeError}",
            },
        };

    private async Task InitializeAsync()
    {
        await using ServerProcess init = ServerProcess.Launch(
        [
            "init", "--data", NodeFolder(1),
            "--shards", _options.Shards.ToString(CultureInfo.InvariantCulture),
            "--replicas", _options.Replicas.ToString(CultureInfo.InvariantCulture),
            "--node", .. _nodeAddresses,
        ]);
        int code = await init.ExitAsync();
        if (code != 0)
        {
            throw new InvalidOperationException($"init ended with code {code}:\n{init.Errors}");
        }

        if (_links is not null)
        {
            WriteLayouts(_links);
        }
    }

    // Each node's own view: its peers are where its links to them begin. Gateways ask the first node, so they get a
    // layout of their own too, with the nodes' true addresses.
    private void WriteLayouts(PeerLinks links)
    {
        ClusterDescription layout = ReadLayout();
        WriteLayout(Gateways.Select(GatewayFolder), layout);
        foreach (int node in Nodes)
        {
            ClusterDescription seen = layout.Clone();
            foreach (NodeDescription other in seen.Nodes.Where(other => other.NodeId != node))
            {
                other.Address = links.AddressOf(node, (int)other.NodeId);
            }

            WriteLayout([NodeFolder(node)], seen);
        }
    }

    private ClusterDescription ReadLayout() =>
        ClusterDescription.Parser.ParseJson(File.ReadAllText(Path.Combine(NodeFolder(1), LayoutName)));

    private static void WriteLayout(IEnumerable<string> folders, ClusterDescription layout)
    {
        foreach (string folder in folders)
        {
            Directory.CreateDirectory(folder);
            File.WriteAllText(Path.Combine(folder, LayoutName), JsonFormatter.Default.Format(layout));
        }
    }

    private string GatewayFolder(int gateway) =>
        Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"gateway{gateway}"));

    private async Task EndAsync(string name, ServerProcess? process)
    {
        if (process is null)
        {
            return;
        }

        if (process.HasExited)
        {
            _output.WriteLine($"{name} had ended by itself");
        }

        await process.DisposeAsync();
        Report(name, process);
    }

    private void Report(string name, ServerProcess process)
    {
        if (process.Errors.Length > 0)
        {
            _output.WriteLine($"--- standard error of {name}\n{process.Errors}");
        }
    }
}
