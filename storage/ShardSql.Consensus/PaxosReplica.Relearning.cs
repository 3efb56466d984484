using System.Collections.Generic;

using ShardSql.Primitives;

namespace ShardSql.Consensus;

/// <summary>
/// A replica that has lost what it promised and accepted learns, and counts for nothing until its vote can be trusted
/// again (commit.md §5). It asks n − majority + 1 of the others to promise a ballot of its own and to say how far they
/// have accepted. Every majority that its lost votes were part of has one of these among it: what was chosen under lower
/// ballots lies in the slots that they name, and nothing more can be chosen under those ballots. Once the replica knows
/// these slots' values it forgets nothing that matters.
/// </summary>
public sealed partial class PaxosReplica
{
    private readonly SortedDictionary<NodeId, Slot> _testimonies;
    private readonly long _life;
    private Ballot _relearnBallot;
    private long _relearnDueMs;

    /// <summary>Whether it neither votes nor leads, because it has lost its votes.</summary>
    public bool IsRelearning { get; private set; }

    private int TestimoniesNeeded => _options.Members.Count - _options.Majority + 1;

    private void TickRelearning()
    {
        if (_nowMs < _relearnDueMs || _testimonies.Count >= TestimoniesNeeded)
        {
            return;
        }

        // As often as an election: those who would have to elect a leader once more are those who answer.
        _relearnDueMs = _nowMs + _options.ElectionMinMs;
        _relearnBallot = new Ballot(_promised.Round + 1, Self);
        _testimonies.Clear();
        Promise(_relearnBallot);
        foreach (NodeId member in _options.Members)
        {
            if (member != Self)
            {
                _ready.AfterPersist.Add(new PaxosOutgoing(member, new PaxosMessage
                {
                    Kind = PaxosMessageKind.Relearn, Ballot = _relearnBallot, Commit = _commit, SentMs = _life,
                }));
            }
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

    private void OnTestimony(NodeId from, PaxosMessage message)
    {
        // An answer to an earlier life may be older than votes given since.
        if (IsRelearning && message.SentMs == _life && message.Ballot == _relearnBallot)
        {
            _testimonies[from] = message.Match;
            EndRelearning();
        }
    }

    private void EndRelearning()
    {
        if (!IsRelearning || _testimonies.Count < TestimoniesNeeded)
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

        IsRelearning = false;
        _testimonies.Clear();
        _ready.Records.Add(new PaxosRecord(PaxosRecordKind.Relearned, default, _commit, []));

        // It may have acknowledged a lease that it does not know of.
        _leaderHeardMs = _nowMs;
        _electionDeadlineMs = RandomDeadline();
    }
}
