using System.Collections.Generic;

using ShardSql.Primitives;

namespace ShardSql.Consensus;

/// <summary>Kinds of what a replica writes to the log. The numbers are part of the log format.</summary>
public enum PaxosRecordKind : byte
{
    /// <summary>A ballot was promised.</summary>
    Promise = 1,

    /// <summary>A value was accepted.</summary>
    Accept = 2,

    /// <summary>Slots up to here are chosen: a hint that saves work after a restart.</summary>
    Commit = 3,

    /// <summary>What was promised and accepted before this record is lost.</summary>
    Amnesia = 4,

    /// <summary>All that may have been lost is learned again: the replica votes.</summary>
    Relearned = 5,

    /// <summary>The base store holds the state after this slot: one that is older has lost it.</summary>
    Flushed = 6,

    /// <summary>The node gave the replica up, which had promised a ballot and accepted values up to a slot: a later life
    /// knows that much of it. With a value: not even that is known.</summary>
    Retired = 7,
}

/// <summary>A record to persist.</summary>
/// <param name="Kind">What it says.</param>
/// <param name="Ballot">Promised, or accepted under.</param>
/// <param name="Slot">Slot of the value, or the commit index.</param>
/// <param name="Value">The accepted value.</param>
public readonly record struct PaxosRecord(PaxosRecordKind Kind, Ballot Ballot, Slot Slot, byte[] Value)
{
    /// <summary>Writes the record's body; its kind travels beside it.</summary>
    public void Write(ByteWriter writer)
    {
        writer.WriteBallot(Ballot);
        writer.WriteVarint(Slot.Value);
        writer.WriteRaw(Value);
    }

    /// <summary>Reads a record's body.</summary>
    public static PaxosRecord Read(PaxosRecordKind kind, ref ByteReader reader)
    {
        Ballot ballot = reader.ReadBallot();
        var slot = new Slot(reader.ReadVarint());
        return new PaxosRecord(kind, ballot, slot, reader.ReadRaw(reader.Remaining).ToArray());
    }
}

/// <summary>A message and who it is for; the sender itself is a possible addressee.</summary>
public readonly record struct PaxosOutgoing(NodeId To, PaxosMessage Message);

/// <summary>A chosen value.</summary>
public readonly record struct ChosenEntry(Slot Slot, byte[] Value);

/// <summary>
/// What a replica wants done, in this order: persist <see cref="Records"/>; send <see cref="Now"/> at any time; send
/// <see cref="AfterPersist"/> once these records and all handed out before them are synced; apply
/// <see cref="Chosen"/> at any time.
/// </summary>
public sealed class PaxosReady
{
    /// <summary>Records to persist, in order.</summary>
    public List<PaxosRecord> Records { get; } = [];

    /// <summary>Messages that claim nothing about this replica's log.</summary>
    public List<PaxosOutgoing> Now { get; } = [];

    /// <summary>Messages that claim that the records are durable.</summary>
    public List<PaxosOutgoing> AfterPersist { get; } = [];

    /// <summary>Values to apply, slots without gaps.</summary>
    public List<ChosenEntry> Chosen { get; } = [];

    /// <summary>Followers that need a snapshot, because the log no longer reaches back to where they are.</summary>
    public List<NodeId> NeedSnapshot { get; } = [];

    /// <summary>Whether there is nothing to do.</summary>
    public bool IsEmpty => Records.Count == 0 && Now.Count == 0 && AfterPersist.Count == 0 && Chosen.Count == 0
        && NeedSnapshot.Count == 0;

    /// <summary>Empties it for the next turn.</summary>
    public void Clear()
    {
        Records.Clear();
        Now.Clear();
        AfterPersist.Clear();
        Chosen.Clear();
        NeedSnapshot.Clear();
    }
}
