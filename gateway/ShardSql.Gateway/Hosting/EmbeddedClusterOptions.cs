using System;

using ShardSql.Storage.Hosting;

namespace ShardSql.Gateway.Hosting;

/// <summary>A whole cluster in one process.</summary>
public sealed record EmbeddedClusterOptions
{
    /// <summary>Its name, unique in the process: <c>Server=inproc:NAME</c>.</summary>
    public string Name { get; init; } = "shardsql";

    /// <summary>Storage nodes.</summary>
    public int Nodes { get; init; } = 3;

    /// <summary>Data shards; the system shard comes on top.</summary>
    public int Shards { get; init; } = 3;

    /// <summary>Replicas of each shard; 0: three, or as many as there are nodes.</summary>
    public int Replicas { get; init; }

    /// <summary>Where nodes keep their logs and stores, a folder for each below it; null: in memory, gone at the
    /// end.</summary>
    public string? Folder { get; init; }

    /// <summary>The base store: sqlite, rocksdb or memory.</summary>
    public string Store { get; init; } = "sqlite";

    /// <summary>How long a snapshot that nobody holds stays readable: how far back <c>AS OF</c> reads before it ends in 72000,
    /// and how long a table that is rewritten waits at least. From 500 ms to one hour.</summary>
    public TimeSpan History { get; init; } = StorageNodeOptions.HistoryDefault;

    /// <summary>One of so many committed transactions is looked at for SHOW HOT KEYS and SHOW GRAPH; 0: none is.</summary>
    public int GraphSampleEvery { get; init; } = GatewayLimits.SampleEvery;

    /// <summary>The one database.</summary>
    public string Database { get; init; } = "shardsql";
}
