using System.Collections.Generic;

using ShardSql.Consensus;
using ShardSql.Primitives;
using ShardSql.Storage.Messages;
using ShardSql.Storage.Wal;
using ShardSql.Transactions;
using ShardSql.Transactions.Moves;

namespace ShardSql.Storage.Nodes;

/// <summary>
/// One shard's replica on a node: consensus, the shard machine, and while it leads the leader's part. Applies what is
/// chosen, answers what its requests came to.
/// </summary>
public sealed partial class ShardReplica
{
    private const int DrainRoundsMax = 32;
    private const byte EntryFormat = 3;

    private readonly NodeCore _node;
    private readonly ReplicaStore _store;
    private readonly PaxosReplica _paxos;
    private readonly ByteWriter _entry = new();
    private PaxosReady _spareReady = new();
    private ShardMachine _machine;
    private ShardLeader? _leader;
    private long _electionsSeen;
    private long _closeDueMs;
    private Slot _closedAt;

    internal ShardReplica(NodeCore node, ShardPlacement placement, RecoveredShard recovered, Prng prng)
    {
        _node = node;
        Placement = placement;
        _store = new ReplicaStore(node.Store);
        _machine = recovered.Machine;
        _generation = recovered.Generation;
        LastGeneration = recovered.Generation;
        _stateChunks = recovered.StateChunks;
        _flushedSlot = _machine.Applied;
        _base = new BaseRows(_store, Shard, recovered.Generation);
        _paxos = new PaxosReplica(
            new PaxosOptions
            {
                Self = node.Options.Self,
                Founders = placement.Founders,
                Preferred = placement.Founders[(int)(placement.Shard.Value % (uint)placement.Founders.Count)],
                HeartbeatMs = node.Options.HeartbeatMs,
                ElectionMinMs = node.Options.ElectionMinMs,
                ElectionMaxMs = node.Options.ElectionMaxMs,
            },
            recovered.Paxos,
            prng,
            node.Now.MonotonicMs);
    }

    /// <summary>Which nodes may hold replicas.</summary>
    internal ShardPlacement Placement { get; set; }

    /// <summary>What is to be kept of it when the node gives it up.</summary>
    internal FormerLife Life => new(
        LastGeneration, _paxos.Promised, Slot.Max(Slot.Max(_paxos.LogLast, _paxos.Commit), _paxos.Forgotten),
        _paxos.IsAmnesiac);

    /// <summary>Whether the node has given it up.</summary>
    internal bool HasEnded { get; private set; }

    /// <summary>Which shard.</summary>
    public ShardId Shard => Placement.Shard;

    /// <summary>Who leads it, as far as this replica hears; node 0 is nobody.</summary>
    public NodeId Leader => _paxos.HearsLeader ? _paxos.Leader : default;

    /// <summary>Whether it leads; it may not serve yet.</summary>
    public bool IsLeader => _leader is not null;

    /// <summary>The replicated state, for checkers.</summary>
    public ShardMachine Machine => _machine;

    /// <summary>The consensus core, for checkers.</summary>
    public PaxosReplica Paxos => _paxos;

    /// <summary>When the reorder queue wants a turn, µs.</summary>
    internal long NextReleaseUs => _leader?.NextReleaseUs ?? long.MaxValue;

    internal void SetTime() => _paxos.SetTime(_node.Now.MonotonicMs);

    internal void Tick()
    {
        _paxos.Tick(_node.Now.MonotonicMs);
        if (_leader is { IsServing: true } leader)
        {
            TickLeader(leader);
        }

        TickSnapshots();
        if (_machine.Versions.SettledCount >= _node.Options.FlushRows)
        {
            StartFlush();
        }
    }

    internal void ReceivePeer(StorageMessageKind kind, NodeId from, ref ByteReader reader)
    {
        if (kind == StorageMessageKind.Paxos)
        {
            if (PaxosMessage.Read(ref reader) is { } message)
            {
                _paxos.Step(from, message);
            }
        }
        else
        {
            ReceiveSnapshotMessage(kind, from, ref reader);
        }
    }

    internal void StepSelf(PaxosMessage message) => _paxos.Step(_node.Options.Self, message);

    /// <summary>Does what has come up; true when something was done.</summary>
    internal bool Drain()
    {
        bool any = false;
        for (int round = 0; round < DrainRoundsMax && !_isSwitching; round++)
        {
            FollowRole();
            bool scheduled = Schedule();
            ProposeQueued();
            if (!_paxos.HasReady)
            {
                return any | scheduled;
            }

            any = true;
            PaxosReady ready = _paxos.TakeReady(_spareReady);
            Carry(ready);
            _spareReady = ready;
        }

        return any;
    }

    /// <summary>Gives it up: it says nothing more, and nothing comes back to it.</summary>
    internal void End()
    {
        HasEnded = true;
        _store.End();
        if (_leader is not null)
        {
            _leader = null;
            DropRequests();
        }

        new List<NodeId>(_transfers.Keys).ForEach(EndTransfer);
    }

    private void Carry(PaxosReady ready)
    {
        foreach (PaxosRecord record in ready.Records)
        {
            _node.Append(Shard, record);
        }

        foreach (PaxosOutgoing outgoing in ready.Now)
        {
            _node.SendPaxos(Shard, outgoing);
        }

        // A message that is released at once steps the core again, which fills its next ready, not this one.
        foreach (PaxosOutgoing outgoing in ready.AfterPersist)
        {
            _node.SendAfterPersist(this, outgoing);
        }

        foreach (ChosenEntry chosen in ready.Chosen)
        {
            ApplyEntry(chosen);
        }

        foreach (NodeId follower in ready.NeedSnapshot)
        {
            OfferSnapshot(follower);
        }
    }

    private void FollowRole()
    {
        bool leads = _paxos.Role == PaxosRole.Leader;
        if (_leader is not null && (!leads || _electionsSeen != _paxos.ElectionsWon))
        {
            _leader = null;
            DropRequests();
        }

        if (leads && _leader is null)
        {
            _electionsSeen = _paxos.ElectionsWon;
            _leader = new ShardLeader(_machine, _node.Clock);
            _leader.Begin();
        }
    }

    private void ProposeQueued()
    {
        while (_leader is { QueueLength: > 0 } leader && _paxos.CanPropose
            && _paxos.InFlight < _node.Options.InFlightMax)
        {
            _entry.Clear();
            _entry.WriteByte(EntryFormat);
            leader.TakeEntry(_entry, _node.Options.EntryBytesMax);
            _paxos.Propose(_entry.ToArray());
        }
    }

    private void ApplyEntry(ChosenEntry chosen)
    {
        if (chosen.Slot <= _machine.Applied)
        {
            // A snapshot brought it.
            return;
        }

        _machine.BeginEntry(chosen.Slot, chosen.Value);
        if (chosen.Value.Length == 0 || Membership.IsEntry(chosen.Value))
        {
            return;
        }

        var reader = new ByteReader(chosen.Value);
        Invariant.Check(reader.ReadByte() == EntryFormat, "An entry is of a format that this version applies.");
        while (reader.Remaining > 0)
        {
            Command? command = Command.Read(ref reader);
            Invariant.Check(command is not null, "A chosen entry can be read.");
            StageWatch? watch = _watches.Count == 0 ? null : WatchOf(command);
            watch?.BeginValidation();
            ApplyResult result = _machine.Apply(command);
            watch?.EndValidation();
            if (_leader is { } leader)
            {
                leader.OnApplied(command, result);
                OnApplied(leader, command, result);
            }
        }
    }

    private void OnApplied(ShardLeader leader, Command command, ApplyResult result)
    {
        switch (command)
        {
            case OneCommand one:
                AnswerOne(one, result.Vote!);
                break;
            case PrepareCommand prepare:
                ShareVote(prepare, result.Vote!);
                AnswerVote(prepare.Id, result.Vote!);
                break;
            case RefuseCommand refuse:
                AnswerVote(refuse.Id, result.Vote!);
                break;
            case RefuseSessionCommand refused:
                AnswerAttempts(refused.Session, refused.Sequence);
                break;
            case MoveOutCommand or MoveInCommand or PurgeCommand:
                AnswerMove(command, result.Move!.Value);
                break;
            case FloorCommand when leader.IsServing:
                leader.TakeOver(_node.Now.MonotonicMs);
                ServeWaiting();
                break;
            default:
                break;
        }
    }

    private void TickLeader(ShardLeader leader)
    {
        long nowMs = _node.Now.MonotonicMs;
        leader.StartTimers(nowMs);
        foreach (Coordinator undecided in leader.DueRecoveries(nowMs))
        {
            AskMissing(undecided);
        }

        SendReports(leader, nowMs);
        CloseIdleCursors(nowMs);
        if (nowMs >= _closeDueMs)
        {
            _closeDueMs = nowMs + _node.Options.CloseEveryMs;
            ProposeClose(leader);
        }
    }

    // Only a shard with traffic writes CLOSE and HORIZON: an idle one costs nothing.
    private void ProposeClose(ShardLeader leader)
    {
        if (_machine.Applied.Value <= _closedAt.Value + 2 && !_machine.Moves.WaitsForHorizon(_machine.Horizon))
        {
            return;
        }

        long wallMs = _node.Now.WallMs;
        HlcTimestamp closed = HlcTimestamp.FromPhysicalMs(wallMs - _node.Options.CloseLagMs);
        HlcTimestamp horizon = HlcTimestamp.Min(
            HlcTimestamp.FromPhysicalMs(wallMs - _node.Options.HorizonLagMs), _node.OldestSnapshot());
        (Slot slot, ulong hash) = _machine.Checkpoint;
        leader.Propose(new CloseCommand(closed, leader.TakeReported(), slot, hash));
        leader.Propose(new HorizonCommand(horizon));
        _closedAt = new Slot(_machine.Applied.Value);
    }
}
