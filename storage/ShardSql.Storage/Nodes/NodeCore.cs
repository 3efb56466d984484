using System;
using System.Collections.Generic;

using ShardSql.Consensus;
using ShardSql.Execution;
using ShardSql.Primitives;
using ShardSql.Storage.Messages;
using ShardSql.Storage.Wal;

namespace ShardSql.Storage.Nodes;

/// <summary>
/// A storage node without threads: its shards' replicas over one log and one base store. Whoever drives it, a thread or
/// the simulator, calls it from one place, hands in messages, durable positions and time, and calls <see cref="Turn"/>
/// once after each bunch of them (architecture.md §4, §5).
/// </summary>
public sealed partial class NodeCore
{
    private const int DrainRoundsMax = 64;
    private const int RunnableMax = 65_536;
    private const long StatementBytesMax = 1L << 30;

    private readonly SortedDictionary<ShardId, ShardReplica> _replicas = [];
    private readonly Prng _prng;
    private readonly Queue<Action> _runnable = new();
    private readonly Dictionary<ulong, (HlcTimestamp Oldest, long AtMs)> _snapshots = [];
    private readonly PeerClocks _clocks = new();
    private readonly ByteWriter _encoded = new();
    private long _announceDueMs;
    private ShardReplica[] _inOrder;
    private bool _answersWait;

    /// <summary>A node with what it had persisted.</summary>
    public NodeCore(
        NodeOptions options, INodeLog log, INodeStore store, INodeTransport transport, NodeRecovery recovered, Prng prng,
        NodeTime now)
    {
        Options = options;
        Layout = options.Layout;
        _prng = prng;
        Log = log;
        Store = store;
        Transport = transport;
        Now = now;
        Clock = new HlcClock(options.StampSource);
        _durableEnd = recovered.LogEnd;
        foreach (ShardPlacement placement in Layout.ShardsOf(options.Self))
        {
            _replicas.Add(
                placement.Shard,
                new ShardReplica(this, placement, recovered.Take(placement.Shard), prng.Fork(placement.Shard.Value)));
        }

        _inOrder = [.. _replicas.Values];
        RetireWhatIsLeft(recovered);
    }

    /// <summary>This node's bounds.</summary>
    public NodeOptions Options { get; }

    /// <summary>The replicas held here, by shard.</summary>
    public IReadOnlyDictionary<ShardId, ShardReplica> Replicas => _replicas;

    /// <summary>The time as it was last handed in, its wall clock near what most of the nodes say.</summary>
    public NodeTime Now { get; private set; }

    /// <summary>What was taken off this node's wall clock to keep it near most of the others, ms.</summary>
    public long ClockCorrectionMs => _clocks.CorrectionMs;

    /// <summary>Whether the disk has only its reserve left: what would write more is refused (53100), what is on its
    /// way ends, reads go on.</summary>
    public bool IsDiskFull { get; set; }

    /// <summary>What draws this node's stamps.</summary>
    internal HlcClock Clock { get; }

    /// <summary>What all statements of the node may buffer together.</summary>
    internal MemoryAccount Memory { get; } = new("node", StatementBytesMax);

    /// <summary>Where one state at a time is written out.</summary>
    internal ByteWriter StateWriter { get; } = new();

    internal INodeLog Log { get; }

    internal INodeStore Store { get; }

    internal INodeTransport Transport { get; }

    /// <summary>Passes time: timers of all replicas. Called every few milliseconds.</summary>
    public void Tick(NodeTime now)
    {
        Now = _clocks.Correct(now);
        AnnounceClock(now);
        foreach (ShardReplica replica in _inOrder)
        {
            replica.Tick();
        }

        GoOnRetiring();
        TruncateLog();
    }

    /// <summary>Passes time without timers, so that messages and leases are not measured by the last tick.</summary>
    public void SetTime(NodeTime now)
    {
        Now = _clocks.Correct(now);
        foreach (ShardReplica replica in _inOrder)
        {
            replica.SetTime();
        }
    }

    /// <summary>Takes a message: kind and body. Malformed ones are dropped and counted.</summary>
    public void Receive(NodeId from, IPeerLink link, ReadOnlySpan<byte> message)
    {
        var reader = new ByteReader(message);
        var kind = (StorageMessageKind)reader.ReadByte();
        if (from == default && IsBetweenNodes(kind))
        {
            DroppedMessages++;
            return;
        }

        switch (kind)
        {
            case StorageMessageKind.Paxos:
            case StorageMessageKind.SnapshotChunk:
            case StorageMessageKind.SnapshotTaken:
                if (_replicas.TryGetValue(new ShardId(reader.ReadVarint32()), out ShardReplica? replica))
                {
                    replica.ReceivePeer(kind, from, ref reader);
                }

                break;
            case StorageMessageKind.Request:
                ReceiveRequest(link, ref reader);
                break;
            case StorageMessageKind.Vote:
            case StorageMessageKind.Query:
            case StorageMessageKind.Report:
            case StorageMessageKind.Decide:
                ReceiveForLeader(message);
                break;
            case StorageMessageKind.OldestSnapshot:
                ulong gateway = reader.ReadUInt64();
                HlcTimestamp oldest = reader.ReadStamp();
                if (!reader.Failed)
                {
                    _snapshots[gateway] = (oldest, Now.MonotonicMs);
                }

                break;
            case StorageMessageKind.CloseCursor:
                if (_replicas.TryGetValue(new ShardId(reader.ReadVarint32()), out ShardReplica? holder))
                {
                    holder.CloseCursor(reader.ReadVarint());
                }

                break;
            case StorageMessageKind.Clock:
                long wallMs = (long)reader.ReadUInt64();
                if (!reader.Failed)
                {
                    _clocks.Observe(from, wallMs, Now.MonotonicMs);
                }

                break;
            default:
                DroppedMessages++;
                break;
        }

        DroppedMessages += reader.Failed ? 1 : 0;
    }

    private static bool IsBetweenNodes(StorageMessageKind kind) => kind is StorageMessageKind.Paxos
        or StorageMessageKind.SnapshotChunk or StorageMessageKind.SnapshotTaken or StorageMessageKind.Vote
        or StorageMessageKind.Query or StorageMessageKind.Report or StorageMessageKind.Clock;

    /// <summary>Messages that were none.</summary>
    public long DroppedMessages { get; private set; }

    /// <summary>Does what has come up: proposes, persists, sends, applies, answers.</summary>
    /// <param name="clock">Read again after all that was read is read, before it is answered under a lease.</param>
    public void Turn(Func<NodeTime> clock)
    {
        Work();
        if (_answersWait)
        {
            _answersWait = false;
            SetTime(clock());
            foreach (ShardReplica replica in _inOrder)
            {
                _answersWait |= !replica.AnswerUnderLease();
            }
        }
    }

    /// <summary>Answers wait for the end of a turn, or for a lease.</summary>
    internal void AnswerAtEndOfTurn() => _answersWait = true;

    private void Work()
    {
        for (int round = 0; round < DrainRoundsMax; round++)
        {
            bool any = RunRunnable();
            foreach (ShardReplica replica in _inOrder)
            {
                any |= replica.Drain();
            }

            any |= ReceiveFromSelf();
            if (!any)
            {
                return;
            }
        }
    }

    /// <summary>Whether there is work left that a turn could do now.</summary>
    public bool HasWork => _runnable.Count > 0 || _toSelf.Count > 0;

    /// <summary>When a turn is wanted at the latest, µs; for holds shorter than a tick.</summary>
    public long NextTurnUs
    {
        get
        {
            long next = long.MaxValue;
            foreach (ShardReplica replica in _inOrder)
            {
                next = long.Min(next, replica.NextReleaseUs);
            }

            return next;
        }
    }

    /// <summary>Goes on with something in the next turn, so that one long statement does not hold up the others.</summary>
    internal void RunLater(Action action)
    {
        Invariant.Check(_runnable.Count < RunnableMax, "Runnable work is bounded by the tasks of all shards.");
        _runnable.Enqueue(action);
    }

    internal void SendPaxos(ShardId shard, PaxosOutgoing outgoing)
    {
        _encoded.Clear();
        _encoded.WriteByte((byte)StorageMessageKind.Paxos);
        _encoded.WriteVarint(shard.Value);
        outgoing.Message.Write(_encoded);
        Transport.Send(outgoing.To, _encoded.WrittenSpan);
    }

    /// <summary>The oldest snapshot that a gateway has reported lately, or infinity.</summary>
    internal HlcTimestamp OldestSnapshot()
    {
        HlcTimestamp oldest = HlcTimestamp.Infinity;
        var silent = new List<ulong>();
        foreach ((ulong gateway, (HlcTimestamp stamp, long atMs)) in _snapshots)
        {
            if (Now.MonotonicMs - atMs > Options.SnapshotReportMs)
            {
                silent.Add(gateway);
            }
            else
            {
                oldest = HlcTimestamp.Min(oldest, stamp);
            }
        }

        silent.ForEach(gateway => _snapshots.Remove(gateway));
        return oldest;
    }

    // What the clock says, not what was made of it: corrections must not feed on each other.
    private void AnnounceClock(NodeTime now)
    {
        if (now.MonotonicMs < _announceDueMs)
        {
            return;
        }

        _announceDueMs = now.MonotonicMs + PeerClocks.AnnounceEveryMs;
        _encoded.Clear();
        _encoded.WriteByte((byte)StorageMessageKind.Clock);
        _encoded.WriteUInt64((ulong)now.WallMs);
        foreach (NodeAddress peer in Layout.Nodes)
        {
            if (peer.Id != Options.Self)
            {
                Transport.Send(peer.Id, _encoded.WrittenSpan);
            }
        }
    }

    private bool RunRunnable()
    {
        bool any = _runnable.Count > 0;
        for (int count = _runnable.Count; count > 0; count--)
        {
            _runnable.Dequeue()();
        }

        return any;
    }
}

/// <summary>The clocks of a node at one moment.</summary>
/// <param name="MonotonicMs">Milliseconds that never go back.</param>
/// <param name="MonotonicUs">The same clock in microseconds.</param>
/// <param name="WallMs">Milliseconds since 1970; may jump.</param>
public readonly record struct NodeTime(long MonotonicMs, long MonotonicUs, long WallMs);
