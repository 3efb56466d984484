namespace ShardSql.Simulation.Explorer;

/// <summary>A careless commit protocol that the explorer must find out (studies/commit.md §3.1).</summary>
public enum CommitDefect
{
    /// <summary>None.</summary>
    None,

    /// <summary>A query for a transaction without a vote is answered with a no that is not logged.</summary>
    VolatileRefusal,

    /// <summary>A vote is sent before its entry is chosen.</summary>
    VoteBeforeChosen,

    /// <summary>The gateway says "aborted" without a durable no.</summary>
    AbortsAlone,
}

/// <summary>What the two transactions do. Both read before either commits.</summary>
public enum CommitWorkload
{
    /// <summary>Both read x and y; one writes x, the other y.</summary>
    WriteSkew,

    /// <summary>Both read and write x and y.</summary>
    ReadModifyWrite,

    /// <summary>Both write x and y without reading.</summary>
    BlindWrites,

    /// <summary>One reads x and writes y, the other reads y and writes x.</summary>
    Crossing,

    /// <summary>The segment of x moves to the shard of y; one transaction changes x at the old owner, with a smaller stamp
    /// than the switch, and one at the new, with a larger.</summary>
    Move,

    /// <summary>The same with stamps on the wrong sides of the switch.</summary>
    MoveWithWrongStamps,

    /// <summary>While x moves, one transaction reads it at the old owner and writes y, another writes it at the new one.
    /// </summary>
    MoveUnderCross,
}

/// <summary>The bounds of an exploration of two shards and two transactions over both.</summary>
public sealed record CommitBounds
{
    /// <summary>What the transactions do.</summary>
    public required CommitWorkload Workload { get; init; }

    /// <summary>Leader changes, over both shards.</summary>
    public int LeaderChanges { get; init; } = 1;

    /// <summary>Whether a single-shard transaction on x, with a stamp between the others', takes part.</summary>
    public bool WithOne { get; init; }

    /// <summary>Whether a segment moves.</summary>
    internal bool HasMove =>
        Workload is CommitWorkload.Move or CommitWorkload.MoveWithWrongStamps or CommitWorkload.MoveUnderCross;

    /// <summary>States after which the exploration gives up.</summary>
    public long StatesMax { get; init; } = 20_000_000;

    /// <summary>A defect to find.</summary>
    public CommitDefect Defect { get; init; }
}
