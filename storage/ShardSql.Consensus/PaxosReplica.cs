using System.Collections.Generic;

using ShardSql.Primitives;

namespace ShardSql.Consensus;

/// <summary>What a replica is at the moment.</summary>
public enum PaxosRole
{
    /// <summary>Accepts and promises.</summary>
    Follower,

    /// <summary>Asks whether a campaign would succeed.</summary>
    PreCandidate,

    /// <summary>In phase 1.</summary>
    Candidate,

    /// <summary>Through phase 1: proposes.</summary>
    Leader,
}

/// <summary>What a replica had persisted when it last ran.</summary>
/// <param name="Promised">The highest ballot promised.</param>
/// <param name="SnapshotSlot">The slot that the state machine's snapshot covers.</param>
/// <param name="Commit">The highest commit index on record, or the snapshot's slot.</param>
/// <param name="Accepted">Accepted values in the order they were written; a later one of a slot replaces an earlier.</param>
/// <param name="IsAmnesiac">Whether it has lost promises and accepted values, and has not learned them again.</param>
/// <param name="Forgotten">Of a former life of the replica, which was given up with its values: what it accepted up to this
/// slot is lost, what it promised is not.</param>
/// <param name="Membership">Who votes from the slot after the snapshot's on; null: the founders.</param>
public sealed record PaxosRestored(
    Ballot Promised, Slot SnapshotSlot, Slot Commit, IReadOnlyList<AcceptedEntry> Accepted, bool IsAmnesiac = false,
    Slot Forgotten = default, Membership? Membership = null)
{
    /// <summary>Nothing: a new replica.</summary>
    public static PaxosRestored Empty { get; } = new(Ballot.Zero, default, default, []);
}

/// <summary>
/// One replica of a Multi-Paxos group (commit.md §5) as a pure state machine: time comes in with
/// <see cref="Tick"/>, messages with <see cref="Step"/>, values with <see cref="Propose"/>; what has to happen comes
/// out of <see cref="TakeReady"/>. Promised and accepted ballots are separate; phase 1 runs once per leadership over all
/// open slots; phase 2 is pipelined. A leader sends what it knows to be chosen under its own ballot too, so a follower's
/// acknowledgement is one number: everything up to it is accepted under the leader's ballot or known to be chosen.
/// </summary>
public sealed partial class PaxosReplica
{
    private readonly PaxosOptions _options;
    private readonly Prng _prng;
    private readonly PaxosLog _log;
    private PaxosReady _ready = new();
    private Ballot _promised;
    private Slot _commit;
    private Slot _commitRecorded;
    private Slot _handedOut;
    private long _nowMs;

    // As a follower: the ballot whose run of accepted slots _match counts.
    private Ballot _followed;
    private Slot _match;
    private long _leaderHeardMs;

    /// <summary>A replica with what it had persisted.</summary>
    public PaxosReplica(PaxosOptions options, PaxosRestored restored, Prng prng, long nowMs)
    {
        _options = options;
        _prng = prng;
        _nowMs = nowMs;
        _promised = restored.Promised;
        _commit = restored.Commit > restored.SnapshotSlot ? restored.Commit : restored.SnapshotSlot;
        _commitRecorded = _commit;
        _handedOut = restored.SnapshotSlot;
        _log = new PaxosLog(restored.SnapshotSlot.Next);
        Membership = restored.Membership ?? Membership.FoundedBy(options.Founders);
        foreach (AcceptedEntry entry in restored.Accepted)
        {
            if (entry.Slot >= _log.First)
            {
                _log.Set(entry);
            }
        }

        _match = _commit;
        _hasHeard = HasHeard;
        _testimonies = [];
        IsAmnesiac = restored.IsAmnesiac;
        Forgotten = restored.Forgotten;
        _life = IsAmnesiac ? (long)prng.NextUInt64() : 0;
        _relearnDueMs = nowMs;

        // A replica that may have acknowledged a leader's lease before it restarted must honour it.
        bool isNew = _promised == Ballot.Zero;
        _leaderHeardMs = isNew ? nowMs - _options.RefuseMs : nowMs;
        _electionDeadlineMs = isNew && options.Preferred == options.Self ? nowMs : RandomDeadline();
        HandOutChosen();
    }

    /// <summary>This replica.</summary>
    public NodeId Self => _options.Self;

    /// <summary>What it is at the moment.</summary>
    public PaxosRole Role { get; private set; }

    /// <summary>Who leads, as far as this replica knows; node 0 is nobody.</summary>
    public NodeId Leader { get; private set; }

    /// <summary>Whether it leads, or hears who does: one that has no vote any more is told nothing.</summary>
    public bool HearsLeader => Role == PaxosRole.Leader
        || (Leader != default && _nowMs - _leaderHeardMs < _options.ElectionMaxMs);

    /// <summary>The highest ballot promised.</summary>
    public Ballot Promised => _promised;

    /// <summary>Everything up to here is chosen and known.</summary>
    public Slot Commit => _commit;

    /// <summary>The first slot still in the log.</summary>
    public Slot LogFirst => _log.First;

    /// <summary>The highest slot with an accepted value.</summary>
    public Slot LogLast => _log.Last;

    /// <summary>Times this replica became leader.</summary>
    public long ElectionsWon { get; private set; }

    /// <summary>An accepted entry, for checkers.</summary>
    public AcceptedEntry? EntryAt(Slot slot) => _log.Get(slot);

    /// <summary>
    /// Passes time without timers. Called before messages are handed in and before a lease is looked at: after a pause of
    /// the process a lease would be honoured too short, and believed in too long, by the time of the last tick.
    /// </summary>
    /// <param name="nowMs">Monotonic milliseconds; never goes back.</param>
    public void SetTime(long nowMs)
    {
        Invariant.Check(nowMs >= _nowMs, "Monotonic time does not go back.");
        _nowMs = nowMs;
    }

    /// <summary>Passes time.</summary>
    /// <param name="nowMs">Monotonic milliseconds; never goes back.</param>
    public void Tick(long nowMs)
    {
        SetTime(nowMs);
        if (Role == PaxosRole.Leader)
        {
            TickLeader();
        }
        else if (IsAmnesiac)
        {
            TickRelearning();
        }
        else if (nowMs >= _electionDeadlineMs && (IsVoter(Self) || _isNeeded) && !IsRelearning)
        {
            StartPreVote();
        }
    }

    /// <summary>Takes a message of another replica, or of itself.</summary>
    public void Step(NodeId from, PaxosMessage message)
    {
        switch (message.Kind)
        {
            case PaxosMessageKind.PreVote or PaxosMessageKind.Prepare when IsRelearning:
                break;
            case PaxosMessageKind.PreVote:
                OnPreVote(from, message);
                break;
            case PaxosMessageKind.PreVoteGranted:
                OnPreVoteGranted(from, message);
                break;
            case PaxosMessageKind.Prepare:
                OnPrepare(from, message);
                break;
            case PaxosMessageKind.Promise:
                OnPromise(from, message);
                break;
            case PaxosMessageKind.Accept:
                OnAccept(from, message);
                break;
            case PaxosMessageKind.Accepted:
            case PaxosMessageKind.Learned:
                OnAccepted(from, message);
                break;
            case PaxosMessageKind.PreRelearn:
                OnPreRelearn(from, message);
                break;
            case PaxosMessageKind.PreRelearnGranted:
                OnPreRelearnGranted(from, message);
                break;
            case PaxosMessageKind.Relearn:
                OnRelearn(from, message);
                break;
            case PaxosMessageKind.Testimony:
                OnTestimony(from, message);
                break;
            case PaxosMessageKind.Rejected:
                OnRejected(message);
                break;
            case PaxosMessageKind.Yield:
                OnYield(from, message);
                break;
            default:
                break;
        }
    }

    /// <summary>What has to be done since the last call. The caller owns it until it gives it back to be reused.</summary>
    public PaxosReady TakeReady(PaxosReady? reuse = null)
    {
        if (_ready.Records.Count > 0)
        {
            RecordCommit();
        }

        PaxosReady taken = _ready;
        reuse?.Clear();
        _ready = reuse ?? new PaxosReady();
        return taken;
    }

    private void RecordCommit()
    {
        if (_commit > _commitRecorded)
        {
            _ready.Records.Add(new PaxosRecord(PaxosRecordKind.Commit, default, _commit, []));
            _commitRecorded = _commit;
        }
    }

    /// <summary>The records alone, before what is accepted is written to the log once more: recovery takes the last record of
    /// a slot, so none may come behind a newer one.</summary>
    public IReadOnlyList<PaxosRecord> TakeRecords()
    {
        PaxosRecord[] records = [.. _ready.Records];
        _ready.Records.Clear();
        return records;
    }

    /// <summary>Whether <see cref="TakeReady"/> would give anything.</summary>
    public bool HasReady => !_ready.IsEmpty;

    /// <summary>Forgets log entries that a durable snapshot of the state machine holds.</summary>
    public void TruncateLog(Slot through)
    {
        Invariant.Check(through <= _handedOut, "Only applied slots are cut.");
        _log.TruncateThrough(through);
        Membership = Membership.Forget(through.Next);
    }

    /// <summary>The state machine was replaced by a snapshot that covers all slots up to one.</summary>
    /// <param name="slot">The last slot covered.</param>
    /// <param name="membership">Who votes from the slot after it on, as the snapshot says.</param>
    public void InstallSnapshot(Slot slot, Membership membership)
    {
        if (slot <= _handedOut)
        {
            return;
        }

        _handedOut = slot;
        _log.TruncateThrough(slot);
        if (membership.Latest.From >= Membership.Latest.From)
        {
            Membership = membership;
        }

        if (slot > _commit)
        {
            _commit = slot;
            _commitRecorded = slot;
        }

        if (_match < _commit)
        {
            _match = _commit;
        }

        HandOutChosen();
        EndRelearning();
    }

    private void Promise(Ballot ballot)
    {
        Invariant.Check(ballot > _promised, "A promise only rises.");
        _promised = ballot;
        _ready.Records.Add(new PaxosRecord(PaxosRecordKind.Promise, ballot, default, []));
    }

    private void Accept(AcceptedEntry entry)
    {
        Invariant.Check(entry.Slot > _commit, "A chosen slot is not accepted again.");
        _log.Set(entry);
        _ready.Records.Add(new PaxosRecord(PaxosRecordKind.Accept, entry.Ballot, entry.Slot, entry.Value));
    }

    private void AdvanceCommit(Slot commit)
    {
        if (commit > _commit)
        {
            Slot before = _commit;
            _commit = commit;
            HandOutChosen();
            RecordGoverning(before);
            EndRelearning();
            FollowMembership();
        }
    }

    private void HandOutChosen()
    {
        while (_handedOut < _commit)
        {
            AcceptedEntry? entry = _log.Get(_handedOut.Next);
            Invariant.Check(entry is not null, "A committed slot has a value.");
            _handedOut = _handedOut.Next;
            if (Membership.IsEntry(entry.Value.Value))
            {
                Membership = Membership.With(
                    new Slot(_handedOut.Value + (ulong)_options.Pipeline), entry.Value.Value);
            }

            _ready.Chosen.Add(new ChosenEntry(_handedOut, entry.Value.Value));
        }

        _log.Handed(_handedOut);
    }
}
