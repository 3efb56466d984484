using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Primitives;
using ShardSql.Sql;
using ShardSql.Storage.Client;

namespace ShardSql.Gateway.Layouts;

/// <summary>How far a wish has come: whether it holds, and what it waits for.</summary>
internal readonly record struct GroupStep(bool IsDone, string Why);

/// <summary>
/// Steps of a shard's group towards a wish; each is asked for again until it holds. They begin with what the leader says
/// now, so it does not matter who has asked for what before.
/// </summary>
internal sealed class GroupSteps(IShardClient client, INodeDirectory nodes)
{
    private const int AsksOfSuccessor = 20;

    private int _yields;

    /// <summary>A member learns all there is, then votes.</summary>
    public async Task<GroupStep> AddVoterAsync(ShardId shard, NodeId node, CancellationToken cancellationToken)
    {
        (_, IReadOnlyList<NodeId> voters) = await LookAsync(shard, cancellationToken);
        if (!voters.Contains(node))
        {
            GroupReply learning = await client.ChangeAsync(
                shard, new GroupRequest(GroupWish.Learns, [node]), cancellationToken);
            if (!learning.IsDone)
            {
                return new GroupStep(false, learning.Why);
            }
        }

        return await VoteAsync(shard, voters.Union([node]), cancellationToken);
    }

    /// <summary>A node lets another lead, then loses its vote.</summary>
    /// <exception cref="SqlException">Nobody else votes (55000).</exception>
    public async Task<GroupStep> RemoveVoterAsync(ShardId shard, NodeId node, CancellationToken cancellationToken)
    {
        (NodeId leader, IReadOnlyList<NodeId> voters) = await LookAsync(shard, cancellationToken);
        if (voters.All(voter => voter == node))
        {
            throw new SqlException(
                SqlStates.ObjectNotInPrerequisiteState, $"{node} has the only vote in shard {shard}")
            {
                Hint = $"ALTER SHARD {shard} ADD REPLICA ON another node first.",
            };
        }

        return leader == node
            ? await YieldAsync(shard, node, voters, cancellationToken)
            : await VoteAsync(shard, voters.Where(voter => voter != node), cancellationToken);
    }

    /// <summary>A node lets another lead; done, too, where nobody else votes.</summary>
    public async Task<GroupStep> HandOverAsync(ShardId shard, NodeId node, CancellationToken cancellationToken)
    {
        (NodeId leader, IReadOnlyList<NodeId> voters) = await LookAsync(shard, cancellationToken);
        return leader != node || voters.All(voter => voter == node)
            ? new GroupStep(true, "")
            : await YieldAsync(shard, node, voters, cancellationToken);
    }

    /// <summary>Who leads, and who votes, by the latest change.</summary>
    public async Task<(NodeId Leader, IReadOnlyList<NodeId> Voters)> LookAsync(
        ShardId shard, CancellationToken cancellationToken)
    {
        ShardStatus status = await client.StatusAsync(shard, cancellationToken);
        return (status.Leader, status.Replicas);
    }

    private async Task<GroupStep> VoteAsync(ShardId shard, IEnumerable<NodeId> voters, CancellationToken cancellationToken)
    {
        GroupReply reply = await client.ChangeAsync(
            shard, new GroupRequest(GroupWish.Voters, [.. voters.Order()]), cancellationToken);
        return new GroupStep(reply.IsDone, reply.Why);
    }

    /// <summary>Of the voters that answer the one that leads least; each is given a while before the next is asked.</summary>
    private async Task<GroupStep> YieldAsync(
        ShardId shard, NodeId node, IReadOnlyList<NodeId> voters, CancellationToken cancellationToken)
    {
        var up = nodes.Nodes.Where(static known => known.IsReachable).Select(static known => known.Id).ToHashSet();
        NodeId[] successors =
        [
            .. voters.Where(voter => voter != node)
                .OrderByDescending(up.Contains)
                .ThenBy(voter => nodes.Shards.Count(known => known.Leader == voter))
                .ThenBy(static voter => voter),
        ];
        NodeId successor = successors[_yields++ / AsksOfSuccessor % successors.Length];
        GroupReply reply = await client.ChangeAsync(
            shard, new GroupRequest(GroupWish.Leads, [successor]), cancellationToken);

        // Whether it leads now the next look says.
        return new GroupStep(false, reply.Why);
    }
}
