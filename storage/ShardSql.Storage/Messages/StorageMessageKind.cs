namespace ShardSql.Storage.Messages;

/// <summary>Kinds of messages between nodes, and between gateways and nodes. Numbers are part of the wire format.</summary>
public enum StorageMessageKind : byte
{
    /// <summary>A Paxos message of a shard.</summary>
    Paxos = 1,

    /// <summary>A part of a snapshot for a follower.</summary>
    SnapshotChunk = 2,

    /// <summary>The follower has taken a part of a snapshot.</summary>
    SnapshotTaken = 3,

    /// <summary>A participant's vote, for another participant.</summary>
    Vote = 4,

    /// <summary>Recovery asks a participant for its vote.</summary>
    Query = 5,

    /// <summary>A participant has applied an outcome.</summary>
    Report = 6,

    /// <summary>All votes of a transaction, for a participant.</summary>
    Decide = 7,

    /// <summary>A request that wants a <see cref="Response"/>.</summary>
    Request = 8,

    /// <summary>The answer to a request.</summary>
    Response = 9,

    /// <summary>This node does not lead the shard; perhaps it knows who does.</summary>
    NotLeader = 10,

    /// <summary>The oldest snapshot that a gateway still reads at.</summary>
    OldestSnapshot = 11,

    /// <summary>A cursor is not wanted any more.</summary>
    CloseCursor = 12,

    /// <summary>What a node's wall clock says.</summary>
    Clock = 13,
}

/// <summary>Kinds of requests. Numbers are part of the wire format.</summary>
public enum RequestKind : byte
{
    /// <summary>Run a fragment at a snapshot.</summary>
    Fragment = 1,

    /// <summary>The next batch of a cursor.</summary>
    Continue = 2,

    /// <summary>Commit a single-shard transaction.</summary>
    One = 3,

    /// <summary>Prepare a participant's share.</summary>
    Prepare = 4,

    /// <summary>Vote or refuse.</summary>
    Query = 5,

    /// <summary>What became of a client's transaction.</summary>
    Attempts = 6,

    /// <summary>Counters and roles.</summary>
    Status = 7,

    /// <summary>Log a step of a move, or look at the shard's moves.</summary>
    Move = 8,

    /// <summary>Copies of keys, for a move.</summary>
    Copy = 9,

    /// <summary>Number and checksum of the rows of a segment, at a snapshot.</summary>
    Sum = 10,

    /// <summary>What is prepared and not decided.</summary>
    InDoubt = 11,

    /// <summary>Who votes, and who leads.</summary>
    Group = 12,
}
