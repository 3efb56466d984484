using System;
using System.Collections.Generic;

using ShardSql.Storage.Hosting;

namespace ShardSql.Gateway.Hosting;

/// <summary>One process of a cluster of several.</summary>
public sealed record ServeOptions
{
    /// <summary>What it does.</summary>
    public ServerRole Role { get; init; } = ServerRole.Both;

    /// <summary>Where it listens.</summary>
    public string Listen { get; init; } = "127.0.0.1:7400";

    /// <summary>Where its node keeps log and store.</summary>
    public string Data { get; init; } = "./data";

    /// <summary>The base store: sqlite, rocksdb or memory.</summary>
    public string Store { get; init; } = "sqlite";

    /// <summary>How long a snapshot that nobody holds stays readable: how far back <c>AS OF</c> reads before it ends in 72000.
    /// From 500 ms to one hour, and the same at all nodes: a shard has its leader's.</summary>
    public TimeSpan History { get; init; } = StorageNodeOptions.HistoryDefault;

    /// <summary>Processes of the cluster to ask for its layout; none: it is in the data folder.</summary>
    public IReadOnlyList<string> Join { get; init; } = [];

    /// <summary>The node's number in the cluster; 0: the data folder knows.</summary>
    public uint NodeId { get; init; }
}

/// <summary>A cluster that is made.</summary>
public sealed record InitOptions
{
    /// <summary>Where the layout is written.</summary>
    public string Data { get; init; } = "./data";

    /// <summary>Addresses of the nodes, in the order of their numbers from 1.</summary>
    public IReadOnlyList<string> Nodes { get; init; } = [];

    /// <summary>Data shards.</summary>
    public int Shards { get; init; } = 3;

    /// <summary>Replicas of each shard.</summary>
    public int Replicas { get; init; } = 3;
}
