using System;
using System.Collections.Generic;

using ShardSql.Primitives;

namespace ShardSql.Consensus;

/// <summary>What became of a wish to change the voters.</summary>
public enum Reconfiguration
{
    /// <summary>Proposed: it holds once it is chosen and governs.</summary>
    Proposed = 1,

    /// <summary>The voters are these already, and govern.</summary>
    Done = 2,

    /// <summary>A change does not govern yet, or too few of its voters know that; or leadership is being handed over: ask
    /// again.</summary>
    Busy = 3,

    /// <summary>This replica does not lead.</summary>
    NotLeader = 4,
}

/// <summary>
/// Change of the voters (commit.md §5), one change after the other. Whoever leads has the promise of a majority of every
/// configuration that may govern a slot that it does not know to be chosen: those that it knows, and those among the
/// values that it adopts; it need not vote itself. So two leaders always meet in somebody, and a value counts as chosen by the voters of its own slot
/// alone.
/// </summary>
public sealed partial class PaxosReplica
{
    /// <summary>Replicas at most that learn and do not vote.</summary>
    public const int LearnersMax = 4;

    // Brought up by this leader though they do not vote; forgotten with the leadership.
    private readonly SortedSet<NodeId> _learners = [];

    // What this leader has come to terms with: it governs, and its voters are followed.
    private Membership? _settled;

    /// <summary>Who votes on which slots, as far as this replica knows.</summary>
    public Membership Membership { get; private set; }

    /// <summary>Whether a node's vote counts in a slot that is not known to be chosen.</summary>
    public bool IsVoter(NodeId node)
    {
        foreach (Configuration configuration in Membership.Since(_commit.Next))
        {
            if (configuration.Contains(node))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Sends all there is to a replica that does not vote; false: this one does not lead, or has enough of
    /// them.</summary>
    public bool AddLearner(NodeId node)
    {
        if (Role != PaxosRole.Leader || _progress.ContainsKey(node) || _learners.Count >= LearnersMax)
        {
            return Role == PaxosRole.Leader && _progress.ContainsKey(node);
        }

        _learners.Add(node);
        _progress[node] = new Progress { Next = new Slot(1), HeardMs = _nowMs, AcknowledgedSentMs = Never };
        SendNext(node, _progress[node]);
        return true;
    }

    /// <summary>Whether a replica has all but what is on its way.</summary>
    public bool IsCaughtUp(NodeId node) => Role == PaxosRole.Leader && ProgressOf(node) is { } progress
        && progress.Match.Value + (ulong)_options.Pipeline >= _commit.Value && HasHeard(node) && progress.Match > default(Slot);

    /// <summary>Whether a replica that has all there is has votes to give, too; while it has none slots that nobody needs are
    /// filled, lest it waits for one that it has accepted and that was never chosen.</summary>
    public bool CanVote(NodeId node)
    {
        bool can = Role == PaxosRole.Leader && ProgressOf(node) is { } progress && progress.Voted > default(Slot)
            && progress.Voted.Value + (ulong)_options.Pipeline >= _commit.Value;
        if (!can && CanPropose && _lastProposed == _commit)
        {
            ProposeNext([]);
        }

        return can;
    }

    /// <summary>Proposes other voters. This replica must lead.</summary>
    public Reconfiguration Reconfigure(IReadOnlyList<NodeId> voters)
    {
        if (Role != PaxosRole.Leader)
        {
            return Reconfiguration.NotLeader;
        }

        if (Membership.Latest.From > _commit.Next || !CanPropose || HasOpenConfiguration())
        {
            return Reconfiguration.Busy;
        }

        if (Membership.Latest.IsOf(voters))
        {
            return KnowThatTheyGovern() ? Reconfiguration.Done : Reconfiguration.Busy;
        }

        ProposeNext(Membership.EntryOf(voters));
        return Reconfiguration.Proposed;
    }

    // Who does not know it asks the voters of before for promises, and they may be gone when the change is done. What the
    // leader itself knows counts once that is durable: it says so to itself.
    private bool KnowThatTheyGovern()
    {
        if (TheyKnowThatTheyGovern())
        {
            return true;
        }

        RecordCommit();
        AcknowledgeSelf();
        return false;
    }

    private bool TheyKnowThatTheyGovern()
    {
        var last = new Slot(Membership.Latest.From.Value - 1);
        return HasMajorities([Membership.Latest], voter => ProgressOf(voter)?.Commit >= last);
    }

    // That a configuration governs outlives the process, or its voters would have to ask those of before again.
    private void RecordGoverning(Slot before)
    {
        foreach (Configuration configuration in Membership.Since(before.Next))
        {
            if (configuration.From > before.Next && configuration.From <= _commit.Next)
            {
                RecordCommit();
                return;
            }
        }
    }

    private bool HasOpenConfiguration()
    {
        for (Slot slot = _commit.Next; slot <= _lastProposed; slot = slot.Next)
        {
            if (Membership.IsEntry(_log.Get(slot)!.Value.Value))
            {
                return true;
            }
        }

        return false;
    }

    // One that was removed and does not know it would disturb for ever; one that was added has seen how.
    private bool IsStranger(NodeId candidate, PaxosMessage message) =>
        !IsVoter(candidate) && message.Commit <= _commit;

    private SortedSet<NodeId> Peers()
    {
        var peers = new SortedSet<NodeId>();
        foreach (Configuration configuration in Membership.Since(_commit.Next))
        {
            peers.UnionWith(configuration.Voters);
        }

        peers.Remove(Self);
        return peers;
    }

    private static bool HasMajorities(ReadOnlySpan<Configuration> configurations, Func<NodeId, bool> has)
    {
        foreach (Configuration configuration in configurations)
        {
            int votes = 0;
            foreach (NodeId voter in configuration.Voters)
            {
                votes += has(voter) ? 1 : 0;
            }

            if (votes < configuration.Majority)
            {
                return false;
            }
        }

        return true;
    }

    // A change that an earlier leader proposed, and that may be chosen though we do not know it: it governs slots in which
    // we shall propose.
    private List<Configuration> AcceptedConfigurations()
    {
        var found = new List<Configuration>();
        foreach (AcceptedEntry entry in HighestAccepted().Values)
        {
            if (entry.Slot > _commit && Membership.IsEntry(entry.Value))
            {
                var from = new Slot(entry.Slot.Value + (ulong)_options.Pipeline);
                found.Add(Membership.With(from, entry.Value).Latest);
            }
        }

        return found;
    }

    private void AskForPromises(Configuration configuration)
    {
        foreach (NodeId voter in configuration.Voters)
        {
            if (voter != Self && _asked.Add(voter))
            {
                _ready.AfterPersist.Add(new PaxosOutgoing(voter, new PaxosMessage
                {
                    Kind = PaxosMessageKind.Prepare,
                    Ballot = _ballot,
                    FirstSlot = _commit.Next,
                    Commit = _commit,
                    Yielded = _yielded,
                }));
            }
        }
    }

    // Followed are those who vote, or shall, and the learners. A change takes effect by itself: slots that nobody needs are
    // filled, and a leader without a vote leaves.
    private void FollowMembership()
    {
        if (Role != PaxosRole.Leader || ReferenceEquals(_settled, Membership))
        {
            return;
        }

        LeaveWithoutVote();
        if (Role != PaxosRole.Leader)
        {
            return;
        }

        TrackAll(Peers());
        while (Membership.Latest.From > _lastProposed.Next && HasRoom)
        {
            ProposeNext([]);
        }

        _settled = Membership.Latest.From <= _commit.Next ? Membership : null;
    }

    // Not before those who vote now know it: who does not would ask for this replica's promise, and it cannot give one for
    // slots that it has cut.
    private void LeaveWithoutVote()
    {
        if (!Membership.At(_commit.Next).Contains(Self) && TheyKnowThatTheyGovern())
        {
            EndLeadershipFor(MostAdvanced());
        }
    }

    private NodeId MostAdvanced()
    {
        IReadOnlyList<NodeId> voters = Membership.At(_commit.Next).Voters;
        NodeId best = voters[0];
        foreach (NodeId voter in voters)
        {
            best = ProgressOf(voter)?.Voted > ProgressOf(best)?.Voted ? voter : best;
        }

        return best;
    }

    private void TrackAll(SortedSet<NodeId> peers)
    {
        _learners.ExceptWith(peers);
        foreach (NodeId node in new List<NodeId>(_progress.Keys))
        {
            if (node != Self && !peers.Contains(node) && !_learners.Contains(node))
            {
                _progress.Remove(node);
            }
        }

        foreach (NodeId peer in peers)
        {
            if (!_progress.ContainsKey(peer))
            {
                Track(peer);
            }
        }
    }
}
