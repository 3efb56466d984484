using System;
using System.Collections.Generic;

using ShardSql.Primitives;

namespace ShardSql.Consensus;

/// <summary>Phase 2, heartbeats and the read lease.</summary>
public sealed partial class PaxosReplica
{
    private const long Never = long.MinValue / 2;

    private readonly SortedDictionary<NodeId, Progress> _progress = [];
    private readonly Func<NodeId, bool> _hasHeard;
    private Slot _lastProposed;
    private long _heartbeatDueMs;

    /// <summary>Whether another value may be proposed now: the pipeline's bound α.</summary>
    public bool CanPropose => Role == PaxosRole.Leader && !IsYielding && HasRoom;

    private bool HasRoom => _lastProposed.Value - _commit.Value < (ulong)_options.Pipeline;

    /// <summary>Proposed and not yet chosen.</summary>
    public int InFlight => Role == PaxosRole.Leader ? (int)(_lastProposed.Value - _commit.Value) : 0;

    /// <summary>Whether a majority has acknowledged this leader so lately that nobody else can lead now.</summary>
    public bool HasLease
    {
        get
        {
            if (Role != PaxosRole.Leader)
            {
                return false;
            }

            Span<long> sent = stackalloc long[Membership.VotersMax];
            foreach (Configuration configuration in Membership.Since(_commit.Next))
            {
                for (int i = 0; i < configuration.Voters.Count; i++)
                {
                    NodeId voter = configuration.Voters[i];
                    sent[i] = voter == Self ? _nowMs : ProgressOf(voter)?.AcknowledgedSentMs ?? Never;
                }

                if (_nowMs >= MajorityOf(sent, configuration) + _options.LeaseMs)
                {
                    return false;
                }
            }

            return true;
        }
    }

    /// <summary>Proposes a value in the next slot. Only a leader below its pipeline's bound may.</summary>
    /// <returns>The slot; the value is chosen there, or this leadership ends first.</returns>
    public Slot Propose(byte[] value)
    {
        Invariant.Check(CanPropose, "Only a leader proposes, within its pipeline.");
        return ProposeNext(value);
    }

    private Slot ProposeNext(byte[] value)
    {
        _lastProposed = _lastProposed.Next;
        Accept(new AcceptedEntry(_lastProposed, _ballot, value));
        AcknowledgeSelf();
        foreach ((NodeId node, Progress progress) in _progress)
        {
            if (node != Self)
            {
                SendNext(node, progress);
            }
        }

        return _lastProposed;
    }

    private void StartReplication()
    {
        _progress.Clear();
        _learners.Clear();
        _yieldsTo = default;
        _settled = null;
        Track(Self);
        foreach (NodeId peer in Peers())
        {
            Track(peer);
        }

        _match = _lastProposed;
        AcknowledgeSelf();
        Heartbeat();
    }

    private void Track(NodeId node)
    {
        Slot known = _promises.TryGetValue(node, out PaxosMessage? promise) ? promise.Commit : _commit;
        _progress[node] = new Progress
        {
            Known = known < _commit ? known : _commit,
            Next = known < _commit ? known.Next : _commit.Next,
            HeardMs = _nowMs,
            AcknowledgedSentMs = Never,
        };
    }

    private Progress? ProgressOf(NodeId node) => _progress.GetValueOrDefault(node);

    private void AcknowledgeSelf() => _ready.AfterPersist.Add(new PaxosOutgoing(Self, new PaxosMessage
    {
        Kind = PaxosMessageKind.Accepted,
        Ballot = _ballot,
        Match = _lastProposed,
        Commit = _commit,
        SentMs = _nowMs,
    }));

    private void TickLeader()
    {
        if (_yieldsTo != default && _nowMs >= _yieldDeadlineMs)
        {
            _yieldsTo = default;
        }

        if (!HasMajorities(Membership.Since(_commit.Next), _hasHeard))
        {
            // Quorum check: a leader that nobody hears must not hold off those who could elect another.
            _leaderHeardMs = _nowMs - _options.RefuseMs;
            StepDown(default);
        }
        else if (_nowMs >= _heartbeatDueMs)
        {
            Heartbeat();
        }
    }

    private bool HasHeard(NodeId node) => node == Self
        || (ProgressOf(node) is { } progress && _nowMs - progress.HeardMs < _options.ElectionMaxMs);

    private void Heartbeat()
    {
        _heartbeatDueMs = _nowMs + _options.HeartbeatMs;
        foreach ((NodeId node, Progress progress) in _progress)
        {
            if (node == Self)
            {
                continue;
            }

            // Without progress for a whole heartbeat what is on its way is taken for lost. What a replica had when it
            // promised it has, though it has not said so under this ballot; if not, it answers with a gap.
            Slot kept = progress.Match > progress.Known ? progress.Match : progress.Known;
            if (progress.Match == progress.MatchAtHeartbeat && kept.Next < progress.Next)
            {
                progress.Next = kept.Next;
            }

            progress.MatchAtHeartbeat = progress.Match;
            SendNext(node, progress);
        }
    }

    private void SendNext(NodeId to, Progress progress)
    {
        var entries = new List<AcceptedEntry>();
        Slot first = progress.Next;
        if (first < _log.First)
        {
            if (!_ready.NeedSnapshot.Contains(to))
            {
                _ready.NeedSnapshot.Add(to);
            }
        }
        else
        {
            int bytes = 0;
            for (Slot slot = first; slot <= _lastProposed && entries.Count < PaxosOptions.EntriesPerMessageMax
                && (bytes < PaxosOptions.BytesPerMessageMax || entries.Count == 0); slot = slot.Next)
            {
                byte[] value = _log.Get(slot)!.Value.Value;
                entries.Add(new AcceptedEntry(slot, _ballot, value));
                bytes += value.Length;
            }

            progress.Next = new Slot(first.Value + (ulong)entries.Count);
        }

        _ready.Now.Add(new PaxosOutgoing(to, new PaxosMessage
        {
            Kind = PaxosMessageKind.Accept,
            Ballot = _ballot,
            FirstSlot = first,
            Commit = _commit,
            SentMs = _nowMs,
            Entries = entries,
        }));
    }

    private void OnAccept(NodeId from, PaxosMessage message)
    {
        if (message.Ballot < _promised)
        {
            SendRejected(from);
            return;
        }

        if (message.Ballot > _promised)
        {
            Promise(message.Ballot);
        }

        Invariant.Check(message.Ballot.Node == from, "Only the owner of a ballot proposes under it.");
        StepDown(from);
        _leaderHeardMs = _nowMs;
        _electionDeadlineMs = RandomDeadline();
        if (_followed != message.Ballot)
        {
            Follow(message.Ballot);
        }

        bool gap = message.Entries.Count > 0 && message.FirstSlot > _match.Next;
        if (!gap)
        {
            AcceptRun(message.Entries);
        }

        AdvanceCommit(message.Commit < _match ? message.Commit : _match);
        _ready.AfterPersist.Add(new PaxosOutgoing(from, new PaxosMessage
        {
            Kind = IsRelearning ? PaxosMessageKind.Learned : PaxosMessageKind.Accepted,
            Ballot = message.Ballot,
            Match = _match,
            Gap = gap,
            SentMs = message.SentMs,
            Commit = _commit,
        }));
    }

    // After a restart the run goes on where the persisted one ended.
    private void Follow(Ballot ballot)
    {
        _followed = ballot;
        _match = _commit;
        while (_log.Get(_match.Next) is { } entry && entry.Ballot == ballot)
        {
            _match = _match.Next;
        }
    }

    private void AcceptRun(IReadOnlyList<AcceptedEntry> entries)
    {
        foreach (AcceptedEntry entry in entries)
        {
            if (entry.Slot == _match.Next)
            {
                Accept(entry);
                _match = entry.Slot;
            }
        }
    }

    private void OnAccepted(NodeId from, PaxosMessage message)
    {
        if (Role != PaxosRole.Leader || message.Ballot != _ballot)
        {
            return;
        }

        if (ProgressOf(from) is not { } progress)
        {
            return;
        }

        bool isVote = message.Kind == PaxosMessageKind.Accepted;
        if (isVote)
        {
            progress.HeardMs = _nowMs;
            progress.AcknowledgedSentMs = long.Max(progress.AcknowledgedSentMs, message.SentMs);
            progress.Commit = Slot.Max(progress.Commit, message.Commit);
            progress.Voted = message.Match > progress.Voted ? message.Match : progress.Voted;
        }

        // One that has lost its votes may have lost what it had, too.
        if (message.Match > progress.Match || !isVote)
        {
            progress.Match = message.Match;
        }

        if (progress.Next <= progress.Match)
        {
            progress.Next = progress.Match.Next;
        }

        if (message.Gap)
        {
            progress.Next = message.Match.Next;
        }

        CommitByMajority();
        LeaveWithoutVote();
        if (Role != PaxosRole.Leader || EndWhenItHasAll(from, progress))
        {
            return;
        }

        if (from != Self && progress.Next <= _lastProposed && progress.Next >= _log.First)
        {
            SendNext(from, progress);
        }
    }

    private void CommitByMajority()
    {
        Span<long> voted = stackalloc long[Membership.VotersMax];
        while (Role == PaxosRole.Leader)
        {
            Configuration governing = Membership.At(_commit.Next);
            for (int i = 0; i < governing.Voters.Count; i++)
            {
                voted[i] = (long)(ProgressOf(governing.Voters[i])?.Voted.Value ?? 0);
            }

            // No further than the slots whose voters are known: an entry that is not known to be chosen may govern those
            // that lie α behind it.
            ulong known = ulong.Min(
                Membership.LastGovernedWith(_commit.Next).Value, _commit.Value + (ulong)_options.Pipeline);
            var reached = new Slot(ulong.Min((ulong)MajorityOf(voted, governing), known));
            if (reached <= _commit)
            {
                return;
            }

            AdvanceCommit(reached);
        }
    }

    private static long MajorityOf(Span<long> values, Configuration configuration)
    {
        Span<long> votes = values[..configuration.Voters.Count];
        votes.Sort();
        return votes[^configuration.Majority];
    }

    /// <summary>What a leader knows of one replica.</summary>
    private sealed class Progress
    {
        public Slot Known { get; init; }

        public Slot Next { get; set; }

        public Slot Match { get; set; }

        public Slot MatchAtHeartbeat { get; set; }

        public Slot Voted { get; set; }

        /// <summary>Up to where it knows what is chosen, and has said so with a vote.</summary>
        public Slot Commit { get; set; }

        public long HeardMs { get; set; }

        public long AcknowledgedSentMs { get; set; }

        public Progress Clone() => (Progress)MemberwiseClone();
    }
}
