using System.Collections.Generic;

using ShardSql.Primitives;
using ShardSql.Transactions.Moves;

namespace ShardSql.Transactions;

/// <summary>Kinds of commands in a shard's log. Numbers are part of the log format and never reused.</summary>
public enum CommandKind : byte
{
    /// <summary>A transaction of this shard alone: validated and applied at once.</summary>
    One = 1,

    /// <summary>A participant's share of a cross-shard transaction: validated, and fenced if it passes.</summary>
    Prepare = 2,

    /// <summary>Recovery's no to a transaction that has not voted here.</summary>
    Refuse = 3,

    /// <summary>The outcome of a prepared transaction, with the votes that it follows from.</summary>
    Outcome = 4,

    /// <summary>No stamp at or below this one is taken any more; registers that nobody needs are forgotten.</summary>
    Close = 5,

    /// <summary>Snapshots below this stamp are not served any more; older versions are settled.</summary>
    Horizon = 6,

    /// <summary>The leader may serve reads up to this stamp.</summary>
    Ceiling = 7,

    /// <summary>First entry of a leadership: whatever an earlier leader served lies at or below the last ceiling.</summary>
    Floor = 8,

    /// <summary>No attempt of a client's transaction commits here any more, but for those voted for.</summary>
    RefuseSession = 9,

    /// <summary>A step of a move at its source.</summary>
    MoveOut = 10,

    /// <summary>A step of a move at its target.</summary>
    MoveIn = 11,

    /// <summary>Rows that a move has left are removed.</summary>
    Purge = 12,
}

/// <summary>How a ONE was run, which decides how it is validated.</summary>
public enum OneMode : byte
{
    /// <summary>At a snapshot: DSSN with everything newer than begin.</summary>
    Snapshot = 0,

    /// <summary>By the leader on top of all that it had proposed: what it read must be the newest (commit.md §4).</summary>
    Evaluated = 1,
}

/// <summary>One command of a shard's log.</summary>
public abstract record Command(CommandKind Kind)
{
    /// <summary>Writes kind and body.</summary>
    public void Write(ByteWriter writer)
    {
        writer.WriteByte((byte)Kind);
        WriteBody(writer);
    }

    /// <summary>Reads a command; null when the bytes are none.</summary>
    public static Command? Read(ref ByteReader reader)
    {
        Command? command = (CommandKind)reader.ReadByte() switch
        {
            CommandKind.One => OneCommand.ReadBody(ref reader),
            CommandKind.Prepare => PrepareCommand.ReadBody(ref reader),
            CommandKind.Refuse => RefuseCommand.ReadBody(ref reader),
            CommandKind.Outcome => OutcomeCommand.ReadBody(ref reader),
            CommandKind.Close => CloseCommand.ReadBody(ref reader),
            CommandKind.Horizon => new HorizonCommand(reader.ReadStamp()),
            CommandKind.Ceiling => new CeilingCommand(reader.ReadStamp()),
            CommandKind.Floor => new FloorCommand(reader.ReadStamp()),
            CommandKind.RefuseSession => new RefuseSessionCommand(
                new(reader.ReadUInt64(), reader.ReadUInt64()), reader.ReadVarint()),
            CommandKind.MoveOut => MoveOutCommand.ReadBody(ref reader),
            CommandKind.MoveIn => MoveInCommand.ReadBody(ref reader),
            CommandKind.Purge => PurgeCommand.ReadBody(ref reader),
            _ => null,
        };
        return reader.Failed ? null : command;
    }

    /// <summary>Writes the body.</summary>
    protected abstract void WriteBody(ByteWriter writer);

    private protected static void WriteShards(ByteWriter writer, IReadOnlyList<ShardId> shards)
    {
        writer.WriteVarint((ulong)shards.Count);
        foreach (ShardId shard in shards)
        {
            writer.WriteVarint(shard.Value);
        }
    }

    private protected static List<ShardId> ReadShards(ref ByteReader reader)
    {
        var shards = new List<ShardId>();
        for (int i = reader.ReadCount(); i > 0; i--)
        {
            shards.Add(new ShardId(reader.ReadVarint32()));
        }

        return shards;
    }
}

/// <summary>ONE.</summary>
/// <param name="Id">The transaction.</param>
/// <param name="Stamp">c(T), drawn by the leader when it proposed.</param>
/// <param name="ReadFloor">The highest unlogged read stamp on what it writes, when it was proposed.</param>
/// <param name="Share">What it read and writes.</param>
/// <param name="Mode">How it was run.</param>
/// <param name="Basis">Evaluated: the last slot applied then; ONEs that the same leader had proposed were seen too.</param>
/// <param name="Result">What the client is told if it commits, kept with the register for a client that asks again.</param>
public sealed record OneCommand(
    TxnId Id, HlcTimestamp Stamp, HlcTimestamp ReadFloor, TransactionShare Share, OneMode Mode, Slot Basis, byte[] Result)
    : Command(CommandKind.One)
{
    /// <inheritdoc />
    protected override void WriteBody(ByteWriter writer)
    {
        writer.WriteTxnId(Id);
        writer.WriteStamp(Stamp);
        writer.WriteStamp(ReadFloor);
        writer.WriteByte((byte)Mode);
        writer.WriteVarint(Basis.Value);
        writer.WriteBytes(Result);
        Share.Write(writer);
    }

    internal static OneCommand ReadBody(ref ByteReader reader)
    {
        TxnId id = reader.ReadTxnId();
        HlcTimestamp stamp = reader.ReadStamp();
        HlcTimestamp floor = reader.ReadStamp();
        var mode = (OneMode)reader.ReadByte();
        var basis = new Slot(reader.ReadVarint());
        byte[] result = reader.ReadBytes();
        return new OneCommand(id, stamp, floor, TransactionShare.Read(ref reader), mode, basis, result);
    }
}

/// <summary>PREPARE.</summary>
/// <param name="Id">The transaction.</param>
/// <param name="Stamp">c(T).</param>
/// <param name="ReadFloor">The highest unlogged read stamp on what it writes, when it was proposed.</param>
/// <param name="Participants">All participants.</param>
/// <param name="Share">What it read and writes here.</param>
public sealed record PrepareCommand(
    TxnId Id, HlcTimestamp Stamp, HlcTimestamp ReadFloor, IReadOnlyList<ShardId> Participants, TransactionShare Share)
    : Command(CommandKind.Prepare)
{
    /// <inheritdoc />
    protected override void WriteBody(ByteWriter writer)
    {
        writer.WriteTxnId(Id);
        writer.WriteStamp(Stamp);
        writer.WriteStamp(ReadFloor);
        WriteShards(writer, Participants);
        Share.Write(writer);
    }

    internal static PrepareCommand ReadBody(ref ByteReader reader) => new(
        reader.ReadTxnId(), reader.ReadStamp(), reader.ReadStamp(), ReadShards(ref reader),
        TransactionShare.Read(ref reader));
}

/// <summary>REFUSE.</summary>
public sealed record RefuseCommand(
    TxnId Id,
    HlcTimestamp Stamp,
    IReadOnlyList<ShardId> Participants,
    RefusalReason Reason = RefusalReason.Refused)
    : Command(CommandKind.Refuse)
{
    /// <inheritdoc />
    protected override void WriteBody(ByteWriter writer)
    {
        writer.WriteTxnId(Id);
        writer.WriteStamp(Stamp);
        WriteShards(writer, Participants);
        writer.WriteByte((byte)Reason);
    }

    internal static RefuseCommand ReadBody(ref ByteReader reader) =>
        new(reader.ReadTxnId(), reader.ReadStamp(), ReadShards(ref reader), (RefusalReason)reader.ReadByte());
}

/// <summary>OUTCOME. The outcome is computed from the votes again where it is applied.</summary>
public sealed record OutcomeCommand(TxnId Id, IReadOnlyList<Vote> Votes) : Command(CommandKind.Outcome)
{
    /// <inheritdoc />
    protected override void WriteBody(ByteWriter writer)
    {
        writer.WriteTxnId(Id);
        writer.WriteVarint((ulong)Votes.Count);
        foreach (Vote vote in Votes)
        {
            vote.Write(writer);
        }
    }

    internal static OutcomeCommand ReadBody(ref ByteReader reader)
    {
        TxnId id = reader.ReadTxnId();
        var votes = new List<Vote>();
        for (int i = reader.ReadCount(4); i > 0; i--)
        {
            votes.Add(Vote.Read(ref reader));
        }

        return new OutcomeCommand(id, votes);
    }
}

/// <summary>CLOSE.</summary>
/// <param name="Stamp">The closed stamp.</param>
/// <param name="Reported">Transactions whose outcome every participant has applied.</param>
/// <param name="CheckedSlot">A slot whose state hash the leader knew; 0 for none.</param>
/// <param name="StateHash">That hash.</param>
public sealed record CloseCommand(HlcTimestamp Stamp, IReadOnlyList<TxnId> Reported, Slot CheckedSlot, ulong StateHash)
    : Command(CommandKind.Close)
{
    /// <inheritdoc />
    protected override void WriteBody(ByteWriter writer)
    {
        writer.WriteStamp(Stamp);
        writer.WriteVarint((ulong)Reported.Count);
        foreach (TxnId id in Reported)
        {
            writer.WriteTxnId(id);
        }

        writer.WriteVarint(CheckedSlot.Value);
        writer.WriteUInt64(StateHash);
    }

    internal static CloseCommand ReadBody(ref ByteReader reader)
    {
        HlcTimestamp stamp = reader.ReadStamp();
        var reported = new List<TxnId>();
        for (int i = reader.ReadCount(18); i > 0; i--)
        {
            reported.Add(reader.ReadTxnId());
        }

        return new CloseCommand(stamp, reported, new Slot(reader.ReadVarint()), reader.ReadUInt64());
    }
}

/// <summary>HORIZON.</summary>
public sealed record HorizonCommand(HlcTimestamp Stamp) : Command(CommandKind.Horizon)
{
    /// <inheritdoc />
    protected override void WriteBody(ByteWriter writer) => writer.WriteStamp(Stamp);
}

/// <summary>Raises the read ceiling.</summary>
public sealed record CeilingCommand(HlcTimestamp Stamp) : Command(CommandKind.Ceiling)
{
    /// <inheritdoc />
    protected override void WriteBody(ByteWriter writer) => writer.WriteStamp(Stamp);
}

/// <summary>FLOOR. The floor itself is the last ceiling in the log.</summary>
/// <param name="Mark">Drawn by the leader that begins: an earlier leader's FLOOR, adopted, is not its own.</param>
public sealed record FloorCommand(HlcTimestamp Mark) : Command(CommandKind.Floor)
{
    /// <inheritdoc />
    protected override void WriteBody(ByteWriter writer) => writer.WriteStamp(Mark);
}

/// <summary>Refuses all attempts of a client's transaction that have not been voted for.</summary>
public sealed record RefuseSessionCommand(System.UInt128 Session, ulong Sequence) : Command(CommandKind.RefuseSession)
{
    /// <inheritdoc />
    protected override void WriteBody(ByteWriter writer)
    {
        writer.WriteUInt64((ulong)(Session >> 64));
        writer.WriteUInt64((ulong)Session);
        writer.WriteVarint(Sequence);
    }
}
