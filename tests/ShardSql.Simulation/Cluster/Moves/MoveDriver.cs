using System.Collections.Generic;
using System.Linq;

using ShardSql.Planning.Maps;
using ShardSql.Primitives;
using ShardSql.Simulation.Cluster.Gateways;

namespace ShardSql.Simulation.Cluster.Moves;

/// <summary>Asks for moves of segments, drawn from the seed, at whatever gateway is up, and changes its mind about some.
/// </summary>
internal sealed class MoveDriver(SimulatedCluster world, Prng prng)
{
    private const long BetweenMeanUs = 1_000_000;
    private const int OpenJobsMax = 5;
    private const int CancelsPerMillion = 150_000;
    private const long CancelMeanUs = 400_000;

    private long _jobs;

    /// <summary>Begins, and goes on as long as there is load.</summary>
    public void Start() => world.Events.After(prng.Exponential(BetweenMeanUs), Next);

    private void Next()
    {
        if (!world.WantsLoad)
        {
            return;
        }

        List<SimulatedGateway> up = [.. world.Gateways.Where(gateway => gateway is { IsUp: true, Moves.IsReady: true })];
        if (up.Count > 0 && world.Gateways.Max(static gateway => gateway.Moves!.OpenJobs) < OpenJobsMax)
        {
            SimulatedGateway gateway = up[prng.Next(up.Count)];
            var moves = (GatewayMoves)gateway.Moves!;
            IReadOnlyList<Segment> segments = moves.Catalog.Current.Map.Segments;
            Segment segment = segments[prng.Next(segments.Count)];
            ShardId[] others = [.. world.DataShards.Where(shard => shard != segment.Shard)];
            if (others.Length > 0)
            {
                long job = ++_jobs;
                ShardId target = others[prng.Next(others.Length)];
                gateway.Start(() => moves.PutAsync(job, segment, target));
                if (prng.Chance(CancelsPerMillion))
                {
                    world.Events.After(
                        prng.Exponential(CancelMeanUs), () => gateway.Start(() => moves.CancelAsync(job)));
                }
            }
        }

        Start();
    }
}
