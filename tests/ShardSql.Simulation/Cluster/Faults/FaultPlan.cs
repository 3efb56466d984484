using System.Collections.Generic;

using ShardSql.Primitives;

namespace ShardSql.Simulation.Cluster.Faults;

/// <summary>Draws a seed's faults: which kinds it has at all, when, to whom, for how long.</summary>
internal static class FaultPlan
{
    private const int FaultsMax = 2_000;
    private const long QuietMs = 1_500;

    private static readonly (FaultKind Kind, int Weight, long LengthMeanMs)[] s_kinds =
    [
        (FaultKind.PowerCut, 6, 800),
        (FaultKind.Kill, 6, 500),
        (FaultKind.PowerCutAll, 1, 500),
        (FaultKind.Pause, 5, 600),
        (FaultKind.IsolateNode, 4, 1_500),
        (FaultKind.SplitHalves, 3, 1_500),
        (FaultKind.CutIncoming, 3, 1_500),
        (FaultKind.CutOutgoing, 3, 1_500),
        (FaultKind.CutLink, 4, 2_000),
        (FaultKind.CutGateway, 2, 1_000),
        (FaultKind.ClogLinks, 3, 800),
        (FaultKind.SlowDisk, 3, 2_000),
        (FaultKind.SyncFails, 3, 500),
        (FaultKind.WriteFails, 2, 500),
        (FaultKind.ClockJumps, 3, 0),
        (FaultKind.GatewayCrash, 4, 300),
        (FaultKind.ForcedElection, 4, 0),
        (FaultKind.Wipe, 2, 2_000),
        (FaultKind.DamageData, 3, 500),
        (FaultKind.DiskNearlyFull, 2, 1_000),
        (FaultKind.DiskFull, 2, 1_000),
    ];

    public static List<PlannedFault> Draw(Prng prng, ClusterKnobs knobs, long loadMs)
    {
        var enabled = new List<(FaultKind Kind, int Weight, long LengthMeanMs)>();
        int weights = 0;
        foreach ((FaultKind Kind, int Weight, long LengthMeanMs) kind in s_kinds)
        {
            if (prng.Chance(600_000))
            {
                enabled.Add(kind);
                weights += kind.Weight;
            }
        }

        var faults = new List<PlannedFault>();
        long atMs = QuietMs;
        while (enabled.Count > 0 && faults.Count < FaultsMax)
        {
            atMs += 1 + prng.Exponential(knobs.FaultMeanMs);
            (FaultKind kind, long lengthMeanMs) = Pick(enabled, prng.Next(weights));
            uint who = (uint)prng.Next(1, knobs.Nodes + 1);
            uint other = (uint)prng.Next(1, knobs.Nodes + 1);
            long lengthMs = long.Min(lengthMeanMs == 0 ? 0 : 20 + prng.Exponential(lengthMeanMs), 8_000);
            if (atMs > loadMs)
            {
                break;
            }

            faults.Add(new PlannedFault(faults.Count + 1, atMs, kind, who, other, lengthMs));
        }

        return faults;
    }

    private static (FaultKind Kind, long LengthMeanMs) Pick(
        List<(FaultKind Kind, int Weight, long LengthMeanMs)> enabled, int drawn)
    {
        foreach ((FaultKind kind, int weight, long lengthMeanMs) in enabled)
        {
            if (drawn < weight)
            {
                return (kind, lengthMeanMs);
            }

            drawn -= weight;
        }

        throw new InvariantException("A fault is drawn by its weight.");
    }
}
