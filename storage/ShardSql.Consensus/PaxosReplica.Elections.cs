using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;

using ShardSql.Primitives;

namespace ShardSql.Consensus;

/// <summary>Pre-vote and phase 1.</summary>
public sealed partial class PaxosReplica
{
    private readonly SortedSet<NodeId> _granted = [];
    private readonly SortedDictionary<NodeId, PaxosMessage> _promises = [];
    private readonly SortedSet<NodeId> _asked = [];
    private Ballot _ballot;
    private Ballot _yielded;

    // Somebody would lead who knows too little: who votes no more leads then, and brings the others up.
    private bool _isNeeded;

    private long _electionDeadlineMs;

    /// <summary>Starts phase 1 without asking first: for the explorer, and when leadership is handed over. Nothing happens
    /// while this replica honours another's lease: its own promise would break it.</summary>
    public void Campaign()
    {
        Invariant.Check(!IsRelearning, "One that has lost its votes does not campaign.");
        if (!HonoursLease(Self))
        {
            Campaign(Ballot.Zero);
        }
    }

    // A ballot that was yielded has no lease any more.
    private void Campaign(Ballot yielded)
    {
        _yielded = yielded;
        _ballot = new Ballot(_promised.Round + 1, Self);
        Promise(_ballot);
        Role = PaxosRole.Candidate;
        Leader = default;
        _promises.Clear();
        _electionDeadlineMs = RandomDeadline();

        // The ballot is durable before its first use: after a restart it would be used a second time otherwise.
        _asked.Clear();
        foreach (Configuration configuration in Membership.Since(_commit.Next))
        {
            AskForPromises(configuration);
        }

        _ready.AfterPersist.Add(new PaxosOutgoing(Self, PromiseFrom(_commit.Next)));
    }

    private long RandomDeadline() =>
        _nowMs + _prng.Next((int)_options.ElectionMinMs, (int)_options.ElectionMaxMs + 1);

    private void StartPreVote()
    {
        Role = PaxosRole.PreCandidate;
        Leader = default;
        _granted.Clear();
        _electionDeadlineMs = RandomDeadline();
        _ballot = new Ballot(_promised.Round + 1, Self);
        var message = new PaxosMessage { Kind = PaxosMessageKind.PreVote, Ballot = _ballot, Commit = _commit };
        foreach (NodeId peer in Peers())
        {
            _ready.Now.Add(new PaxosOutgoing(peer, message));
        }

        Grant(Self);
    }

    private void OnPreVote(NodeId from, PaxosMessage message)
    {
        bool refuses = Role == PaxosRole.Leader || HonoursLease(from) || IsStranger(from, message);
        if (!refuses && message.Ballot > _promised && IsCloseEnough(message.Commit))
        {
            _ready.Now.Add(new PaxosOutgoing(from, new PaxosMessage
            {
                Kind = PaxosMessageKind.PreVoteGranted,
                Ballot = message.Ballot,
                Commit = _commit,
            }));
        }
        else if (message.Ballot <= _promised)
        {
            SendRejected(from);
        }

        _isNeeded |= !refuses && !IsCloseEnough(message.Commit);
    }

    private void OnPreVoteGranted(NodeId from, PaxosMessage message)
    {
        if (Role == PaxosRole.PreCandidate && message.Ballot == _ballot)
        {
            Grant(from);
        }
    }

    private void Grant(NodeId from)
    {
        _granted.Add(from);
        if (HasMajorities(Membership.Since(_commit.Next), _granted.Contains))
        {
            Campaign();
        }
    }

    private void OnPrepare(NodeId from, PaxosMessage message)
    {
        if (message.Ballot < _promised)
        {
            SendRejected(from);
            return;
        }

        // While another leader's lease may run here, nothing is promised: the lease's safety rests on this refusal.
        bool isYielded = message.Yielded != Ballot.Zero && message.Yielded == _promised;
        if (message.Ballot.Node != from || IsStranger(from, message) || (HonoursLease(from) && !isYielded) || message.FirstSlot < _log.First)
        {
            return;
        }

        if (message.Ballot > _promised)
        {
            Promise(message.Ballot);
            StepDown(default);
        }

        if (Role == PaxosRole.Follower)
        {
            _ready.AfterPersist.Add(new PaxosOutgoing(from, PromiseFrom(message.FirstSlot)));
        }
    }

    private PaxosMessage PromiseFrom(Slot first)
    {
        var accepted = new List<AcceptedEntry>();
        for (Slot slot = first; slot <= _log.Last; slot = slot.Next)
        {
            if (_log.Get(slot) is { } entry)
            {
                accepted.Add(entry);
            }
        }

        return new PaxosMessage
        {
            Kind = PaxosMessageKind.Promise,
            Ballot = _promised,
            FirstSlot = first,
            Commit = _commit,
            Entries = accepted,
        };
    }

    private void OnPromise(NodeId from, PaxosMessage message)
    {
        if (Role != PaxosRole.Candidate || message.Ballot != _ballot)
        {
            return;
        }

        _promises[from] = message;
        ReadOnlySpan<Configuration> governing = Membership.Since(_commit.Next);
        List<Configuration> found = AcceptedConfigurations();
        foreach (Configuration configuration in found)
        {
            AskForPromises(configuration);
        }

        if (HasMajorities(governing, _promises.ContainsKey)
            && HasMajorities(CollectionsMarshal.AsSpan(found), _promises.ContainsKey))
        {
            BecomeLeader();
        }
    }

    private void BecomeLeader()
    {
        Role = PaxosRole.Leader;
        Leader = Self;
        _isNeeded = false;
        ElectionsWon++;
        _followed = _ballot;
        AdoptAccepted();
        StartReplication();
    }

    // The value of the highest ballot that any of the majority accepted may be chosen: it is proposed again under our
    // own ballot; where nobody of them accepted anything, nothing can be chosen, and a no-op fills the hole.
    private void AdoptAccepted()
    {
        SortedDictionary<ulong, AcceptedEntry> highest = HighestAccepted();
        ulong last = _commit.Value;
        foreach (ulong slot in highest.Keys)
        {
            last = ulong.Max(last, slot);
        }

        for (ulong slot = _commit.Value + 1; slot <= last; slot++)
        {
            byte[] value = highest.TryGetValue(slot, out AcceptedEntry entry) ? entry.Value : [];
            Accept(new AcceptedEntry(new Slot(slot), _ballot, value));
        }

        _lastProposed = new Slot(last);
    }

    private SortedDictionary<ulong, AcceptedEntry> HighestAccepted()
    {
        var highest = new SortedDictionary<ulong, AcceptedEntry>();
        foreach (PaxosMessage promise in _promises.Values)
        {
            foreach (AcceptedEntry entry in promise.Entries)
            {
                if (!highest.TryGetValue(entry.Slot.Value, out AcceptedEntry known) || entry.Ballot > known.Ballot)
                {
                    highest[entry.Slot.Value] = entry;
                }
            }
        }

        return highest;
    }

    private void OnRejected(PaxosMessage message)
    {
        if (message.Ballot > _promised)
        {
            // Learned, not promised to anyone: our next campaign starts above it.
            Promise(message.Ballot);
            StepDown(default);
        }
    }

    private void StepDown(NodeId leader)
    {
        _isNeeded &= leader == default;
        if (Role != PaxosRole.Follower || leader != Leader)
        {
            Role = PaxosRole.Follower;
            Leader = leader;
            _electionDeadlineMs = RandomDeadline();
        }
    }

    private void SendRejected(NodeId to) => _ready.Now.Add(new PaxosOutgoing(
        to, new PaxosMessage { Kind = PaxosMessageKind.Rejected, Ballot = _promised, Commit = _commit }));

    private bool HonoursLease(NodeId candidate) =>
        Leader != candidate && _nowMs - _leaderHeardMs < _options.RefuseMs;

    private bool IsCloseEnough(Slot candidateCommit) =>
        candidateCommit.Next >= _log.First && candidateCommit.Value + PaxosOptions.CandidateLagMax >= _commit.Value;
}
