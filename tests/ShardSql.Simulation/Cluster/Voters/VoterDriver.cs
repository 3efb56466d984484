using System.Collections.Generic;
using System.Linq;

using ShardSql.Primitives;
using ShardSql.Simulation.Cluster.Gateways;
using ShardSql.Storage.Client;
using ShardSql.Storage.Messages;
using ShardSql.Storage.Nodes;

namespace ShardSql.Simulation.Cluster.Voters;

/// <summary>Asks for voters to be added and removed and for leaders to hand over, drawn from the seed, at whatever gateway
/// is up; gives up what takes too long.</summary>
internal sealed class VoterDriver(SimulatedCluster world, Prng prng)
{
    private const long BetweenMeanUs = 700_000;
    private const long AgainUs = 50_000;
    private const long PatienceUs = 5_000_000;
    private const int AttemptsMax = 100;
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
            Ask(placement.Shard, request, 0);
        }

        Start();
    }

    private static GroupRequest Without(IReadOnlyList<NodeId> voters, NodeId removed) =>
        new(GroupWish.Voters, [.. voters.Where(voter => voter != removed)]);

    private void Ask(ShardId shard, GroupRequest request, int attempt)
    {
        SimulatedGateway[] up = [.. world.Gateways.Where(static gateway => gateway.IsUp)];
        if (up.Length == 0 || attempt >= AttemptsMax || !world.WantsLoad)
        {
            return;
        }

        up[prng.Next(up.Length)].Ask(
            shard,
            RequestKind.Group,
            writer => GroupCodec.Write(writer, request),
            PatienceUs,
            (answer, _, _) =>
            {
                if (answer is null)
                {
                    return;
                }

                var reader = new ByteReader(answer);
                GroupReply reply = GroupCodec.ReadReply(ref reader);
                world.Check(!reader.Failed, "a reply about a group can be read");
                _voters[shard] = reply.Voters;
                if (!reply.IsDone)
                {
                    world.Events.After(AgainUs, () => Ask(shard, request, attempt + 1));
                }
                else if (attempt > 0)
                {
                    world.Reach(request.Wish == GroupWish.Leads ? "leader handed over" : "voters changed");
                }
            });
    }
}
