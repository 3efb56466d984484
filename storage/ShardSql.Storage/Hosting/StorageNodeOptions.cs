using System;
using System.Globalization;

using ShardSql.Primitives;
using ShardSql.Storage.Nodes;

namespace ShardSql.Storage.Hosting;

/// <summary>How a storage node is run.</summary>
public sealed record StorageNodeOptions
{
    /// <summary>The <see cref="History"/> of a node that is not told another.</summary>
    public static readonly TimeSpan HistoryDefault = TimeSpan.FromMilliseconds(NodeOptions.HorizonLagMsDefault);

    /// <summary>The shortest <see cref="History"/>.</summary>
    public static readonly TimeSpan HistoryMin = TimeSpan.FromMilliseconds(500);

    /// <summary>The longest <see cref="History"/>: versions newer than the horizon are in memory.</summary>
    public static readonly TimeSpan HistoryMax = TimeSpan.FromHours(1);

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

    /// <summary>How long a snapshot that nobody holds stays readable: how far back AS OF reads. A shard has its
    /// leader's.</summary>
    /// <exception cref="ArgumentException">Below <see cref="HistoryMin"/> or above <see cref="HistoryMax"/>.</exception>
    public TimeSpan History
    {
        get;
        init => field = value >= HistoryMin && value <= HistoryMax
            ? value
            : throw new ArgumentException(string.Create(
                CultureInfo.InvariantCulture,
                $"the history must be from {HistoryMin.TotalMilliseconds:0} ms to {HistoryMax.TotalMinutes:0} minutes; it was {value.TotalMilliseconds:0} ms"));
    } = HistoryDefault;

    /// <summary>The wall clock.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Called once when the node can go on no more: its log or store failed, or an invariant broke.</summary>
    public Action<NodeId, Exception>? OnFailure { get; init; }

    /// <summary>Changes the core's bounds, for tests.</summary>
    public Func<NodeOptions, NodeOptions>? Tune { get; init; }

    /// <summary>Size of a log segment, bytes.</summary>
    public int LogSegmentBytes { get; init; } = Wal.WalOptions.SegmentBytesDefault;
}
