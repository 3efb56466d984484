using System.Collections.Generic;
using System.Linq;

using ShardSql.Consensus;
using ShardSql.Primitives;
using ShardSql.Storage.Client;
using ShardSql.Storage.Messages;

namespace ShardSql.Storage.Nodes;

/// <content>Who votes, and who leads: each request is a step, asked for again until the wish holds.</content>
public sealed partial class ShardReplica
{
    private void ChangeGroup(IPeerLink link, ulong correlation, GroupRequest request)
    {
        (bool isDone, string why) = Advance(request);
        BeginResponse(correlation);
        GroupCodec.Write(_reply, new GroupReply(isDone, why, _paxos.Membership.Latest.Voters));
        link.Send(_reply.WrittenSpan);
    }

    private (bool IsDone, string Why) Advance(GroupRequest request)
    {
        foreach (NodeId node in request.Nodes)
        {
            if (!Placement.Members.Contains(node))
            {
                return (false, $"{node} holds no replica of {Shard}");
            }
        }

        return request.Wish switch
        {
            GroupWish.Learns => Teach(request.Nodes[0]),
            GroupWish.Voters => Reconfigure(request.Nodes),
            _ => Yield(request.Nodes[0]),
        };
    }

    private (bool IsDone, string Why) Teach(NodeId node)
    {
        if (node == _node.Options.Self || _paxos.IsCaughtUp(node))
        {
            return (true, "");
        }

        return _paxos.AddLearner(node)
            ? (false, $"{node} has not all there is yet")
            : (false, $"{PaxosReplica.LearnersMax} others learn already");
    }

    // Who is not near, or has lost its votes, gets none: a majority that counts on it might have to wait for it.
    private (bool IsDone, string Why) Reconfigure(IReadOnlyList<NodeId> voters)
    {
        if (voters.Count > Membership.VotersMax)
        {
            return (false, $"a shard has at most {Membership.VotersMax} voters");
        }

        int near = 0;
        foreach (NodeId voter in voters)
        {
            bool isNear = voter == _node.Options.Self || _paxos.IsCaughtUp(voter);
            near += isNear ? 1 : 0;
            if (_paxos.Membership.Latest.Contains(voter))
            {
                continue;
            }

            if (!isNear)
            {
                return Teach(voter);
            }

            if (voter != _node.Options.Self && !_paxos.CanVote(voter))
            {
                return (false, $"{voter} has lost its votes, and learns");
            }
        }

        if (near <= voters.Count / 2)
        {
            return (false, "a majority of these is not there, or has lost its votes");
        }

        return _paxos.Reconfigure(voters) switch
        {
            Reconfiguration.Done => (true, ""),
            Reconfiguration.Proposed => (false, "the change is not chosen yet"),
            _ => (false, "an earlier change is under way"),
        };
    }

    private (bool IsDone, string Why) Yield(NodeId successor)
    {
        if (successor == _node.Options.Self)
        {
            return (true, "");
        }

        if (!_paxos.Membership.Latest.Contains(successor))
        {
            return (false, $"{successor} has no vote");
        }

        return (false, _paxos.YieldTo(successor) ? "leadership is handed over" : $"{successor} is behind");
    }
}
