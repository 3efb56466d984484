using System.Collections.Generic;

using ShardSql.Simulation.Cluster.Faults;

namespace ShardSql.Simulation.Cluster;

/// <summary>
/// Clusters whose followers need snapshots all the time, over slow base stores and with messages that come twice, while
/// leaders change and the power fails: everything that can happen between two steps of a flush or of a snapshot.
/// </summary>
public static class StoreUnderStress
{
    private const long LoadMs = 15_000;
    private const long EveryMs = 250;
    private const int NodeCount = 3;

    /// <summary>A run from a seed.</summary>
    public static ClusterOptions From(ulong seed) => new()
    {
        Seed = seed,
        LoadMs = LoadMs,
        Plan = Faults(seed),
        Tune = knobs => knobs with
        {
            Nodes = NodeCount,
            Replicas = NodeCount,
            Shards = 2,
            Clients = 8,
            ThinkMeanUs = 20_000,
            DelayMinUs = 500,
            DelayMeanUs = 2_000,
            Loss = 2_000,
            Duplication = 200_000,
            SyncMeanUs = 2_000,
            StoreMeanUs = 30_000,
            SegmentBytes = 16 * 1024,
            SegmentsMax = 2,
            FlushRows = seed % 2 == 0 ? 1_000 : 5,
            SlotsKept = 2,
            SnapshotRows = 3,
            StateChunkBytes = 2 * 1024,
            HorizonLagMs = 500,
            CloseLagMs = 500,
            CloseEveryMs = 200,
        },
    };

    private static List<PlannedFault> Faults(ulong seed)
    {
        (FaultKind Kind, long LengthMs)[] kinds =
        [
            (FaultKind.IsolateNode, 900), (FaultKind.ForcedElection, 0), (FaultKind.PowerCut, 150),
            (FaultKind.IsolateNode, 500), (FaultKind.ForcedElection, 0), (FaultKind.Kill, 100),
        ];
        var faults = new List<PlannedFault>();
        for (int i = 0; 1_000 + (i * EveryMs) < LoadMs - 1_000; i++)
        {
            uint who = 1 + (uint)((seed + (ulong)(i * 7 / 2)) % NodeCount);
            (FaultKind kind, long lengthMs) = kinds[i % kinds.Length];
            faults.Add(new PlannedFault(i + 1, 1_000 + (i * EveryMs), kind, who, (uint)i % 2, lengthMs));
        }

        return faults;
    }
}
