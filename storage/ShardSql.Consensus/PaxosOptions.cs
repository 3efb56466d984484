using System.Collections.Generic;

using ShardSql.Primitives;

namespace ShardSql.Consensus;

/// <summary>One replica's place in its group and its clocks. Times are milliseconds of a monotonic clock.</summary>
public sealed record PaxosOptions
{
    /// <summary>The pipeline's bound in production.</summary>
    public const int PipelineMax = 64;

    /// <summary>A candidate further behind than this is refused: it catches up first.</summary>
    public const ulong CandidateLagMax = 1_000;

    /// <summary>Entries in one Accept message.</summary>
    public const int EntriesPerMessageMax = 64;

    /// <summary>Bytes of entries in one Accept message, but at least one entry.</summary>
    public const int BytesPerMessageMax = 1 << 20;

    /// <summary>This replica.</summary>
    public required NodeId Self { get; init; }

    /// <summary>The group's first voters, ascending. What has become of them is in <see cref="Membership"/>.</summary>
    public required IReadOnlyList<NodeId> Founders { get; init; }

    /// <summary>Slots that may be proposed and not yet chosen (α): the same at all replicas, for ever.</summary>
    public int Pipeline { get; init; } = PipelineMax;

    /// <summary>The member that campaigns first when nobody has led yet, so that leaders spread over nodes.</summary>
    public NodeId Preferred { get; init; }

    /// <summary>Between two messages of a leader with nothing to say.</summary>
    public long HeartbeatMs { get; init; } = 100;

    /// <summary>Shortest time without a leader before a campaign.</summary>
    public long ElectionMinMs { get; init; } = 600;

    /// <summary>Longest time without a leader before a campaign.</summary>
    public long ElectionMaxMs { get; init; } = 1_000;

    /// <summary>How long a leader may serve reads after a majority's acknowledgement was asked for.</summary>
    public long LeaseMs { get; init; } = 400;

    /// <summary>
    /// How long a replica that has heard a leader promises nothing to others. Longer than <see cref="LeaseMs"/> by more
    /// than clocks drift in it, so that a new leader finds the old lease over (commit.md §5).
    /// </summary>
    public long RefuseMs { get; init; } = 500;
}
