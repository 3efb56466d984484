using System.Collections.Generic;

using ShardSql.Primitives;

namespace ShardSql.Transactions.Moves;

/// <summary>Steps of a move at its source. Numbers are part of the log format.</summary>
public enum MoveOutStep : byte
{
    /// <summary>The segment begins to leave, or another runner takes the move over.</summary>
    Begin = 1,

    /// <summary>A new pass begins; what is staged at the target by now need not be kept for it.</summary>
    Mark = 2,

    /// <summary>Nothing that relies on the segment is taken any more, until it has gone or the fence is lifted.</summary>
    Fence = 3,

    /// <summary>The fence is lifted.</summary>
    Unfence = 4,

    /// <summary>The segment stays.</summary>
    End = 5,
}

/// <summary>Steps of a move at its target. Numbers are part of the log format.</summary>
public enum MoveInStep : byte
{
    /// <summary>The segment's rows are about to come, or another runner takes the move over.</summary>
    Begin = 1,

    /// <summary>A part of them.</summary>
    Stage = 2,

    /// <summary>The segment does not come: what was staged is garbage.</summary>
    End = 3,
}

/// <summary>A step of a move at its source.</summary>
/// <param name="Name">Of the step.</param>
/// <param name="Step">What is done.</param>
/// <param name="Ranges">Begin: the row keys of the segment.</param>
/// <param name="Staged">Mark: the mark up to which all changes are staged at the target. A runner that died, or an attempt
/// that failed, may have marked and not staged.</param>
public sealed record MoveOutCommand(MoveName Name, MoveOutStep Step, IReadOnlyList<KeyRange> Ranges, Slot Staged)
    : Command(CommandKind.MoveOut)
{
    /// <inheritdoc />
    protected override void WriteBody(ByteWriter writer)
    {
        Name.Write(writer);
        writer.WriteByte((byte)Step);
        MoveTable.WriteRanges(writer, Ranges);
        writer.WriteVarint(Staged.Value);
    }

    internal static MoveOutCommand ReadBody(ref ByteReader reader) => new(
        MoveName.Read(ref reader),
        (MoveOutStep)reader.ReadByte(),
        MoveTable.ReadRanges(ref reader),
        new Slot(reader.ReadVarint()));
}

/// <summary>A step of a move at its target.</summary>
/// <param name="Name">Of the step.</param>
/// <param name="Step">What is done.</param>
/// <param name="Ranges">Begin: the row keys of the segment.</param>
/// <param name="Part">Stage: key copies, one behind the other.</param>
/// <param name="Through">Stage: the source's mark up to which all changes are staged with this part; 0: no news.</param>
/// <param name="CopiedTo">Stage: how far the copy of the rows has come with this part; empty: no news.</param>
/// <param name="Pin">Stage: the target's horizon may come up to here; 0: no news.</param>
public sealed record MoveInCommand(
    MoveName Name, MoveInStep Step, IReadOnlyList<KeyRange> Ranges, byte[] Part, Slot Through, byte[] CopiedTo,
    HlcTimestamp Pin)
    : Command(CommandKind.MoveIn)
{
    /// <inheritdoc />
    protected override void WriteBody(ByteWriter writer)
    {
        Name.Write(writer);
        writer.WriteByte((byte)Step);
        MoveTable.WriteRanges(writer, Ranges);
        writer.WriteBytes(Part);
        writer.WriteVarint(Through.Value);
        writer.WriteBytes(CopiedTo);
        writer.WriteStamp(Pin);
    }

    internal static MoveInCommand ReadBody(ref ByteReader reader) => new(
        MoveName.Read(ref reader),
        (MoveInStep)reader.ReadByte(),
        MoveTable.ReadRanges(ref reader),
        reader.ReadBytes(),
        new Slot(reader.ReadVarint()),
        reader.ReadBytes(),
        reader.ReadStamp());
}

/// <summary>Removes rows that a moved segment has left, or that were staged in vain.</summary>
/// <param name="Segment">The segment.</param>
/// <param name="Job">The move that left them.</param>
/// <param name="Keys">Keys to remove.</param>
/// <param name="IsLast">Whether nothing is left then.</param>
public sealed record PurgeCommand(uint Segment, ulong Job, IReadOnlyList<byte[]> Keys, bool IsLast)
    : Command(CommandKind.Purge)
{
    /// <inheritdoc />
    protected override void WriteBody(ByteWriter writer)
    {
        writer.WriteVarint(Segment);
        writer.WriteVarint(Job);
        writer.WriteVarint((ulong)Keys.Count);
        foreach (byte[] key in Keys)
        {
            writer.WriteBytes(key);
        }

        writer.WriteBoolean(IsLast);
    }

    internal static PurgeCommand ReadBody(ref ByteReader reader)
    {
        uint segment = reader.ReadVarint32();
        ulong job = reader.ReadVarint();
        var keys = new List<byte[]>();
        for (int i = reader.ReadCount(1); i > 0; i--)
        {
            keys.Add(reader.ReadBytes());
        }

        return new PurgeCommand(segment, job, keys, reader.ReadBoolean());
    }
}
