using System;

using ShardSql.Primitives;
using ShardSql.Storage.Nodes;

namespace ShardSql.Storage.Hosting;

/// <summary>How a storage node is run.</summary>
public sealed record StorageNodeOptions
{
    /// <summary>This node.</summary>
    public required NodeId Self { get; init; }

    /// <summary>The cluster as it is known when the node starts.</summary>
    public required ClusterLayout Layout { get; init; }

    /// <summary>Makes a newer layout durable, before the node acts on it; null: whoever starts the node has done so.</summary>
    public Action<ClusterLayout>? KeepLayout { get; init; }

    /// <summary>Called when the node has taken a newer layout.</summary>
    public Action<ClusterLayout>? OnLayout { get; init; }

    /// <summary>Where its log and base store lie.</summary>
    public required string Folder { get; init; }

    /// <summary>The base store's adapter: sqlite, rocksdb or memory.</summary>
    public string Store { get; init; } = "sqlite";

    /// <summary>The wall clock.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Called once when the node can go on no more: its log or store failed, or an invariant broke.</summary>
    public Action<NodeId, Exception>? OnFailure { get; init; }

    /// <summary>Changes the core's bounds, for tests.</summary>
    public Func<NodeOptions, NodeOptions>? Tune { get; init; }

    /// <summary>Size of a log segment, bytes.</summary>
    public int LogSegmentBytes { get; init; } = Wal.WalOptions.SegmentBytesDefault;
}
