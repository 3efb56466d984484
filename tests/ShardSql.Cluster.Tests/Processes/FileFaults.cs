namespace ShardSql.Cluster.Tests.Processes;

/// <summary>What a node's files do when its process is killed.</summary>
internal enum FileFaults
{
    /// <summary>They are the system's: its page cache outlives the process.</summary>
    None,

    /// <summary>They lose what was not synced.</summary>
    LoseUnsynced,

    /// <summary>They lose everything since the start: the sync says that it is done and does nothing.</summary>
    LieAboutSync,

    /// <summary>They lose what was not synced, and after a while every sync fails with EIO.</summary>
    FailSync,
}
