using System.Collections.Generic;
using System.Linq;

using ShardSql.Primitives;
using ShardSql.Storage.Client;
using ShardSql.Storage.Nodes;

namespace ShardSql.Simulation.Cluster.Voters;

/// <summary>Asks for voters to be added and removed and for leaders to hand over, drawn from the seed, at whatever gateway
/// is up; gives up what takes too long.</summary>
internal sealed class VoterDriver(SimulatedCluster world, Prng prng)
{
    private const long BetweenMeanUs = 700_000;
    private const int VotersMin = 3;
    private const int VotersMax = 5;

    private readonly SortedDictionary<ShardId, IReadOnlyList<NodeId>> _voters = [];

    /// <summary>Begins, and goes on as long as there is load.</summary>
    public void Start() => world.Events.After(prng.Exponential(BetweenMeanUs), Next);

    private void Next()
    {
        if (!world.WantsLoad)
        {
            return;
        }

        ShardPlacement placement = world.Layout.Shards[prng.Next(world.Layout.Shards.Count)];
        IReadOnlyList<NodeId> voters = _voters.GetValueOrDefault(placement.Shard, placement.Founders);
        NodeId[] others = [.. placement.Members.Except(voters)];
        GroupRequest? request = prng.Next(3) switch
        {
            0 => new GroupRequest(GroupWish.Leads, [voters[prng.Next(voters.Count)]]),
            1 when others.Length > 0 && voters.Count < VotersMax =>
                new GroupRequest(GroupWish.Voters, [.. voters.Append(others[prng.Next(others.Length)]).Order()]),
            2 when voters.Count > VotersMin => Without(voters, voters[prng.Next(voters.Count)]),
            _ => null,
        };
        if (request is not null)
        {
            new GroupAsking(world, prng, placement.Shard, request)
            {
                OnReply = reply => _voters[placement.Shard] = reply.Voters,
            }.Begin();
        }

        Start();
    }

    private static GroupRequest Without(IReadOnlyList<NodeId> voters, NodeId removed) =>
        new(GroupWish.Voters, [.. voters.Where(voter => voter != removed)]);
}
