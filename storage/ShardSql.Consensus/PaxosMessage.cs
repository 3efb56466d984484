using System.Collections.Generic;

using ShardSql.Primitives;

namespace ShardSql.Consensus;

/// <summary>Kinds of messages between replicas. The numbers are part of the wire format.</summary>
public enum PaxosMessageKind : byte
{
    /// <summary>Would you promise this ballot? Changes nothing at the receiver.</summary>
    PreVote = 1,

    /// <summary>Yes.</summary>
    PreVoteGranted = 2,

    /// <summary>Phase 1a, for all slots from FirstSlot on.</summary>
    Prepare = 3,

    /// <summary>Phase 1b: promised; carries what was accepted from FirstSlot on.</summary>
    Promise = 4,

    /// <summary>Phase 2a for a run of slots, and the leader's heartbeat when it carries none.</summary>
    Accept = 5,

    /// <summary>Phase 2b: everything up to Match is accepted under this ballot, or known to be chosen.</summary>
    Accepted = 6,

    /// <summary>A higher ballot, carried here, was promised.</summary>
    Rejected = 7,

    /// <summary>Phase 2b of a replica that has lost its votes: it has everything up to Match, and counts for
    /// nothing.</summary>
    Learned = 8,

    /// <summary>A replica that has lost its votes asks for a promise, and how far was accepted.</summary>
    Relearn = 9,

    /// <summary>The answer: promised; Match is the highest slot accepted.</summary>
    Testimony = 10,

    /// <summary>Would you answer a Relearn? Changes nothing at the receiver.</summary>
    PreRelearn = 11,

    /// <summary>Yes.</summary>
    PreRelearnGranted = 12,

    /// <summary>A leader hands over: it leads no more, and whoever gets this may campaign at once.</summary>
    Yield = 13,
}

/// <summary>A value accepted in a slot under a ballot. An empty value is a no-op.</summary>
public readonly record struct AcceptedEntry(Slot Slot, Ballot Ballot, byte[] Value);

/// <summary>A message between two replicas of a group.</summary>
public sealed record PaxosMessage
{
    /// <summary>What it says.</summary>
    public required PaxosMessageKind Kind { get; init; }

    /// <summary>The ballot it belongs to.</summary>
    public required Ballot Ballot { get; init; }

    /// <summary>Sender's commit index: everything up to here is chosen and known.</summary>
    public Slot Commit { get; init; }

    /// <summary>Prepare, Promise: slots from here on. Accept: slot of the first entry.</summary>
    public Slot FirstSlot { get; init; }

    /// <summary>Accepted: see <see cref="PaxosMessageKind.Accepted"/>.</summary>
    public Slot Match { get; init; }

    /// <summary>Accepted: entries before those sent are missing, or do not follow; send from Match + 1.</summary>
    public bool Gap { get; init; }

    /// <summary>Accept: the leader's clock when it was sent; Accepted gives it back, for the lease. Relearn and
    /// PreRelearn: names the asker's life; the answer gives it back.</summary>
    public long SentMs { get; init; }

    /// <summary>Prepare: the ballot whose leader has handed over to the sender, so that its lease need not be waited for;
    /// else zero.</summary>
    public Ballot Yielded { get; init; }

    /// <summary>Promise and Accept: entries, by slot.</summary>
    public IReadOnlyList<AcceptedEntry> Entries { get; init; } = [];

    /// <summary>Writes the message.</summary>
    public void Write(ByteWriter writer)
    {
        writer.WriteByte((byte)Kind);
        writer.WriteBallot(Ballot);
        writer.WriteVarint(Commit.Value);
        writer.WriteVarint(FirstSlot.Value);
        writer.WriteVarint(Match.Value);
        writer.WriteBoolean(Gap);
        writer.WriteUInt64((ulong)SentMs);
        if (Kind == PaxosMessageKind.Prepare)
        {
            writer.WriteBallot(Yielded);
        }

        writer.WriteVarint((ulong)Entries.Count);
        foreach (AcceptedEntry entry in Entries)
        {
            writer.WriteVarint(entry.Slot.Value);
            writer.WriteBallot(entry.Ballot);
            writer.WriteBytes(entry.Value);
        }
    }

    /// <summary>Reads a message; null when the bytes are none.</summary>
    public static PaxosMessage? Read(ref ByteReader reader)
    {
        var kind = (PaxosMessageKind)reader.ReadByte();
        Ballot ballot = reader.ReadBallot();
        var commit = new Slot(reader.ReadVarint());
        var first = new Slot(reader.ReadVarint());
        var match = new Slot(reader.ReadVarint());
        bool gap = reader.ReadBoolean();
        long sent = (long)reader.ReadUInt64();
        Ballot yielded = kind == PaxosMessageKind.Prepare ? reader.ReadBallot() : Ballot.Zero;
        int count = reader.ReadCount(4);
        var entries = new List<AcceptedEntry>(count);
        for (int i = 0; i < count; i++)
        {
            entries.Add(new AcceptedEntry(new Slot(reader.ReadVarint()), reader.ReadBallot(), reader.ReadBytes()));
        }

        if (reader.Failed || kind is < PaxosMessageKind.PreVote or > PaxosMessageKind.Yield)
        {
            return null;
        }

        return new PaxosMessage
        {
            Kind = kind,
            Ballot = ballot,
            Commit = commit,
            FirstSlot = first,
            Match = match,
            Gap = gap,
            SentMs = sent,
            Yielded = yielded,
            Entries = entries,
        };
    }
}
