using ShardSql.Execution;
using ShardSql.Primitives;

namespace ShardSql.Storage.Nodes;

/// <summary>A node's place in the cluster and its bounds.</summary>
public sealed record NodeOptions
{
    /// <summary>The <see cref="HorizonLagMs"/> of a node that is not told another.</summary>
    public const long HorizonLagMsDefault = 10_000;

    /// <summary>This node.</summary>
    public required NodeId Self { get; init; }

    /// <summary>The cluster as the node starts.</summary>
    public required ClusterLayout Layout { get; init; }

    /// <summary>Source number of the stamps drawn here: node id and boot counter, never used before.</summary>
    public required ulong StampSource { get; init; }

    /// <summary>Bytes of commands after which an entry is full.</summary>
    public int EntryBytesMax { get; init; } = 64 * 1024;

    /// <summary>Entries of one shard that are proposed and not chosen.</summary>
    public int InFlightMax { get; init; } = 4;

    /// <summary>Settled rows after which a shard is flushed.</summary>
    public int FlushRows { get; init; } = 2_000;

    /// <summary>Log segments after which the shard that pins the oldest is flushed.</summary>
    public int LogSegmentsMax { get; init; } = 4;

    /// <summary>Applied slots that stay in the log for followers that are a little behind.</summary>
    public ulong LogSlotsKept { get; init; } = 10_000;

    /// <summary>Rows that a statement gives in one slice of the loop at most.</summary>
    public int SliceRows { get; init; } = FragmentRun.SliceRows;

    /// <summary>Bytes of one part of the state in the base store; below what the runtime calls a large object.</summary>
    public int StateChunkBytes { get; init; } = 64 * 1024;

    /// <summary>Rows in one part of a snapshot for a follower at most.</summary>
    public int SnapshotRows { get; init; } = 512;

    /// <summary>How far the horizon trails the clock at least, ms: how far back AS OF reads.</summary>
    public long HorizonLagMs { get; init; } = HorizonLagMsDefault;

    /// <summary>How far the closed stamp trails the clock, ms: a slower PREPARE is refused.</summary>
    public long CloseLagMs { get; init; } = 3_000;

    /// <summary>Between two CLOSE and HORIZON entries of a shard with traffic, ms.</summary>
    public long CloseEveryMs { get; init; } = 250;

    /// <summary>A gateway that has not reported its oldest snapshot for so long is dropped, ms: ten reports. Until then what a dead
    /// one read at keeps the horizon back, and with it jobs that wait for readers of older snapshots.</summary>
    public long SnapshotReportMs { get; init; } = 10_000;

    /// <summary>A cursor that nobody reads for so long is closed, ms.</summary>
    public long CursorIdleMs { get; init; } = 60_000;

    /// <summary>Requests and cursors of one shard at once; more are refused (53400).</summary>
    public int TasksMax { get; init; } = 8_192;

    /// <summary>Between two heartbeats of a leader, ms.</summary>
    public long HeartbeatMs { get; init; } = 100;

    /// <summary>Shortest time without a leader before an election, ms.</summary>
    public long ElectionMinMs { get; init; } = 600;

    /// <summary>Longest time without a leader before an election, ms.</summary>
    public long ElectionMaxMs { get; init; } = 1_000;
}
