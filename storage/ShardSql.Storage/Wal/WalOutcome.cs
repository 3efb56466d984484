namespace ShardSql.Storage.Wal;

/// <summary>How the end of a log looked when it was read.</summary>
public enum WalOutcome
{
    /// <summary>Nothing lies behind the last good batch.</summary>
    Clean,

    /// <summary>Something unfinished lies behind the last good batch; it was never synced, opening the log cuts it.
    /// </summary>
    TornTail,

    /// <summary>A batch is bad that was once synced: the node must not vote on what it still has, and repairs from its
    /// peers.</summary>
    Damage,
}
