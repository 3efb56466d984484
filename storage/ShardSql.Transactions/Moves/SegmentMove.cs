using System.Collections.Generic;

using ShardSql.Primitives;

namespace ShardSql.Transactions.Moves;

/// <summary>What a shard is to a segment that moves.</summary>
public enum MoveRole : byte
{
    /// <summary>It owns the segment, which is about to leave.</summary>
    Source = 1,

    /// <summary>It stages the rows of a segment that it does not own.</summary>
    Target = 2,

    /// <summary>It holds rows of a segment that it does not own: garbage, but for snapshots below the switch.</summary>
    Former = 3,
}

/// <summary>What a shard knows of the move of one segment; changed by log entries alone.</summary>
public sealed class SegmentMove
{
    /// <summary>The segment.</summary>
    public required uint Segment { get; init; }

    /// <summary>The move.</summary>
    public required ulong Job { get; init; }

    /// <summary>The newest lease of the job that was heard of.</summary>
    public ulong Term { get; internal set; }

    /// <summary>The last step of that term.</summary>
    public ulong Ticket { get; internal set; }

    /// <summary>What the shard is to the segment.</summary>
    public required MoveRole Role { get; set; }

    /// <summary>The row keys of the segment.</summary>
    public required IReadOnlyList<KeyRange> Ranges { get; init; }

    /// <summary>Source: whether nothing that relies on the segment is taken.</summary>
    public bool IsFenced { get; internal set; }

    /// <summary>Source: the slot of the last mark; what is installed later belongs to the next pass.</summary>
    public Slot Mark { get; internal set; }

    /// <summary>
    /// The horizon stays at or below it. Source: so that a change that is not staged yet is kept with the version that it
    /// changed. Target: so that both can be compared at a snapshot.
    /// </summary>
    public HlcTimestamp Pin { get; internal set; } = HlcTimestamp.Infinity;

    /// <summary>Source: the pin once the pass of the last mark is staged.</summary>
    public HlcTimestamp NextPin { get; internal set; } = HlcTimestamp.Infinity;

    /// <summary>Target: parts staged.</summary>
    public ulong Parts { get; internal set; }

    /// <summary>Target: digest of the parts, in their order.</summary>
    public ulong Digest { get; internal set; }

    /// <summary>Target: the source's mark up to which all changes are staged.</summary>
    public Slot Through { get; internal set; }

    /// <summary>Target: how far the copy has come.</summary>
    public byte[] CopiedTo { get; internal set; } = [];

    /// <summary>Former: the epoch in which the segment was owned; 0: it never was.</summary>
    public ulong Epoch { get; internal set; }

    /// <summary>Former: c of the switch. Snapshots below it may still be served here.</summary>
    public HlcTimestamp Until { get; internal set; }

    /// <summary>Writes the move.</summary>
    public void Write(ByteWriter writer)
    {
        System.ArgumentNullException.ThrowIfNull(writer);
        new MoveName(Segment, Job, Term, Ticket).Write(writer);
        writer.WriteByte((byte)Role);
        MoveTable.WriteRanges(writer, Ranges);
        writer.WriteBoolean(IsFenced);
        writer.WriteVarint(Mark.Value);
        writer.WriteStamp(Pin);
        writer.WriteStamp(NextPin);
        writer.WriteVarint(Parts);
        writer.WriteUInt64(Digest);
        writer.WriteVarint(Through.Value);
        writer.WriteBytes(CopiedTo);
        writer.WriteVarint(Epoch);
        writer.WriteStamp(Until);
    }

    /// <summary>Reads a move.</summary>
    public static SegmentMove Read(ref ByteReader reader)
    {
        MoveName name = MoveName.Read(ref reader);
        return new SegmentMove
        {
            Segment = name.Segment,
            Job = name.Job,
            Term = name.Term,
            Ticket = name.Ticket,
            Role = (MoveRole)reader.ReadByte(),
            Ranges = MoveTable.ReadRanges(ref reader),
            IsFenced = reader.ReadBoolean(),
            Mark = new Slot(reader.ReadVarint()),
            Pin = reader.ReadStamp(),
            NextPin = reader.ReadStamp(),
            Parts = reader.ReadVarint(),
            Digest = reader.ReadUInt64(),
            Through = new Slot(reader.ReadVarint()),
            CopiedTo = reader.ReadBytes(),
            Epoch = reader.ReadVarint(),
            Until = reader.ReadStamp(),
        };
    }
}
