using System;
using ShardSql.Primitives;

namespace ShardSql.Planning.Catalogs;

/// <summary>How far a sequence has come: the one row that every gateway which takes numbers of it reads and writes.</summary>
/// <param name="Last">A number of the sequence.</param>
/// <param name="IsCalled">Whether it is given, so that the one after it comes next.</param>
public readonly record struct SequenceState(long Last, bool IsCalled)
{
    private const byte FormatVersion = 1;

    /// <summary>Takes up to so many numbers; null: there are none left. A sequence that cycles begins again with the next
    /// block, never inside of one.</summary>
    public (SequenceBlock Block, SequenceState After)? Take(SequenceDescriptor sequence, long wanted)
    {
        ArgumentNullException.ThrowIfNull(sequence);
        Int128 next = IsCalled ? (Int128)Last + sequence.Increment : Last;
        bool isBefore = sequence.Increment > 0 ? next < sequence.Minimum : next > sequence.Maximum;
        if (isBefore)
        {
            // ALTER SEQUENCE has moved its beginning.
            next = sequence.Increment > 0 ? sequence.Minimum : sequence.Maximum;
        }

        if (next < sequence.Minimum || next > sequence.Maximum)
        {
            if (!sequence.Cycles)
            {
                return null;
            }

            next = sequence.Increment > 0 ? sequence.Minimum : sequence.Maximum;
        }

        Int128 end = sequence.Increment > 0 ? sequence.Maximum : sequence.Minimum;
        long count = (long)Int128.Min(wanted, ((end - next) / sequence.Increment) + 1);
        var block = new SequenceBlock((long)next, sequence.Increment, count);
        return (block, new SequenceState(block.NumberAt(count - 1), IsCalled: true));
    }

    /// <summary>As a row of the system shard.</summary>
    public byte[] Encode()
    {
        var writer = new ByteWriter(16);
        writer.WriteByte(FormatVersion);
        writer.WriteVarint((ulong)Last);
        writer.WriteBoolean(IsCalled);
        return writer.ToArray();
    }

    /// <summary>From a row of the system shard.</summary>
    public static SequenceState Decode(byte[] row)
    {
        var reader = new ByteReader(row);
        byte version = reader.ReadByte();
        var state = new SequenceState((long)reader.ReadVarint(), reader.ReadBoolean());
        Invariant.Check(version == FormatVersion && reader.EndedWell, "The stored state of a sequence is whole.");
        return state;
    }
}
