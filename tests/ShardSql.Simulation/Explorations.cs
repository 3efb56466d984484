using System;
using System.Collections.Generic;

using ShardSql.Simulation.Explorer;

namespace ShardSql.Simulation;

/// <summary>The explorations of the <c>explore</c> command: all within two minutes on two cores.</summary>
public static class Explorations
{
    private static readonly PaxosBounds s_voters = new() { Pipeline = 1, Proposals = 0, Restarts = 0, Heartbeats = 0 };

    /// <summary>Voters added and removed, by leaders that know of each other and that do not.</summary>
    public static IReadOnlyList<Func<ExplorerReport>> OfVoters { get; } =
    [
        () => PaxosExplorer.Run(s_voters with { Replicas = 4, Changes = [[1, 2, 3, 4]], Slots = 2, Proposals = 1 }),
        () => PaxosExplorer.Run(s_voters with { Replicas = 4, Changes = [[1, 2, 3, 4], [2, 3, 4]], Slots = 3 }),
        () => PaxosExplorer.Run(s_voters with { Changes = [[1, 2], [2]], Slots = 3, Proposals = 1 }),
        () => PaxosExplorer.Run(s_voters with { Changes = [[1, 2]], Slots = 2, Proposals = 1, Restarts = 1 }),
        () => PaxosExplorer.Run(s_voters with { Changes = [[1, 2]], Slots = 1, Proposals = 1, Restarts = 1, LosesDisk = true }),
        () => PaxosExplorer.Run(s_voters with { Replicas = 4, Changes = [[1, 2, 4]], Slots = 2, Proposals = 1 }),
        () => PaxosExplorer.Run(s_voters with { Changes = [[1]], Slots = 2, Proposals = 1, Pipeline = 2 }),
        () => PaxosExplorer.Run(s_voters with { Changes = [[3]], Slots = 3, Pipeline = 2 }),
    ];

    /// <summary>Each is run to its end.</summary>
    public static IReadOnlyList<Func<ExplorerReport>> All { get; } =
    [
        () => PaxosExplorer.Run(new PaxosBounds { Slots = 2, Proposals = 1, Restarts = 1, Heartbeats = 0 }),
        () => PaxosExplorer.Run(new PaxosBounds { Slots = 2, Proposals = 1, Restarts = 0, Heartbeats = 1 }),
        () => PaxosExplorer.Run(new PaxosBounds { Slots = 1, Proposals = 1, Restarts = 1, Rejections = true }),
        () => PaxosExplorer.Run(new PaxosBounds
        {
            Slots = 1, CampaignsOfFirst = 2, CampaignsOfSecond = 2, Proposals = 1, Restarts = 0, Heartbeats = 0,
        }),
        () => PaxosExplorer.Run(new PaxosBounds { Slots = 1, Proposals = 1, Heartbeats = 1, LosesDisk = true }),
        .. OfVoters,
        () => CommitExplorer.Run(new CommitBounds { Workload = CommitWorkload.WriteSkew, LeaderChanges = 2 }),
        () => CommitExplorer.Run(new CommitBounds { Workload = CommitWorkload.ReadModifyWrite, LeaderChanges = 2 }),
        () => CommitExplorer.Run(new CommitBounds { Workload = CommitWorkload.BlindWrites, LeaderChanges = 2 }),
        () => CommitExplorer.Run(new CommitBounds { Workload = CommitWorkload.Crossing, LeaderChanges = 2 }),
        () => CommitExplorer.Run(new CommitBounds { Workload = CommitWorkload.WriteSkew, LeaderChanges = 0, WithOne = true }),
        () => CommitExplorer.Run(new CommitBounds { Workload = CommitWorkload.Move }),
        () => CommitExplorer.Run(new CommitBounds { Workload = CommitWorkload.MoveWithWrongStamps }),
        () => CommitExplorer.Run(new CommitBounds { Workload = CommitWorkload.MoveUnderCross, LeaderChanges = 0 }),
    ];
}
