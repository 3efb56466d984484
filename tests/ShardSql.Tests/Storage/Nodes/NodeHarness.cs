using System;
using System.Collections.Generic;
using System.Threading.Tasks;

using ShardSql.Primitives;
using ShardSql.Storage.Files;
using ShardSql.Storage.Messages;
using ShardSql.Storage.Nodes;
using ShardSql.Storage.Stores;
using ShardSql.Storage.Wal;

namespace ShardSql.Tests.Storage.Nodes;

/// <summary>
/// Nodes without threads over a network, logs and a clock that a test moves by hand: nothing is delivered, synced or
/// ticks unless it is told to.
/// </summary>
internal sealed class NodeHarness : IAsyncDisposable
{
    private const int DeliveriesMax = 100_000;
    private const ulong Correlation = 1;

    private readonly Queue<(NodeId From, NodeId To, byte[] Message)> _network = new();
    private readonly SortedDictionary<NodeId, Node> _nodes = [];
    private long _nowMs = 1_000_000;

    public NodeHarness(ClusterLayout layout)
    {
        Layout = layout;
        foreach (NodeAddress address in layout.Nodes)
        {
            _nodes.Add(address.Id, new Node(this, address.Id));
        }
    }

    /// <summary>A cluster whose shards all have a leader that serves.</summary>
    public static NodeHarness Started(uint nodes, int shards)
    {
        var addresses = new List<NodeAddress>();
        for (uint i = 1; i <= nodes; i++)
        {
            addresses.Add(new NodeAddress(new NodeId(i), $"node{i}"));
        }

        var harness = new NodeHarness(
            ClusterLayout.Create(new Guid(1, 2, 3, new byte[8]), addresses, shards, (int)nodes));
        harness.Settle(ticks: 20);
        foreach (ShardPlacement placement in harness.Layout.Shards)
        {
            Invariant.Check(harness.LeaderOf(placement.Shard) != default, "A healthy cluster elects.");
        }

        return harness;
    }

    public ClusterLayout Layout { get; }

    /// <summary>Messages that were delivered, for tests that count them.</summary>
    public List<(NodeId From, NodeId To, StorageMessageKind Kind)> Delivered { get; } = [];

    /// <summary>Sees every message between nodes before it is delivered.</summary>
    public Action<NodeId, NodeId, byte[]>? Tap { get; set; }

    /// <summary>What the nodes answered to the client.</summary>
    public List<byte[]> Answers { get; } = [];

    public NodeCore this[NodeId id] => _nodes[id].Core;

    /// <summary>Records that a node has handed to its log and that are not synced.</summary>
    public int Unsynced(NodeId id) => _nodes[id].Unsynced;

    public NodeTime Now => new(_nowMs, _nowMs * 1_000, _nowMs);

    /// <summary>How long every turn stands still between what it does and what it answers.</summary>
    public long PauseMs { get; set; }

    /// <summary>Sets a node's wall clock wrong.</summary>
    public void SetWallOffset(NodeId id, long offsetMs) => _nodes[id].WallOffsetMs = offsetMs;

    /// <summary>Passes time, delivers and syncs until nothing is left to do.</summary>
    public void Settle(int ticks)
    {
        for (int i = 0; i < ticks; i++)
        {
            _nowMs += 10;
            foreach (Node node in _nodes.Values)
            {
                node.Core.Tick(node.Now);
            }

            Quiesce();
        }
    }

    /// <summary>Delivers and syncs until nothing is left to do, without passing time.</summary>
    public void Quiesce()
    {
        do
        {
            Deliver();
        }
        while (Sync());
    }

    /// <summary>Delivers all messages, and those that come of them; nothing is synced.</summary>
    public void Deliver()
    {
        TurnAll();
        for (int count = 0; _network.Count > 0; count++)
        {
            Invariant.Check(count < DeliveriesMax, "Messages come to an end.");
            (NodeId from, NodeId to, byte[] message) = _network.Dequeue();
            Delivered.Add((from, to, (StorageMessageKind)message[0]));
            Tap?.Invoke(from, to, message);
            Node node = _nodes[to];
            node.Core.Receive(from, node.Link, message);
            TurnAll();
        }
    }

    /// <summary>Syncs every node's log once.</summary>
    /// <returns>Whether there was anything to sync.</returns>
    public bool Sync()
    {
        bool any = false;
        foreach (Node node in _nodes.Values)
        {
            any |= node.Sync();
        }

        return any;
    }

    /// <summary>Syncs one node's log.</summary>
    public void SyncOnly(NodeId id) => _nodes[id].Sync();

    /// <summary>A client's message to a node.</summary>
    public void Ask(NodeId to, byte[] message) => Tell(default, to, message);

    /// <summary>A message to a node, from another or (default) from a client.</summary>
    public void Tell(NodeId from, NodeId to, ReadOnlySpan<byte> message)
    {
        Node node = _nodes[to];
        node.Core.Receive(from, node.Link, message);
    }

    /// <summary>The head of a request to a shard; its body comes behind.</summary>
    public static ByteWriter Request(ShardId shard, RequestKind kind)
    {
        var writer = new ByteWriter();
        writer.WriteByte((byte)StorageMessageKind.Request);
        writer.WriteVarint(Correlation);
        writer.WriteVarint(shard.Value);
        writer.WriteByte((byte)kind);
        return writer;
    }

    /// <summary>Asks the leader of a shard and gives the body of the one answer.</summary>
    public ByteReader AskLeader(ShardId shard, ByteWriter request)
    {
        Answers.Clear();
        Ask(LeaderOf(shard), request.ToArray());
        Settle(ticks: 5);
        Invariant.Check(Answers.Count == 1, "A request has one answer.");
        var answer = new ByteReader(Answers[0]);
        Invariant.Check(answer.ReadByte() == (byte)StorageMessageKind.Response, "It is a response.");
        Invariant.Check(answer.ReadVarint() == Correlation, "It answers this request.");
        return answer;
    }

    /// <summary>The node that leads a shard and serves.</summary>
    public NodeId LeaderOf(ShardId shard)
    {
        foreach ((NodeId id, Node node) in _nodes)
        {
            if (node.Core.Replicas.TryGetValue(shard, out ShardReplica? replica) && replica.IsLeader)
            {
                return id;
            }
        }

        return default;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (Node node in _nodes.Values)
        {
            await node.DisposeAsync();
        }
    }

    private void TurnAll()
    {
        foreach (Node node in _nodes.Values)
        {
            node.Turn();
        }
    }

    private sealed class Node : INodeLog, INodeTransport, IPeerLink, INodeStore, IAsyncDisposable
    {
        private readonly NodeHarness _harness;
        private readonly NodeId _id;
        private readonly MemoryStore _store = new();
        private readonly Queue<Action> _results = new();
        private readonly WriteAheadLog _log;
        private readonly WalBatch _batch = new();
        private ulong _sequence;

        public Node(NodeHarness harness, NodeId id)
        {
            _harness = harness;
            _id = id;
            var files = new SimulatedFileSystem();
            var identity = new DataIdentity(harness.Layout.ClusterId, id);
            WalScanResult scan = WalRecovery.Scan(files, "log", identity, _ => { });
            _log = WriteAheadLog.Open(files, "log", identity, new WalOptions { SegmentBytes = 1 << 20 }, scan);
            Core = new NodeCore(
                new NodeOptions { Self = id, Layout = harness.Layout, StampSource = ((ulong)id.Value << 32) | 1 },
                this, this, this, new NodeRecovery { LogEnd = _log.Written }, new Prng(id.Value), harness.Now);
        }

        public NodeCore Core { get; }

        public IPeerLink Link => this;

        public int Unsynced => _batch.Count;

        public long WallOffsetMs { get; set; }

        // What a turn sees when it looks at the clock again.
        private NodeTime AfterPause() => new(
            Now.MonotonicMs + _harness.PauseMs, Now.MonotonicUs + (_harness.PauseMs * 1_000), Now.WallMs + _harness.PauseMs);

        public NodeTime Now => _harness.Now with { WallMs = _harness.Now.WallMs + WallOffsetMs };

        public void Turn()
        {
            Core.Turn(AfterPause);
            while (_results.TryDequeue(out Action? result))
            {
                result();
                Core.Turn(AfterPause);
            }
        }

        public bool Sync()
        {
            if (_batch.Count == 0)
            {
                return false;
            }

            LogPosition end = _log.Append(_batch);
            _log.Sync();
            _batch.Clear();
            Core.OnDurable(_sequence, end);
            return true;
        }

        public ulong Append(ShardId shard, byte kind, ReadOnlySpan<byte> payload)
        {
            _batch.Add(shard, kind, payload);
            return ++_sequence;
        }

        public void TruncateBefore(ulong segment) => _log.TruncateBefore(segment);

        public void Send(NodeId to, ReadOnlySpan<byte> message) =>
            _harness._network.Enqueue((_id, to, message.ToArray()));

        public void Send(ReadOnlySpan<byte> message) => _harness.Answers.Add(message.ToArray());

        public void Get(IReadOnlyList<byte[]> keys, Action<IReadOnlyList<byte[]?>> then)
        {
            var values = new byte[]?[keys.Count];
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = Completed(_store.GetAsync(keys[i], default));
            }

            _results.Enqueue(() => then(values));
        }

        public void Scan(KeyRange range, int limit, Action<IReadOnlyList<StoreRow>> then)
        {
            IReadOnlyList<StoreRow> rows = Completed(_store.ScanAsync(range, limit, default));
            _results.Enqueue(() => then(rows));
        }

        public void ApplyAndSync(IReadOnlyList<StoreChange> sortedBatch, Action then)
        {
            Task applied = _store.ApplyAsync(sortedBatch, default).AsTask();
            Invariant.Check(applied.IsCompletedSuccessfully, "Memory does not wait.");
            _results.Enqueue(then);
        }

        public void OpenView(Action<INodeStoreView> then) =>
            throw new NotSupportedException("These tests send no snapshots.");

        public async ValueTask DisposeAsync()
        {
            _log.Dispose();
            await _store.DisposeAsync();
        }

        private static T Completed<T>(ValueTask<T> task)
        {
            Task<T> completed = task.AsTask();
            Invariant.Check(completed.IsCompletedSuccessfully, "Memory does not wait.");
            return completed.Result;
        }
    }
}
