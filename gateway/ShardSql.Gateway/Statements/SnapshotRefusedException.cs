using System;
using System.Collections.Generic;

using ShardSql.Primitives;
using ShardSql.Storage.Client;

namespace ShardSql.Gateway.Statements;

/// <summary>
/// A shard did not serve a fragment at this snapshot or with this plan. Caught inside the gateway, which starts the
/// statement again where nothing has been handed out yet.
/// </summary>
internal sealed class SnapshotRefusedException : Exception
{
    public SnapshotRefusedException()
    {
    }

    public SnapshotRefusedException(string message)
        : base(message)
    {
    }

    public SnapshotRefusedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    public SnapshotRefusedException(ShardId shard, ReplyStatus status)
        : base($"shard {shard}: {status}")
    {
        Shard = shard;
        Status = status;
    }

    public ShardId Shard { get; }

    /// <summary>The tables that were to be read.</summary>
    public IReadOnlyCollection<uint> Tables { get; init; } = [];

    public ReplyStatus Status { get; }

    /// <summary>Whether catalog or map were old, rather than the snapshot.</summary>
    public bool IsPlanStale => Status is ReplyStatus.StaleSchema or ReplyStatus.StaleEpoch;
}
