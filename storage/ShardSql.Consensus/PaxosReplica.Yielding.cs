using ShardSql.Primitives;

namespace ShardSql.Consensus;

/// <summary>
/// A leader hands over: it proposes nothing more, waits until its successor has all that it proposed, gives its lease up and
/// says so; the successor campaigns at once. Others need not wait for the lease of a ballot that was yielded, if it is the
/// one that they follow: a later leader's, of whom the successor does not know, they honour.
/// </summary>
public sealed partial class PaxosReplica
{
    private NodeId _yieldsTo;
    private long _yieldDeadlineMs;

    /// <summary>Whether it waits for its successor to have everything.</summary>
    public bool IsYielding => _yieldsTo != default;

    /// <summary>Begins to hand over; given up after the shortest time of an election.</summary>
    /// <returns>False: this replica does not lead, or the other has no vote, or is too far behind.</returns>
    public bool YieldTo(NodeId successor)
    {
        if (successor == Self || !IsCaughtUp(successor)
            || !Membership.At(_commit.Next).Contains(successor) || !Membership.Latest.Contains(successor))
        {
            return false;
        }

        _yieldsTo = successor;
        _yieldDeadlineMs = _nowMs + _options.ElectionMinMs;
        EndWhenItHasAll(successor, _progress[successor]);
        return true;
    }

    private bool EndWhenItHasAll(NodeId node, Progress progress)
    {
        if (node != _yieldsTo || progress.Voted < _lastProposed)
        {
            return false;
        }

        EndLeadershipFor(node);
        return true;
    }

    private void EndLeadershipFor(NodeId successor)
    {
        GiveLeaseUp();
        StepDown(default);
        _yieldsTo = default;
        _ready.Now.Add(new PaxosOutgoing(
            successor, new PaxosMessage { Kind = PaxosMessageKind.Yield, Ballot = _ballot, Commit = _commit }));
    }

    private void GiveLeaseUp() => _leaderHeardMs = _nowMs - _options.RefuseMs;

    private void OnYield(NodeId from, PaxosMessage message)
    {
        if (!IsRelearning && Role == PaxosRole.Follower && message.Ballot == _promised && message.Ballot.Node == from
            && IsVoter(Self))
        {
            Campaign(message.Ballot);
        }
    }
}
