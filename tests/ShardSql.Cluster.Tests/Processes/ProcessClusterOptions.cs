namespace ShardSql.Cluster.Tests.Processes;

/// <summary>Size and faults of a cluster of processes.</summary>
internal sealed record ProcessClusterOptions
{
    /// <summary>Storage nodes, each a process.</summary>
    public int Nodes { get; init; } = 3;

    /// <summary>Gateways, each a process.</summary>
    public int Gateways { get; init; } = 1;

    /// <summary>Data shards.</summary>
    public int Shards { get; init; } = 3;

    /// <summary>Replicas of each shard.</summary>
    public int Replicas { get; init; } = 3;

    /// <summary>What the nodes' files do when the process is killed.</summary>
    public FileFaults Files { get; init; }

    /// <summary>How long old snapshots stay readable, as the server is told it; null: as long as it does by itself.</summary>
    public string? History { get; init; }

    /// <summary>Where the last node keeps its data, if not beside the others.</summary>
    public string? FolderOfLastNode { get; init; }

    /// <summary>Whether nodes reach each other through <see cref="PeerLinks"/>.</summary>
    public bool HasFaultyLinks { get; init; }
}
