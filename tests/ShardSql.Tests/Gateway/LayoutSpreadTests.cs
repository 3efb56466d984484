using System;
using System.IO;
using System.Threading;
using System.Threading.Channels;
using System.Threading.Tasks;

using Microsoft.Extensions.Logging;

using ShardSql.Gateway;
using ShardSql.Gateway.Hosting;
using ShardSql.Protocol;
using ShardSql.Protocol.Messages;
using ShardSql.Storage.Grpc;
using ShardSql.Storage.Nodes;

using Xunit;

namespace ShardSql.Tests.Gateway;

/// <summary>A process hears of newer layouts from others, also after a look at them that failed.</summary>
public sealed class LayoutSpreadTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("shardsql-spread-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Layout_that_cannot_be_written_down_is_logged_and_taken_later()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(120));
        await using var run = await Run.StartAsync(_folder, limit.Token);
        string inTheWay = Directory.CreateDirectory(Path.Combine(_folder, "cluster.json.next")).FullName;
        run.Peer.Description = run.Newer.ToDescription();

        Exception failure = await run.Failures.First.WaitAsync(limit.Token);
        Assert.IsType<UnauthorizedAccessException>(failure);
        Assert.Equal(0ul, run.Cluster.Layout.Version);

        Directory.Delete(inTheWay);
        await run.AdoptedAsync(limit.Token);
    }

    [Fact]
    public async Task Answer_that_is_no_layout_is_logged_and_asked_for_again()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(120));
        await using var run = await Run.StartAsync(_folder, limit.Token);
        run.Peer.Description = new ClusterDescription();

        Exception failure = await run.Failures.First.WaitAsync(limit.Token);
        Assert.IsType<FormatException>(failure);

        run.Peer.Description = run.Newer.ToDescription();
        await run.AdoptedAsync(limit.Token);
    }

    /// <summary>A node of a cluster of two; the other is played.</summary>
    private sealed class Run : IAsyncDisposable
    {
        private const ulong NewerVersion = 2;

        private readonly GrpcKestrelServer _server;
        private readonly LoggerFactory _loggers;

        private Run(GrpcKestrelServer server, PlayedNode peer)
        {
            _server = server;
            _loggers = new LoggerFactory([Failures]);
            Peer = peer;
        }

        public PlayedNode Peer { get; }

        public WatchFailures Failures { get; } = new();

        public IStorageCluster Cluster { get; private set; } = null!;

        public ClusterLayout Newer => Cluster.Layout with { Version = NewerVersion };

        public static async Task<Run> StartAsync(string folder, CancellationToken cancellationToken)
        {
            var peer = new PlayedNode();
            var server = new GrpcKestrelServer(
                new GrpcServices().AddNode(peer), new GrpcServerOptions { Listen = "127.0.0.1:0" }, null);
            await server.StartAsync(cancellationToken);
            var run = new Run(server, peer);
            var factory = new StorageFactory(run._loggers);
            await factory.InitializeAsync(
                new InitOptions { Data = folder, Nodes = ["127.0.0.1:1", server.Endpoint], Shards = 1, Replicas = 1 },
                cancellationToken);
            run.Cluster = await factory.StartServedAsync(
                new ServeOptions { Role = ServerRole.Node, Data = folder, NodeId = 1, Store = "memory" },
                cancellationToken);
            return run;
        }

        public async Task AdoptedAsync(CancellationToken cancellationToken)
        {
            while (Cluster.Layout.Version < NewerVersion)
            {
                await Peer.AskedAsync(cancellationToken);
            }
        }

        public async ValueTask DisposeAsync()
        {
            await Cluster.DisposeAsync();
            await _server.DisposeAsync();
            _loggers.Dispose();
        }
    }

    /// <summary>A node that only says which layout it has.</summary>
    private sealed class PlayedNode : INodeEndpoint
    {
        private readonly Channel<bool> _asked = Channel.CreateBounded<bool>(
            new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

        private volatile ClusterDescription? _description;

        public ClusterDescription Description
        {
            set => _description = value;
        }

        public ValueTask<bool> AskedAsync(CancellationToken cancellationToken) => _asked.Reader.ReadAsync(cancellationToken);

        public Task PeerAsync(IDuplexChannel<NodeFrame, NodeFrame> channel, CancellationToken cancellationToken) =>
            throw new GrpcException(GrpcStatusCode.Unavailable, "only its layout can be asked for");

        public ClusterDescription Describe()
        {
            _asked.Writer.TryWrite(true);
            return _description ?? throw new GrpcException(GrpcStatusCode.Unavailable, "it has nothing to say yet");
        }

        public Task<AdoptReply> AdoptAsync(ClusterDescription newer, CancellationToken cancellationToken) =>
            throw new NotSupportedException();
    }

    /// <summary>A log of which only looks that failed are kept.</summary>
    private sealed class WatchFailures : ILoggerProvider, ILogger
    {
        private readonly TaskCompletionSource<Exception> _first = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<Exception> First => _first.Task;

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (eventId.Id == EventIds.WatchFailed)
            {
                _first.TrySetResult(exception!);
            }
        }

        public void Dispose()
        {
        }
    }
}
