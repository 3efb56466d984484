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
    private readonly Queue<AfterPersist> _afterPersist = new();
    private readonly Queue<Action> _runnable = new();
    private readonly Dictionary<ulong, (HlcTimestamp Oldest, long AtMs)> _snapshots = [];
    private readonly PeerClocks _clocks = new();
    private readonly ByteWriter _encoded = new();
    private long _announceDueMs;
    private ShardReplica[] _inOrder;
    private bool _answersWait;
    private ulong _appended;
    private ulong _durable;
    private LogPosition _durableEnd;
    private ulong _truncatedBefore;

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

    /// <summary>Everything before it is synced.</summary>
    internal LogPosition DurableEnd => _durableEnd;

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

    /// <summary>Records up to this number are synced; they end at a position.</summary>
    public void OnDurable(ulong sequence, LogPosition end)
    {
        _durable = sequence;
        _durableEnd = end;
        ReleaseAfterPersist();
    }

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

    internal ulong Append(ShardId shard, PaxosRecord record)
    {
        _encoded.Clear();
        record.Write(_encoded);
        _appended = Log.Append(shard, (byte)record.Kind, _encoded.WrittenSpan);
        return _appended;
    }

    internal bool IsDurable(ulong sequence) => sequence <= _durable;

    internal void SendAfterPersist(ShardReplica replica, PaxosOutgoing outgoing)
    {
        _afterPersist.Enqueue(new AfterPersist(_appended, replica, outgoing));
        if (_appended <= _durable)
        {
            ReleaseAfterPersist();
        }
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

    private void ReleaseAfterPersist()
    {
        while (_afterPersist.TryPeek(out AfterPersist next) && next.Sequence <= _durable)
        {
            _afterPersist.Dequeue();
            if (next.Replica.HasEnded)
            {
                continue;
            }

            if (next.Outgoing.To == Options.Self)
            {
                next.Replica.StepSelf(next.Outgoing.Message);
            }
            else
            {
                SendPaxos(next.Replica.Shard, next.Outgoing);
            }
        }
    }

    // The log is cut behind what every shard's base store holds; the shard that pins the oldest segment is flushed first.
    private void TruncateLog()
    {
        ulong needed = ulong.MaxValue;
        ShardReplica? pinning = null;
        foreach (ShardReplica replica in _inOrder)
        {
            if (replica.LogNeededFrom < needed)
            {
                needed = replica.LogNeededFrom;
                pinning = replica;
            }
        }

        // What says that a replica is given up is needed until the base store says it.
        if (pinning is null || _retirements.Count > 0)
        {
            return;
        }

        if (needed > _truncatedBefore)
        {
            _truncatedBefore = needed;
            Log.TruncateBefore(needed);
        }

        if (_durableEnd.Segment >= needed + (ulong)Options.LogSegmentsMax)
        {
            pinning.StartFlush();
        }
    }

    private readonly record struct AfterPersist(ulong Sequence, ShardReplica Replica, PaxosOutgoing Outgoing);
}

/// <summary>The clocks of a node at one moment.</summary>
/// <param name="MonotonicMs">Milliseconds that never go back.</param>
/// <param name="MonotonicUs">The same clock in microseconds.</param>
/// <param name="WallMs">Milliseconds since 1970; may jump.</param>
public readonly record struct NodeTime(long MonotonicMs, long MonotonicUs, long WallMs);
