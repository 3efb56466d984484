using ShardSql.Primitives;

namespace ShardSql.Planning.Maps;

/// <summary>
/// A range of routing keys of one colocation group, its owner, and the epoch of that ownership: what moves as one.
/// </summary>
public sealed record Segment(SegmentId Id, uint GroupId, KeyRange Range, ShardId Shard, uint Epoch)
{
    private const byte FormatVersion = 1;

    /// <summary>As a row of the system shard.</summary>
    public byte[] Encode()
    {
        var writer = new ByteWriter(64);
        writer.WriteByte(FormatVersion);
        writer.WriteVarint(Id.Value);
        writer.WriteVarint(GroupId);
        writer.WriteRange(Range);
        writer.WriteVarint(Shard.Value);
        writer.WriteVarint(Epoch);
        return writer.ToArray();
    }

    /// <summary>From a row of the system shard.</summary>
    public static Segment Decode(byte[] row)
    {
        var reader = new ByteReader(row);
        byte version = reader.ReadByte();
        var segment = new Segment(
            new SegmentId(reader.ReadVarint32()),
            reader.ReadVarint32(),
            reader.ReadRange(),
            new ShardId(reader.ReadVarint32()),
            reader.ReadVarint32());
        Invariant.Check(version == FormatVersion && reader.EndedWell, "A stored segment is whole.");
        return segment;
    }
}
