using ShardSql.Primitives;
using ShardSql.Sql.Tree;

namespace ShardSql.Planning.Catalogs;

/// <summary>A sequence as the bytes of a row of the system shard.</summary>
public static class SequenceCodec
{
    private const byte FormatVersion = 1;

    /// <summary>Encodes a sequence.</summary>
    public static byte[] Encode(SequenceDescriptor sequence)
    {
        var writer = new ByteWriter();
        writer.WriteByte(FormatVersion);
        writer.WriteVarint(sequence.Id);
        writer.WriteString(sequence.Name);
        writer.WriteVarint(sequence.Generation);
        writer.WriteByte((byte)sequence.Type);
        writer.WriteVarint((ulong)sequence.Start);
        writer.WriteVarint((ulong)sequence.Increment);
        writer.WriteVarint((ulong)sequence.Minimum);
        writer.WriteVarint((ulong)sequence.Maximum);
        writer.WriteVarint((ulong)sequence.Cache);
        writer.WriteBoolean(sequence.Cycles);
        writer.WriteVarint(sequence.OwnerTableId);
        writer.WriteVarint(sequence.OwnerColumnId);
        return writer.ToArray();
    }

    /// <summary>Decodes a sequence.</summary>
    public static SequenceDescriptor Decode(byte[] row)
    {
        var reader = new ByteReader(row);
        byte version = reader.ReadByte();
        var sequence = new SequenceDescriptor
        {
            Id = reader.ReadVarint32(),
            Name = reader.ReadString(),
            Generation = reader.ReadVarint32(),
            Type = (SqlKind)reader.ReadByte(),
            Start = (long)reader.ReadVarint(),
            Increment = (long)reader.ReadVarint(),
            Minimum = (long)reader.ReadVarint(),
            Maximum = (long)reader.ReadVarint(),
            Cache = (long)reader.ReadVarint(),
            Cycles = reader.ReadBoolean(),
            OwnerTableId = reader.ReadVarint32(),
            OwnerColumnId = reader.ReadVarint32(),
        };
        Invariant.Check(version == FormatVersion && reader.EndedWell, "A stored sequence is whole.");
        return sequence;
    }
}
