using System;
using System.CommandLine;
using System.Globalization;
using System.IO;
using System.Threading;
using System.Threading.Tasks;

using Microsoft.Extensions.Logging;

using ShardSql.Gateway.Starting;
using ShardSql.Planning;
using ShardSql.Storage.Files;
using ShardSql.Storage.Hosting;

namespace ShardSql.Gateway.Hosting;

/// <summary>The command line of the server: <c>dev</c>, <c>init</c>, <c>serve</c>.</summary>
public static class ServerCommands
{
    private const int Failed = 1;
    private static readonly TimeSpan s_startTimeout = TimeSpan.FromSeconds(60);

    /// <summary>The root command; what it starts, the factory makes.</summary>
    public static RootCommand Create(
        IStorageFactory storage, ILoggerFactory? loggers, TextWriter output, TextWriter error)
    {
        ArgumentNullException.ThrowIfNull(storage);
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(error);
        var console = new ServerConsole(storage, loggers, output, error);
        return new RootCommand("ShardSql: a serializable, sharded, replicated SQL database.")
        {
            Dev(console),
            Init(console),
            Serve(console),
        };
    }

    private static Command Dev(ServerConsole console)
    {
        var listen = new Option<string>("--listen")
        {
            DefaultValueFactory = _ => "127.0.0.1:7400",
            Description = "address and port",
        };
        var data = new Option<string>("--data")
        {
            DefaultValueFactory = _ => "./data",
            Description = "folder of logs and stores",
        };
        var nodes = new Option<int>("--nodes")
        {
            DefaultValueFactory = _ => 3,
            Description = "storage nodes",
        };
        var shards = new Option<int>("--shards")
        {
            DefaultValueFactory = _ => 3,
            Description = "data shards",
        };
        var store = StoreOption();
        var history = HistoryOption();
        var command = new Command("dev", "A whole cluster in this process, on real sockets.")
        {
            listen, data, nodes, shards, store, history,
        };
        command.SetAction((parsed, cancellationToken) => console.RunAsync(
            token => console.Storage.StartEmbeddedAsync(
                new EmbeddedClusterOptions
                {
                    Name = "dev",
                    Folder = parsed.GetRequiredValue(data),
                    Nodes = parsed.GetRequiredValue(nodes),
                    Shards = parsed.GetRequiredValue(shards),
                    Store = parsed.GetRequiredValue(store),
                    History = Durations.Parse(parsed.GetRequiredValue(history)),
                },
                token),
            ServerRole.Gateway,
            parsed.GetRequiredValue(listen),
            cancellationToken));
        return command;
    }

    private static Command Init(ServerConsole console)
    {
        var data = new Option<string>("--data")
        {
            DefaultValueFactory = _ => "./data",
            Description = "folder of the first node",
        };
        var nodes = new Option<string[]>("--node")
        {
            Required = true,
            AllowMultipleArgumentsPerToken = true,
            Description = "address of each node, in the order of their numbers",
        };
        var shards = new Option<int>("--shards")
        {
            DefaultValueFactory = _ => 3,
            Description = "data shards",
        };
        var replicas = new Option<int>("--replicas")
        {
            DefaultValueFactory = _ => 3,
            Description = "replicas of each shard",
        };
        var command = new Command("init", "Makes a cluster: writes down its nodes and shards.")
        {
            data, nodes, shards, replicas,
        };
        command.SetAction((parsed, cancellationToken) => console.TryAsync(
            async token =>
            {
                await console.Storage.InitializeAsync(
                    new InitOptions
                    {
                        Data = parsed.GetRequiredValue(data),
                        Nodes = parsed.GetRequiredValue(nodes),
                        Shards = parsed.GetRequiredValue(shards),
                        Replicas = parsed.GetRequiredValue(replicas),
                    },
                    token);
                return null;
            },
            cancellationToken));
        return command;
    }

    private static Command Serve(ServerConsole console)
    {
        var role = new Option<ServerRole>("--role")
        {
            DefaultValueFactory = _ => ServerRole.Both,
            Description = "node, gateway or both",
        };
        var listen = new Option<string>("--listen")
        {
            DefaultValueFactory = _ => "127.0.0.1:7400",
            Description = "address and port",
        };
        var data = new Option<string>("--data")
        {
            DefaultValueFactory = _ => "./data",
            Description = "folder of log and store",
        };
        var join = new Option<string[]>("--join")
        {
            DefaultValueFactory = _ => [],
            AllowMultipleArgumentsPerToken = true,
            Description = "processes of the cluster",
        };
        var node = new Option<uint>("--node-id")
        {
            Description = "number of this node",
        };
        var store = StoreOption();
        var history = HistoryOption();
        var command = new Command("serve", "One process of a cluster.") { role, listen, data, join, node, store, history };
        command.SetAction((parsed, cancellationToken) => console.RunAsync(
            token => console.Storage.StartServedAsync(
                new ServeOptions
                {
                    Role = parsed.GetRequiredValue(role),
                    Listen = parsed.GetRequiredValue(listen),
                    Data = parsed.GetRequiredValue(data),
                    Join = parsed.GetRequiredValue(join),
                    NodeId = parsed.GetValue(node),
                    Store = parsed.GetRequiredValue(store),
                    History = Durations.Parse(parsed.GetRequiredValue(history)),
                },
                token),
            parsed.GetRequiredValue(role),
            parsed.GetRequiredValue(listen),
            cancellationToken));
        return command;
    }

    private static Option<string> StoreOption()
    {
        var store = new Option<string>("--store")
        {
            DefaultValueFactory = _ => "sqlite",
            Description = "base store",
        };
        store.AcceptOnlyFromAmong("sqlite", "rocksdb", "memory");
        return store;
    }

    private static Option<string> HistoryOption() => new("--history")
    {
        DefaultValueFactory = _ => string.Create(
            CultureInfo.InvariantCulture, $"{StorageNodeOptions.HistoryDefault.TotalMilliseconds}ms"),
        Description = "how long old snapshots stay readable, 500ms to 1h; the same at all nodes",
    };

    /// <summary>Runs a host until it is told to stop, and says on stdout when it serves.</summary>
    private sealed class ServerConsole(
        IStorageFactory storage, ILoggerFactory? loggers, TextWriter output, TextWriter error)
    {
        public IStorageFactory Storage => storage;

        public Task<int> RunAsync(
            Func<CancellationToken, Task<IStorageCluster>> start,
            ServerRole role,
            string listen,
            CancellationToken cancellationToken) => TryAsync(
            async token =>
            {
                using var limit = CancellationTokenSource.CreateLinkedTokenSource(token);
                limit.CancelAfter(s_startTimeout);
                if (role != ServerRole.Node)
                {
                    _ = WarmUp.Begin();
                }

                IStorageCluster cluster = await start(limit.Token);
                foreach (string notice in cluster.Notices)
                {
                    await error.WriteLineAsync($"shardsql: {notice}");
                }

                await using GatewayHost host = await GatewayHost.StartAsync(
                    cluster, role, listen, new GatewayOptions(), loggers, StartToken(role, token, limit.Token));
                await output.WriteLineAsync(host.ReadyLine);
                await output.FlushAsync(CancellationToken.None);
                return await host.WaitAsync(token);
            },
            cancellationToken);

        public async Task<int> TryAsync(
            Func<CancellationToken, Task<Exception?>> work, CancellationToken cancellationToken)
        {
            using var signals = new StopSignals();
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(signals.Token, cancellationToken);
            try
            {
                Exception? failure = await work(stop.Token);
                if (failure is null)
                {
                    return 0;
                }

                await error.WriteLineAsync($"shardsql: stopped: {failure.Message}");
                return Failed;
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return 0;
            }
            catch (Exception failure) when (IsExpected(failure))
            {
                await error.WriteLineAsync($"shardsql: {failure.Message}");
                return Failed;
            }
        }

        /// <summary>In a cluster of several processes the others may come at any time, so a gateway waits for
        /// them.</summary>
        private static CancellationToken StartToken(
            ServerRole role, CancellationToken stop, CancellationToken limit) => role == ServerRole.Node ? limit : stop;

        private static bool IsExpected(Exception failure) => failure is IOException
            or UnauthorizedAccessException
            or FormatException
            or ArgumentException
            or InvalidOperationException
            or OperationCanceledException
            or FolderLockedException
            or DataRefusedException
            or Sql.SqlException
            or GatewayException;
    }
}
