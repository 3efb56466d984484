using System.Collections.Generic;

using ShardSql.Consensus;

namespace ShardSql.Simulation.Explorer;

/// <summary>A defect that the explorer must find: what a careless driver of the replica could do.</summary>
public enum PaxosDefect
{
    /// <summary>None.</summary>
    None,

    /// <summary>A restart forgets the promise.</summary>
    ForgetsPromise,

    /// <summary>A restart forgets what was accepted.</summary>
    ForgetsAccepted,

    /// <summary>Messages do not wait for the disk.</summary>
    SendsBeforeSync,

    /// <summary>A restart finds nothing, and goes on as if there had been nothing.</summary>
    VotesAfterAmnesia,
}

/// <summary>The bounds of an exploration of a few replicas.</summary>
public sealed record PaxosBounds
{
    /// <summary>Replicas; three of them found the group, whoever comes after them may be made a voter.</summary>
    public int Replicas { get; init; } = 3;

    /// <summary>Voters that a leader may propose, each list once, by the numbers of replicas.</summary>
    public IReadOnlyList<IReadOnlyList<uint>> Changes { get; init; } = [];

    /// <summary>The pipeline's bound α.</summary>
    public int Pipeline { get; init; } = PaxosOptions.PipelineMax;

    /// <summary>Slots used.</summary>
    public int Slots { get; init; } = 2;

    /// <summary>Campaigns of replica 1.</summary>
    public int CampaignsOfFirst { get; init; } = 1;

    /// <summary>Campaigns of replica 2.</summary>
    public int CampaignsOfSecond { get; init; } = 1;

    /// <summary>Values that each leader may propose.</summary>
    public int Proposals { get; init; } = 2;

    /// <summary>Heartbeats of each leader, besides the one that begins its leadership.</summary>
    public int Heartbeats { get; init; } = 1;

    /// <summary>Restarts of replica 1 or 3; only synced records are left then.</summary>
    public int Restarts { get; init; } = 1;

    /// <summary>Whether what restarts finds nothing on its disk, and knows that it lost it.</summary>
    public bool LosesDisk { get; init; }

    /// <summary>
    /// Whether refusals of a lower ballot are delivered. They only make a leader or candidate give up earlier, so the
    /// larger explorations go without.
    /// </summary>
    public bool Rejections { get; init; }

    /// <summary>
    /// Whether promises and acknowledgements are delivered to one that is not at their ballot any more. It ignores them,
    /// so the larger explorations go without.
    /// </summary>
    public bool LateReplies { get; init; }

    /// <summary>States after which the exploration gives up.</summary>
    public long StatesMax { get; init; } = 20_000_000;

    /// <summary>A defect to find.</summary>
    public PaxosDefect Defect { get; init; }
}
