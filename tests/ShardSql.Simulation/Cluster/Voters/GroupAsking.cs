using System;
using System.Linq;

using ShardSql.Primitives;
using ShardSql.Simulation.Cluster.Gateways;
using ShardSql.Storage.Client;
using ShardSql.Storage.Messages;

namespace ShardSql.Simulation.Cluster.Voters;

/// <summary>A wish of a group that is asked for, at whatever gateway is up, until it holds or takes too long.</summary>
internal sealed class GroupAsking(SimulatedCluster world, Prng prng, ShardId shard, GroupRequest request)
{
    private const long AgainUs = 50_000;
    private const long PatienceUs = 5_000_000;
    private const int AttemptsMax = 100;

    private int _attempts;

    /// <summary>Hears each answer.</summary>
    public Action<GroupReply>? OnReply { get; init; }

    /// <summary>Hears at the end whether the wish holds; not when the load has ended before.</summary>
    public Action<bool>? OnEnd { get; init; }

    public void Begin()
    {
        SimulatedGateway[] up = [.. world.Gateways.Where(static gateway => gateway.IsUp)];
        if (up.Length == 0 || _attempts >= AttemptsMax || !world.WantsLoad)
        {
            OnEnd?.Invoke(false);
            return;
        }

        up[prng.Next(up.Length)].Ask(
            shard,
            RequestKind.Group,
            writer => GroupCodec.Write(writer, request),
            PatienceUs,
            (answer, _, _) => Take(answer));
    }

    private void Take(byte[]? answer)
    {
        if (answer is null)
        {
            OnEnd?.Invoke(false);
            return;
        }

        var reader = new ByteReader(answer);
        GroupReply reply = GroupCodec.ReadReply(ref reader);
        world.Check(!reader.Failed, "a reply about a group can be read");
        OnReply?.Invoke(reply);
        if (!reply.IsDone)
        {
            _attempts++;
            world.Events.After(AgainUs, Begin);
            return;
        }

        if (_attempts > 0)
        {
            world.Reach(request.Wish == GroupWish.Leads ? "leader handed over" : "voters changed");
        }

        OnEnd?.Invoke(true);
    }
}
