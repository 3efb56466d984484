using System;
using System.Collections.Generic;

using ShardSql.Primitives;

namespace ShardSql.Consensus;

/// <summary>
/// A replica that has lost what it promised and accepted learns, and counts for nothing until its vote can be trusted
/// again (commit.md §5). It asks all the others to promise a ballot of its own and to say how far they have accepted. What
/// was chosen with its lost votes lies in the slots that they name. A promise that it has forgotten was made to one of
/// them, who uses no ballot that it has not promised itself: so it was for a lower ballot than the replica's own, and what
/// the replica accepts from then on is above it. Fewer than all would not do: one who holds the forgotten promise and was
/// not asked could lead with it, and know nothing of what was chosen since. Once the replica knows the named slots' values
/// it forgets nothing that matters. The promise ends a leadership, so it is asked for only when all the others have just
/// said that they would give it: while one of them is away, or has lost its own votes, the replica learns and disturbs
/// nobody.
/// One whose node gave it up and makes it again has forgotten less: it knows what it promised, and how far it had accepted.
/// It counts again when it knows the values of those slots, and asks nobody.
/// </summary>
public sealed partial class PaxosReplica
{
    private readonly SortedDictionary<NodeId, Slot> _testimonies;
    private readonly SortedSet<NodeId> _willing = [];
    private readonly long _life;
    private Ballot _relearnBallot;
    private long _relearnDueMs;

    /// <summary>Whether it neither votes nor leads, because it has lost its votes.</summary>
    public bool IsRelearning => IsAmnesiac || _commit < Forgotten;

    /// <summary>Whether it does not know what it has promised either.</summary>
    public bool IsAmnesiac { get; private set; }

    /// <summary>What it accepted up to this slot in a former life is lost.</summary>
    public Slot Forgotten { get; private set; }

    /// <summary>Whether it has asked for promises in this life.</summary>
    internal bool HasAskedToRelearn => _relearnBallot != Ballot.Zero;

    private void TickRelearning()
    {
        if (_nowMs < _relearnDueMs || HasAll(_testimonies.ContainsKey))
        {
            return;
        }

        // As often as an election: those who would have to elect a leader once more are those who answer.
        _relearnDueMs = _nowMs + _options.ElectionMinMs;
        _willing.Clear();
        AskOthers(PaxosMessageKind.PreRelearn, Ballot.Zero, _ready.Now);
    }

    /// <summary>Asks for promises without asking first whether they would be given: for the explorer.</summary>
    internal void Relearn()
    {
        _relearnBallot = new Ballot(_promised.Round + 1, Self);
        _testimonies.Clear();
        Promise(_relearnBallot);
        AskOthers(PaxosMessageKind.Relearn, _relearnBallot, _ready.AfterPersist);
    }

    private void AskOthers(PaxosMessageKind kind, Ballot ballot, List<PaxosOutgoing> when)
    {
        var message = new PaxosMessage { Kind = kind, Ballot = ballot, Commit = _commit, SentMs = _life };
        foreach (NodeId peer in Peers())
        {
            when.Add(new PaxosOutgoing(peer, message));
        }
    }

    private void OnPreRelearn(NodeId from, PaxosMessage message)
    {
        if (!IsRelearning)
        {
            _ready.Now.Add(new PaxosOutgoing(
                from, message with { Kind = PaxosMessageKind.PreRelearnGranted, Commit = _commit }));
        }
    }

    private void OnPreRelearnGranted(NodeId from, PaxosMessage message)
    {
        if (!IsAmnesiac || message.SentMs != _life || HasAll(_testimonies.ContainsKey))
        {
            return;
        }

        _willing.Add(from);
        if (HasAll(_willing.Contains))
        {
            _willing.Clear();
            Relearn();
        }
    }

    // The ballot must be new here: its owner may have led under an equal one in the life that it forgot. A lease does not
    // stand against it: nobody leads under this one.
    private void OnRelearn(NodeId from, PaxosMessage message)
    {
        if (IsRelearning || message.Ballot.Node != from)
        {
            return;
        }

        if (message.Ballot <= _promised)
        {
            SendRejected(from);
            return;
        }

        Promise(message.Ballot);
        bool led = Role == PaxosRole.Leader;
        StepDown(default);
        if (led)
        {
            // It may well lead again, under a higher ballot.
            _electionDeadlineMs = _nowMs;
        }

        _ready.AfterPersist.Add(new PaxosOutgoing(from, new PaxosMessage
        {
            Kind = PaxosMessageKind.Testimony,
            Ballot = message.Ballot,
            Match = _log.Last > _commit ? _log.Last : _commit,
            Commit = _commit,
            SentMs = message.SentMs,
        }));
    }

    // Those whose vote may be counted beside its own: a change that it learns of while it relearns adds to them.
    private bool HasAll(Func<NodeId, bool> said)
    {
        foreach (NodeId peer in Peers())
        {
            if (!said(peer))
            {
                return false;
            }
        }

        return true;
    }

    private void OnTestimony(NodeId from, PaxosMessage message)
    {
        // An answer to an earlier life may be older than votes given since.
        if (IsAmnesiac && message.SentMs == _life && message.Ballot == _relearnBallot)
        {
            _testimonies[from] = message.Match;
            EndRelearning();
        }
    }

    private void EndRelearning()
    {
        if (!IsAmnesiac || !HasAll(_testimonies.ContainsKey))
        {
            return;
        }

        foreach (Slot accepted in _testimonies.Values)
        {
            if (accepted > _commit)
            {
                return;
            }
        }

        IsAmnesiac = false;
        _testimonies.Clear();
        _ready.Records.Add(new PaxosRecord(PaxosRecordKind.Relearned, default, _commit, []));

        // It may have acknowledged a lease that it does not know of.
        _leaderHeardMs = _nowMs;
        _electionDeadlineMs = RandomDeadline();
    }
}
