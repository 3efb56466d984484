using System.Collections.Generic;

using ShardSql.Primitives;

namespace ShardSql.Transactions;

/// <summary>What a shard knows of a transaction's outcome.</summary>
public enum RegisterState : byte
{
    /// <summary>It voted yes and does not know the other votes.</summary>
    Undecided = 0,

    /// <summary>Committed.</summary>
    Committed = 1,

    /// <summary>It will never commit.</summary>
    Aborted = 2,
}

/// <summary>
/// The vote register of one transaction at one shard: written once, by the first of ONE, PREPARE and REFUSE in the log.
/// </summary>
public sealed class Register
{
    /// <summary>The transaction.</summary>
    public required TxnId Id { get; init; }

    /// <summary>c(T).</summary>
    public required HlcTimestamp Stamp { get; init; }

    /// <summary>All participants; just this shard for a ONE.</summary>
    public required IReadOnlyList<ShardId> Participants { get; init; }

    /// <summary>The vote; never changes.</summary>
    public required Vote Vote { get; init; }

    /// <summary>Hash of the share that a PREPARE was voted on with; 0 for a refusal, and for a ONE, whose leader may evaluate it
    /// again under the same id.</summary>
    public required ulong ContentHash { get; init; }

    /// <summary>What a ONE told its client; empty for others.</summary>
    public byte[] Result { get; init; } = [];

    /// <summary>What it did here, while undecided.</summary>
    public TransactionShare? Share { get; set; }

    /// <summary>What is known of the outcome.</summary>
    public RegisterState State { get; set; }

    /// <summary>Whether all participants are known to have applied the outcome.</summary>
    public bool Reported { get; set; }

    /// <summary>Its place among the shard's registers, in the order they were written.</summary>
    internal ulong Number { get; set; }

    /// <summary>
    /// Whether it will never change: it is decided, and no report is waited for. A no needs none: whoever asks again after the
    /// stamp is closed is refused again.
    /// </summary>
    public bool IsSettled =>
        State != RegisterState.Undecided && (Reported || !Vote.Ok || Participants.Count == 1);

    /// <summary>Writes the register.</summary>
    public void Write(ByteWriter writer)
    {
        writer.WriteTxnId(Id);
        writer.WriteStamp(Stamp);
        writer.WriteVarint((ulong)Participants.Count);
        for (int i = 0; i < Participants.Count; i++)
        {
            writer.WriteVarint(Participants[i].Value);
        }

        Vote.Write(writer);
        writer.WriteUInt64(ContentHash);
        writer.WriteBytes(Result);
        writer.WriteByte((byte)State);
        writer.WriteBoolean(Reported);
        writer.WriteBoolean(Share is not null);
        Share?.Write(writer);
    }

    /// <summary>Reads a register.</summary>
    public static Register Read(ref ByteReader reader)
    {
        TxnId id = reader.ReadTxnId();
        HlcTimestamp stamp = reader.ReadStamp();
        var participants = new List<ShardId>();
        for (int i = reader.ReadCount(); i > 0; i--)
        {
            participants.Add(new ShardId(reader.ReadVarint32()));
        }

        return new Register
        {
            Id = id,
            Stamp = stamp,
            Participants = participants,
            Vote = Vote.Read(ref reader),
            ContentHash = reader.ReadUInt64(),
            Result = reader.ReadBytes(),
            State = (RegisterState)reader.ReadByte(),
            Reported = reader.ReadBoolean(),
            Share = reader.ReadBoolean() ? TransactionShare.Read(ref reader) : null,
        };
    }
}
