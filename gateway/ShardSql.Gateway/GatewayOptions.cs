using System;
using System.Collections.Generic;

using ShardSql.Planning.TransactionGraph;
using ShardSql.Primitives;

namespace ShardSql.Gateway;

/// <summary>What a gateway is told when it is made.</summary>
public sealed record GatewayOptions
{
    /// <summary>The cluster's one database.</summary>
    public string Database { get; init; } = "shardsql";

    /// <summary>Id of the cluster, if this gateway is the first in it; else the stored one holds.</summary>
    public Guid ClusterId { get; init; } = Guid.NewGuid();

    /// <summary>Data shards of a cluster that is new; empty: it must have been initialized before.</summary>
    public IReadOnlyList<ShardId> DataShards { get; init; } = [];

    /// <summary>Number of the stamp source; null: the system shard gives out the next one.</summary>
    public ulong? SourceNumber { get; init; }

    /// <summary>Names the sessions of the gateway's own transactions; null: at random.</summary>
    internal Func<UInt128>? NewSession { get; init; }

    /// <summary>Sixteen bytes, never the same twice: hidden keys, deltas and gen_random_uuid().</summary>
    internal Func<byte[]> NewId { get; init; } = static () => Guid.NewGuid().ToByteArray(bigEndian: true);

    /// <summary>Sessions at once (53300).</summary>
    public int MaxSessions { get; init; } = GatewayLimits.DefaultMaxSessions;

    /// <summary>What all sessions may buffer together (53200).</summary>
    public long MaxMemoryBytes { get; init; } = 512L * 1024 * 1024;

    /// <summary>How much of the transactions' graph is kept; null: nothing is.</summary>
    public TelemetryOptions? Graph { get; init; } = new() { SampleEvery = GatewayLimits.SampleEvery };

    /// <summary>How eagerly it does what the cluster's settings allow it to do by itself.</summary>
    public AutomaticOptions Automatic { get; init; } = new();

    /// <summary>What one session may buffer (53200).</summary>
    public long MaxSessionMemoryBytes { get; init; } = 128L * 1024 * 1024;
}
