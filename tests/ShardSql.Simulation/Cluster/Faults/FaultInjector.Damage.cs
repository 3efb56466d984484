using System;
using System.Linq;

using ShardSql.Primitives;
using ShardSql.Simulation.Cluster.Gateways;
using ShardSql.Simulation.Cluster.Nodes;

namespace ShardSql.Simulation.Cluster.Faults;

/// <content>Data that is lost, and clocks that are wrong: never at more machines than the cluster promises to bear.
/// </content>
internal sealed partial class FaultInjector
{
    private const int JumpMaxMs = 2_000;
    private const int FarJumpMaxMs = 30_000;
    private const int GatewayJumpMaxMs = 3_600_000;
    private const int FarJumps = 300_000;

    /// <summary>How far ahead a node's clock was set at most, ms: a shard that was led by it takes nothing earlier.
    /// </summary>
    public long FarthestAheadMs { get; private set; }

    // One at a time: of a group of three, two that have forgotten could have chosen anything.
    private bool MayLose(SimulatedNode node) =>
        node.Core is not null && world.Nodes.All(each => !each.IsWiped && !each.IsDamaged);

    private void Wipe(SimulatedNode node, long lengthMs)
    {
        if (!MayLose(node))
        {
            return;
        }

        tally.Add("wiped");
        node.Stop(losesUnsynced: true);
        node.Wipe();
        node.Start();
        Later(lengthMs, () =>
        {
            GiveFolderBack(node);
            if (node.Core is null)
            {
                node.Start();
            }
        });
    }

    private static void GiveFolderBack(SimulatedNode node)
    {
        if (!node.IsWiped)
        {
            return;
        }

        if (node.Core is not null)
        {
            node.Stop(losesUnsynced: false);
        }

        node.GiveFolderBack();
    }

    private void DamageData(SimulatedNode node, bool damagesLog, long lengthMs)
    {
        if (!MayLose(node))
        {
            return;
        }

        Stop(node, losesUnsynced: true, lengthMs);
        if (!damagesLog)
        {
            tally.Add("store damaged");
            node.DamageStore();
        }
        else if (node.DamageLog())
        {
            tally.Add("log damaged");
        }
    }

    // The clocks of most nodes stay near each other: they are what the others are corrected by.
    private void Jump(SimulatedNode node)
    {
        bool isFar = prng.Chance(FarJumps)
            && world.Nodes.All(each => each == node || Math.Abs(each.Clock.OffsetMs) <= JumpMaxMs);
        int most = isFar ? FarJumpMaxMs : JumpMaxMs;
        node.Clock.OffsetMs = prng.Next(-most, most + 1);
        FarthestAheadMs = long.Max(FarthestAheadMs, node.Clock.OffsetMs);
        if (prng.Chance(500_000))
        {
            SimulatedGateway gateway = world.Gateways[prng.Next(world.Gateways.Count)];
            int far = prng.Chance(FarJumps) ? GatewayJumpMaxMs : JumpMaxMs;
            gateway.Clock.OffsetMs = prng.Next(-far, far + 1);
        }
    }
}
