using System.Collections.Generic;

using ShardSql.Primitives;

namespace ShardSql.Transactions;

/// <summary>Why a shard said no. The number is part of the log format and never changes.</summary>
public enum RefusalReason : byte
{
    /// <summary>It said yes.</summary>
    None = 0,

    /// <summary>η ≥ π: the exclusion window is violated.</summary>
    Window = 1,

    /// <summary>It met an undecided transaction with a larger stamp; a new attempt under a new stamp may pass.</summary>
    Late = 2,

    /// <summary>It met an undecided transaction with a smaller stamp; a new attempt may pass.</summary>
    Busy = 3,

    /// <summary>The snapshot is older than what the shard keeps (72000).</summary>
    SnapshotTooOld = 4,

    /// <summary>The plan's table version does not hold any more; plan again.</summary>
    StaleSchema = 5,

    /// <summary>The segment is owned elsewhere now; look at the map again.</summary>
    StaleEpoch = 6,

    /// <summary>The stamp is at or below the shard's closed stamp; draw a newer one.</summary>
    Closed = 7,

    /// <summary>A recoverer refused it before its PREPARE came.</summary>
    Refused = 8,

    /// <summary>What was read to evaluate the statement is not the newest any more; evaluate again.</summary>
    StaleEvaluation = 9,

    /// <summary>The same transaction id came with other content (08P01).</summary>
    OtherContent = 10,

    /// <summary>
    /// The shard has no vote, and may have forgotten a yes after every participant had applied the outcome: a no to
    /// participants, who would not ask then, and an unknown outcome to the client (40003).
    /// </summary>
    Forgotten = 11,

    /// <summary>The leader's disk is nearly full (53100).</summary>
    DiskFull = 12,

    /// <summary>The segment is fenced, because it is about to move; look at the map again in a moment.</summary>
    Moving = 13,

    /// <summary>A switch that does not fit the move any more: another runner has it, or not all is staged.</summary>
    StaleMove = 14,

    /// <summary>It would take more from a quota than is there; it may be elsewhere.</summary>
    NoQuota = 15,
}

/// <summary>One participant's durable vote; the outcome is a pure function of all of them (commit.md §3).</summary>
/// <param name="Shard">Who voted.</param>
/// <param name="Ok">Whether the shard agrees.</param>
/// <param name="Eta">η_i, the newest thing the transaction must come after, as seen here.</param>
/// <param name="Pi">π_i, the oldest thing it must come before.</param>
/// <param name="Reason">Why not.</param>
/// <param name="Key">The key in conflict, cut; null when there is none.</param>
/// <param name="Other">The transaction in conflict, if known.</param>
public sealed record Vote(
    ShardId Shard,
    bool Ok,
    HlcTimestamp Eta,
    HlcTimestamp Pi,
    RefusalReason Reason = RefusalReason.None,
    byte[]? Key = null,
    TxnId Other = default)
{
    /// <summary>Bytes of a key in conflict that are kept.</summary>
    public const int KeyLengthMax = 64;

    /// <summary>Writes the vote.</summary>
    public void Write(ByteWriter writer)
    {
        writer.WriteVarint(Shard.Value);
        writer.WriteBoolean(Ok);
        writer.WriteStamp(Eta);
        writer.WriteStamp(Pi);
        writer.WriteByte((byte)Reason);
        writer.WriteNullableBytes(Key);
        writer.WriteTxnId(Other);
    }

    /// <summary>Reads a vote.</summary>
    public static Vote Read(ref ByteReader reader) => new(
        new ShardId(reader.ReadVarint32()),
        reader.ReadBoolean(),
        reader.ReadStamp(),
        reader.ReadStamp(),
        (RefusalReason)reader.ReadByte(),
        reader.ReadNullableBytes(),
        reader.ReadTxnId());

    /// <summary>
    /// The outcome once all participants have voted: commit iff all agree and max η_i &lt; min(c, π_i) (§3, step 4).
    /// </summary>
    /// <param name="stamp">c(T).</param>
    /// <param name="votes">One vote of every participant.</param>
    public static Decision Decide(HlcTimestamp stamp, IReadOnlyList<Vote> votes)
    {
        HlcTimestamp eta = HlcTimestamp.Zero;
        HlcTimestamp pi = stamp;
        Vote? no = null;
        foreach (Vote vote in votes)
        {
            no ??= vote.Ok ? null : vote;
            eta = HlcTimestamp.Max(eta, vote.Eta);
            pi = HlcTimestamp.Min(pi, vote.Pi);
        }

        return new Decision(no is null && eta < pi, eta, pi, no);
    }
}

/// <summary>What the votes amount to.</summary>
/// <param name="Commit">Whether the transaction commits.</param>
/// <param name="Eta">The merged η.</param>
/// <param name="Pi">The merged π: the sstamp of what it overwrites.</param>
/// <param name="No">The first refusal, if there is one.</param>
public readonly record struct Decision(bool Commit, HlcTimestamp Eta, HlcTimestamp Pi, Vote? No);
