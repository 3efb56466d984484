using System.Collections.Generic;

using ShardSql.Primitives;
using ShardSql.Transactions;

namespace ShardSql.Storage.Client;

/// <summary>Runs a fragment at a snapshot (commit.md §2).</summary>
public sealed class FragmentRequest
{
    /// <summary>The snapshot b.</summary>
    public HlcTimestamp Begin { get; init; }

    /// <summary>
    /// The transaction has read nothing yet and reads here alone for now: the leader draws the snapshot itself, above
    /// <see cref="Begin"/> and all that it has stamped or applied, so nothing acknowledged at this shard is missed
    /// whichever gateway it went through.
    /// </summary>
    public bool AtNewest { get; init; }

    /// <summary>plan.proto's Fragment.</summary>
    public byte[] Fragment { get; init; } = [];

    /// <summary>Parameters as one row of ShardSql.Sql's RowCodec.</summary>
    public byte[] Parameters { get; init; } = [];

    /// <summary>Guards the plan was made with.</summary>
    public IReadOnlyList<Guard> Guards { get; init; } = [];

    /// <summary>The transaction's own buffered writes at this shard, seen by the fragment over what is stored.</summary>
    public IReadOnlyList<KeyWrite> Overlay { get; init; } = [];

    /// <summary>Whether the reply shall carry the read set; not needed for a read-only autocommit statement.</summary>
    public bool WantReadSet { get; init; }

    /// <summary>Whether a shard that a segment has left may serve what it was below the switch: the transaction has no
    /// writes, which may be placed by a newer map.</summary>
    public bool ReadsFormer { get; init; }

    /// <summary>Bytes of rows after which the reply ends with a cursor.</summary>
    public int BatchBytes { get; set; } = 64 * 1024;

    /// <summary>Whether the replies shall say where the time went.</summary>
    public bool WantTimes { get; set; }
}

/// <summary>How a request at a shard ended.</summary>
public enum ReplyStatus : byte
{
    /// <summary>It was served.</summary>
    Ok = 0,

    /// <summary>
    /// Met a version overwritten by a committed U with c(U) &gt; b and π(U) ≤ b: read at a new b, or have the reads
    /// validated. The rows are there when the read set was asked for.
    /// </summary>
    Retry = 1,

    /// <summary>The snapshot is below the horizon (72000).</summary>
    SnapshotTooOld = 2,

    /// <summary>A table version does not hold any more.</summary>
    StaleSchema = 3,

    /// <summary>A segment lives elsewhere now.</summary>
    StaleEpoch = 4,

    /// <summary>The statement itself failed: SqlState and text are set.</summary>
    Failed = 5,

    /// <summary>b is ahead of the leader's clock by more than the allowed skew.</summary>
    TooFarAhead = 6,

    /// <summary>The cursor is not there (any more): its leader changed or it was idle for too long.</summary>
    NoCursor = 7,

    /// <summary>The shard has too much to do (53400); try later.</summary>
    Overloaded = 8,

    /// <summary>The leader's disk is nearly full and it takes no writes (53100).</summary>
    DiskFull = 9,
}

/// <summary>An error of a statement, found at a shard.</summary>
public sealed record StatementFailure(
    string SqlState, string Message, string? Detail, string? Hint, string? Constraint, string? Table, string? Column)
{
    /// <summary>Writes the failure.</summary>
    public void Write(ByteWriter writer)
    {
        writer.WriteString(SqlState);
        writer.WriteString(Message);
        writer.WriteString(Detail ?? "");
        writer.WriteString(Hint ?? "");
        writer.WriteString(Constraint ?? "");
        writer.WriteString(Table ?? "");
        writer.WriteString(Column ?? "");
    }

    /// <summary>Reads a failure.</summary>
    public static StatementFailure Read(ref ByteReader reader) => new(
        reader.ReadString(),
        reader.ReadString(),
        ReadOptional(ref reader),
        ReadOptional(ref reader),
        ReadOptional(ref reader),
        ReadOptional(ref reader),
        ReadOptional(ref reader));

    private static string? ReadOptional(ref ByteReader reader) => reader.ReadString() is { Length: > 0 } text ? text : null;
}

/// <summary>A batch of a fragment's rows, and at its end what it read and would write.</summary>
public sealed class FragmentReply
{
    /// <summary>How it ended.</summary>
    public ReplyStatus Status { get; init; }

    /// <summary>The snapshot that was read: the request's, or the one drawn for <see cref="FragmentRequest.AtNewest"/>;
    /// Zero when nothing was read.</summary>
    public HlcTimestamp Begin { get; init; }

    /// <summary>Rows in RowCodec, one after another.</summary>
    public byte[] Rows { get; init; } = [];

    /// <summary>How many rows.</summary>
    public int RowCount { get; init; }

    /// <summary>Not 0: there is more, ask with ContinueAsync.</summary>
    public ulong Cursor { get; init; }

    /// <summary>Rows changed; the statement's count.</summary>
    public long RowsAffected { get; init; }

    /// <summary>Of a fragment of several statements: what each has given in this batch and has changed so far, up to
    /// the one that runs, or that failed. Empty for a fragment of one statement.</summary>
    public IReadOnlyList<StatementCount> Statements { get; init; } = [];

    /// <summary>What the fragment writes; the gateway buffers it until commit.</summary>
    public List<KeyWrite> Writes { get; init; } = [];

    /// <summary>Keys read in this batch.</summary>
    public List<KeyRead> Reads { get; init; } = [];

    /// <summary>Ranges read in this batch.</summary>
    public List<KeyRange> Ranges { get; init; } = [];

    /// <summary>Smallest sstamp of the versions read: lets the gateway abort early once π ≤ η.</summary>
    public HlcTimestamp PiHint { get; init; } = HlcTimestamp.Infinity;

    /// <summary>Largest cstamp of the versions read.</summary>
    public HlcTimestamp EtaHint { get; init; }

    /// <summary>A stamp the gateway must move past (the ceiling or floor that stood in the way), or Zero.</summary>
    public HlcTimestamp MovePast { get; init; }

    /// <summary>Set when <see cref="Status"/> is Failed; of several statements the last of
    /// <see cref="Statements"/> failed.</summary>
    public StatementFailure? Failure { get; init; }

    /// <summary>Where the time went, of the whole fragment up to now; only where it was asked for.</summary>
    public RequestTimes? Times { get; set; }
}
