using System.Collections.Generic;
using System.Linq;

using ShardSql.Primitives;
using ShardSql.Simulation.Cluster.Checks;
using ShardSql.Simulation.Cluster.Nodes;
using ShardSql.Simulation.Cluster.Voters;
using ShardSql.Storage.Client;
using ShardSql.Storage.Nodes;

namespace ShardSql.Simulation.Cluster.Layouts;

/// <summary>
/// Gives shards to nodes and takes them away, drawn from the seed, in the order of jobs: a node is a member before it votes,
/// and has no vote before it is no member. What takes too long is left half-way, and gone on with from there later.
/// </summary>
internal sealed class LayoutDriver(SimulatedCluster world, Prng prng)
{
    private const long BetweenMeanUs = 500_000;
    private const long SpreadEveryUs = 300_000;
    private const int VotersMin = 3;
    private const int MembersMax = 5;

    private readonly SortedDictionary<ShardId, IReadOnlyList<NodeId>> _voters = [];
    private readonly SortedSet<ShardId> _busy = [];

    /// <summary>Whether every node that runs holds the replicas that the newest layout gives it, and nothing else.</summary>
    public bool IsFollowed => world.Nodes.All(node => node.Core is null || Follows(node));

    /// <summary>Begins, and goes on as long as there is load; layouts are spread for ever.</summary>
    public void Start()
    {
        Spread();
        Later();
    }

    private void Later() => world.Events.After(prng.Exponential(BetweenMeanUs), Next);

    private void Next()
    {
        if (!world.WantsLoad)
        {
            return;
        }

        ShardPlacement placement = world.Layout.Shards[prng.Next(world.Layout.Shards.Count)];
        if (!_busy.Contains(placement.Shard))
        {
            Change(placement);
        }

        Later();
    }

    private void Change(ShardPlacement placement)
    {
        IReadOnlyList<NodeId> voters = _voters.GetValueOrDefault(placement.Shard, placement.Founders);
        NodeId[] others = [.. world.Layout.Nodes.Select(static node => node.Id).Except(placement.Members)];
        NodeId[] idle = [.. placement.Members.Except(voters)];
        if (idle.Length > 0)
        {
            NodeId node = idle[prng.Next(idle.Length)];
            if (prng.Chance(500_000))
            {
                Ask(placement.Shard, [.. voters.Append(node).Order()], null);
            }
            else
            {
                Ask(placement.Shard, voters, node);
            }
        }
        else if (others.Length > 0 && (voters.Count <= VotersMin || prng.Chance(500_000)) && voters.Count < MembersMax)
        {
            NodeId node = others[prng.Next(others.Length)];
            SetMembers(placement, [.. placement.Members.Append(node).Order()]);
            Ask(placement.Shard, [.. voters.Append(node).Order()], null);
        }
        else if (voters.Count > VotersMin)
        {
            NodeId node = voters[prng.Next(voters.Count)];
            Ask(placement.Shard, [.. voters.Where(voter => voter != node)], node);
        }
    }

    private void Ask(ShardId shard, IReadOnlyList<NodeId> voters, NodeId? leaves)
    {
        _busy.Add(shard);
        new GroupAsking(world, prng, shard, new GroupRequest(GroupWish.Voters, voters))
        {
            OnReply = reply => _voters[shard] = reply.Voters,
            OnEnd = holds =>
            {
                _busy.Remove(shard);
                ShardPlacement placement = world.Layout.Shards.Single(candidate => candidate.Shard == shard);
                if (holds && leaves is { } node)
                {
                    SetMembers(placement, [.. placement.Members.Where(member => member != node)]);
                }
            },
        }.Begin();
    }

    private void SetMembers(ShardPlacement changed, IReadOnlyList<NodeId> members)
    {
        world.Reach(members.Count > changed.Members.Count ? "replica added" : "replica removed");
        world.Layout = world.Layout with
        {
            Version = world.Layout.Version + 1,
            Shards = [.. world.Layout.Shards.Select(
                placement => placement.Shard == changed.Shard ? placement with { Members = members } : placement)],
        };
        foreach (SimulatedNode node in world.Nodes)
        {
            ClusterLayout layout = world.Layout;
            world.Events.After(prng.Exponential(world.Knobs.DelayMeanUs), () => node.Adopt(layout));
        }
    }

    // What a gateway does that looks in on every node.
    private void Spread()
    {
        foreach (SimulatedNode node in world.Nodes)
        {
            node.Adopt(world.Layout);
        }

        world.Events.After(SpreadEveryUs, Spread);
    }

    private bool Follows(SimulatedNode node) => node.Core!.Layout.Version == world.Layout.Version
        && node.Core.Replicas.Keys.SequenceEqual(
            world.Layout.ShardsOf(node.Id).Select(static placement => placement.Shard).Order())
        && world.Layout.Shards.All(placement =>
            placement.Members.Contains(node.Id) || ReplicaRows.StoredOf(node, placement.Shard) == 0);
}
