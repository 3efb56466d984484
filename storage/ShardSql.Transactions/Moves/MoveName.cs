using System;

using ShardSql.Primitives;

namespace ShardSql.Transactions.Moves;

/// <summary>Which step of which move, and who asks for it (sharding.md §1, §2).</summary>
/// <param name="Segment">The segment that moves.</param>
/// <param name="Job">The job that moves it.</param>
/// <param name="Term">The epoch of the job's lease: a step of an older one is refused.</param>
/// <param name="Ticket">The number of the step in its term, rising: a step is done once.</param>
public readonly record struct MoveName(uint Segment, ulong Job, ulong Term, ulong Ticket) : IComparable<MoveName>
{
    /// <inheritdoc />
    public int CompareTo(MoveName other) =>
        (Segment, Job, Term, Ticket).CompareTo((other.Segment, other.Job, other.Term, other.Ticket));

    /// <summary>Writes the name.</summary>
    public void Write(ByteWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteVarint(Segment);
        writer.WriteVarint(Job);
        writer.WriteVarint(Term);
        writer.WriteVarint(Ticket);
    }

    /// <summary>Reads a name.</summary>
    public static MoveName Read(ref ByteReader reader) =>
        new(reader.ReadVarint32(), reader.ReadVarint(), reader.ReadVarint(), reader.ReadVarint());
}
