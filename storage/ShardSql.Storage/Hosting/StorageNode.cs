using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;
using System.Threading.Tasks;

using Google.Protobuf;

using ShardSql.Primitives;
using ShardSql.Protocol;
using ShardSql.Protocol.Messages;
using ShardSql.Storage.Files;
using ShardSql.Storage.Messages;
using ShardSql.Storage.Nodes;
using ShardSql.Storage.Stores;
using ShardSql.Storage.Wal;

namespace ShardSql.Storage.Hosting;

/// <summary>
/// A storage node in a process: recovers from its folder, then runs loop thread, log thread and peer streams. Whoever
/// hosts it offers <see cref="PeerAsync"/> to the other nodes and to gateways.
/// </summary>
public sealed class StorageNode : INodeEndpoint, IAsyncDisposable
{
    /// <summary>The node protocol that this program speaks.</summary>
    public const uint ProtocolVersion = 1;

    /// <summary>The largest frame between nodes: a promise may carry a thousand entries.</summary>
    public const int FrameBytesMax = 128 << 20;

    private readonly StorageNodeOptions _options;
    private readonly CancellationTokenSource _stopping = new();
    private readonly IFileSystem _files = FileSystems.FromEnvironment();
    private readonly NodeLoop _loop;
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _adopting = new(1);
    private readonly List<Task> _background = [];
    private readonly PeerLinks _links;
    private volatile ClusterLayout _layout;
    private FolderLock? _lock;
    private NodeData? _data;
    private LogThread? _logThread;
    private NodeCore? _core;
    private KnownPeers? _peers;
    private Guid _dataId;
    private int _failed;
    private int _stopped;

    private StorageNode(StorageNodeOptions options)
    {
        _options = options;
        _layout = options.Layout;
        _loop = new NodeLoop($"shardsql-{options.Self}", options.Clock, Fail);
        _links = new PeerLinks(options.Self, _loop, Connect);
    }

    /// <summary>This node.</summary>
    public NodeId Id => _options.Self;

    /// <summary>The cluster, as far as this node knows it durably.</summary>
    public ClusterLayout Layout => _layout;

    /// <summary>What was found at the start that whoever runs the node should know.</summary>
    public IReadOnlyList<string> Notices => _data?.Notices ?? [];

    /// <summary>What the log thread has done so far.</summary>
    public LogCounters LogCounters => _logThread?.Counters ?? default;

    /// <summary>Recovers a node from its folder, or makes it, and starts it.</summary>
    /// <exception cref="FolderLockedException">Another process runs it.</exception>
    /// <exception cref="DataRefusedException">The folder is another cluster's or node's, or of a newer format.</exception>
    public static async Task<StorageNode> StartAsync(StorageNodeOptions options, CancellationToken cancellationToken)
    {
        var node = new StorageNode(options);
        try
        {
            await node.RecoverAsync(cancellationToken).ConfigureAwait(false);
            return node;
        }
        catch
        {
            await node.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc />
    public async Task PeerAsync(IDuplexChannel<NodeFrame, NodeFrame> channel, CancellationToken cancellationToken)
    {
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stopping.Token);
        NodeFrame? first = await channel.ReceiveAsync(linked.Token).ConfigureAwait(false);
        if (first is null)
        {
            return;
        }

        NodeId from = Greet(first);
        await channel.SendAsync(new NodeFrame { Hello = OwnHello() }, linked.Token).ConfigureAwait(false);
        OutLink link = _loop.CreateLink();
        link.Attach(channel);
        var share = new InboxShare();
        try
        {
            while (await channel.ReceiveAsync(linked.Token).ConfigureAwait(false) is { } frame)
            {
                ReadOnlyMemory<byte> messages = PeerFrames.MessagesOf(frame);
                if (!messages.IsEmpty)
                {
                    await _loop.PostAsync(from, link, messages, share, linked.Token).ConfigureAwait(false);
                }
            }
        }
        finally
        {
            link.Attach(null);
        }
    }

    /// <inheritdoc />
    public ClusterDescription Describe() => _layout.ToDescription();

    /// <inheritdoc />
    public async Task<AdoptReply> AdoptAsync(ClusterDescription layout, CancellationToken cancellationToken)
    {
        ClusterLayout newer = ReadLayout(layout);
        await _adopting.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (newer.Version > _layout.Version)
            {
                // From here on it is kept, so everybody here hears of it, whether or not the asker still waits.
                _options.KeepLayout?.Invoke(newer);
                _layout = newer;
                await InspectAsync(core =>
                {
                    _links.Follow(newer);
                    core.Adopt(newer);
                    return core.Layout.Version;
                }).ConfigureAwait(false);
                _options.OnLayout?.Invoke(newer);
            }

            return new AdoptReply { Version = _layout.Version };
        }
        finally
        {
            _adopting.Release();
        }
    }

    /// <summary>Runs something on the loop, for tests and SHOW: the core is read there and nowhere else.</summary>
    public Task<T> InspectAsync<T>(Func<NodeCore, T> read)
    {
        var result = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _loop.Post(() => result.SetResult(read(_core!)));
        return result.Task.WaitAsync(_stopping.Token);
    }

    /// <summary>
    /// Stops as a killed process would: threads end where they are, nothing more is written, flushed or told.
    /// </summary>
    public async Task KillAsync()
    {
        // The loop may still run into the log that takes nothing more; that is no failure to report.
        Volatile.Write(ref _failed, 1);
        _logThread?.Abandon();
        await StopAsync().ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        _loop.Dispose();
        _links.Dispose();
        _adopting.Dispose();
        _stopping.Dispose();
    }

    private PeerHello OwnHello() => new()
    {
        ProtocolMin = ProtocolVersion,
        ProtocolMax = ProtocolVersion,
        ClusterId = ByteString.CopyFrom(_layout.ClusterId.ToByteArray()),
        NodeId = _options.Self.Value,
        DataId = ByteString.CopyFrom(_dataId.ToByteArray()),
    };

    private NodeId Greet(NodeFrame first)
    {
        if (first.FrameCase != NodeFrame.FrameOneofCase.Hello)
        {
            throw new GrpcException(GrpcStatusCode.InvalidArgument, "the first frame must be a hello");
        }

        PeerHello hello = first.Hello;
        if (hello.ProtocolMin > ProtocolVersion || hello.ProtocolMax < ProtocolVersion)
        {
            throw new GrpcException(
                GrpcStatusCode.FailedPrecondition,
                $"node protocol {ProtocolVersion} is spoken here, asked for {hello.ProtocolMin} to {hello.ProtocolMax}");
        }

        if (!hello.ClusterId.Span.SequenceEqual(_layout.ClusterId.ToByteArray()))
        {
            throw new GrpcException(GrpcStatusCode.FailedPrecondition, "this node belongs to another cluster");
        }

        var node = new NodeId(hello.NodeId);
        if (hello.NodeId != 0 && !Recognizes(hello))
        {
            throw new GrpcException(
                GrpcStatusCode.DataLoss,
                $"{node} lost its data: the folder that it comes with is not the one that this cluster knows. What it "
                    + "promised is forgotten, so it must not vote. Give it its folder back, or another node number.");
        }

        return node;
    }

    private bool Recognizes(PeerHello hello) =>
        hello.DataId.Length == 16 && _peers!.Recognizes(new NodeId(hello.NodeId), new Guid(hello.DataId.Span));

    private async Task RecoverAsync(CancellationToken cancellationToken)
    {
        _lock = FolderLock.Acquire(_options.Folder);
        _data = await NodeData.OpenAsync(_files, _options, stores: null, cancellationToken).ConfigureAwait(false);
        NodeBirth birth = NodeBirth.Start(_files, _options.Folder, _options.Self, Guid.NewGuid());
        _dataId = birth.DataId;
        _peers = new KnownPeers(_files, _options.Folder);
        _logThread = new LogThread(_data.TakeLog(), new LogThreadOptions(), _loop.PostDurable, Fail);
        StartCore(_data, birth.StampSource);
        var disk = new DiskWatch(
            _files,
            _options.Folder,
            full => _loop.Post(() => _core!.IsDiskFull = full),
            _options.Clock,
            _stopping.Token);
        RunInBackground(disk.RunAsync);
    }

    private void StartCore(NodeData data, ulong source)
    {
        var options = new NodeOptions
        {
            Self = _options.Self,
            Layout = _options.Layout,
            StampSource = source,
            HorizonLagMs = (long)_options.History.TotalMilliseconds,
        };
        if (data.Store.Kind == MemoryStore.KindName)
        {
            // Nothing that is flushed would survive a restart, so the log is kept whole.
            options = options with { FlushRows = int.MaxValue, LogSegmentsMax = int.MaxValue };
        }

        options = _options.Tune?.Invoke(options) ?? options;
        var prng = new Prng(Hash64.Combine(source, (ulong)Environment.TickCount64));
        var store = new LoopStore(data.Store, _loop.Post, Fail);
        _core = new NodeCore(options, new LogSink(_logThread!), store, _links, data.Recovered, prng, _loop.Time);
        _links.Follow(_layout);
        _loop.Start(_core);
    }

    private void Connect(NodeAddress peer, OutLink link, CancellationToken left)
    {
        var client = new NodeClient(peer.Address, new GrpcClientOptions { MaxMessageBytes = FrameBytesMax });
        RunInBackground(async () =>
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(left, _stopping.Token);
            var connector = new PeerConnector(client, OwnHello(), Recognizes, link, _options.Clock, either.Token);
            await connector.RunAsync().ConfigureAwait(false);
        });
    }

    private ClusterLayout ReadLayout(ClusterDescription description)
    {
        try
        {
            ClusterLayout layout = ClusterLayout.FromDescription(description);
            return layout.ClusterId == _layout.ClusterId
                ? layout
                : throw new GrpcException(GrpcStatusCode.FailedPrecondition, "this node belongs to another cluster");
        }
        catch (FormatException malformed)
        {
            throw new GrpcException(GrpcStatusCode.InvalidArgument, malformed.Message);
        }
    }

    private void RunInBackground(Func<Task> run)
    {
        Task running = Task.Run(() => RunPartAsync(run));
        lock (_gate)
        {
            _background.RemoveAll(static task => task.IsCompleted);
            _background.Add(running);
        }
    }

    private async Task RunPartAsync(Func<Task> run)
    {
        try
        {
            await run().ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            // A node whose parts end one by one would look alive and be none.
            Fail(failure);
            _loop.Stop();
        }
    }

    private void Fail(Exception exception)
    {
        if (Interlocked.Exchange(ref _failed, 1) == 0 && Volatile.Read(ref _stopped) == 0)
        {
            _options.OnFailure?.Invoke(_options.Self, NoteDamage(exception));
        }
    }

    private Exception NoteDamage(Exception failure)
    {
        if (failure is StoreDamagedException damage)
        {
            try
            {
                NodeData.NoteDamage(_files, _options.Folder, damage);
            }
            catch (IOException second)
            {
                return new AggregateException(failure, second);
            }
        }

        return failure;
    }

    private async Task StopAsync()
    {
        if (Interlocked.Exchange(ref _stopped, 1) != 0)
        {
            return;
        }

        await _stopping.CancelAsync().ConfigureAwait(false);
        _loop.Stop();
        await Task.WhenAll(Background()).ConfigureAwait(false);
        _logThread?.Dispose();
        if (_data is not null)
        {
            await _data.DisposeAsync().ConfigureAwait(false);
        }

        _lock?.Dispose();
    }

    private Task[] Background()
    {
        lock (_gate)
        {
            return [.. _background];
        }
    }

    private sealed class LogSink(LogThread thread) : INodeLog
    {
        public ulong Append(ShardId shard, byte kind, ReadOnlySpan<byte> payload) =>
            thread.Append(shard, kind, payload);

        public void TruncateBefore(ulong segment) => thread.TruncateBefore(segment);
    }
}
