using System.Globalization;

namespace ShardSql.Simulation.Cluster.Faults;

/// <summary>What goes wrong.</summary>
internal enum FaultKind
{
    PowerCut,
    Kill,
    PowerCutAll,
    Pause,
    IsolateNode,
    SplitHalves,
    CutIncoming,
    CutOutgoing,
    CutLink,
    CutGateway,
    ClogLinks,
    SlowDisk,
    SyncFails,
    WriteFails,
    ClockJumps,
    GatewayCrash,
    ForcedElection,
    Wipe,
    DamageData,
    DiskNearlyFull,
    DiskFull,
}

/// <summary>A fault that a seed has planned: all of it is drawn beforehand, so that leaving one out moves no other.
/// </summary>
internal sealed record PlannedFault(int Number, long AtMs, FaultKind Kind, uint Who, uint Other, long LengthMs)
{
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"#{Number} at {AtMs} ms {Kind} {Who} {Other} for {LengthMs} ms");
}
