using ShardSql.Primitives;

namespace ShardSql.Transactions;

/// <summary>What a guard protects.</summary>
public enum GuardKind : byte
{
    /// <summary>A table's schema version (architecture.md §2).</summary>
    Table = 1,

    /// <summary>A segment's epoch: who owns it (architecture.md §3).</summary>
    Segment = 2,
}

/// <summary>
/// A number that must still hold at a shard when a request takes effect there: the schema version a plan was made
/// with, or the epoch of a segment. DDL and moves set guards in the same transaction that changes the catalog.
/// </summary>
/// <param name="Kind">What is guarded.</param>
/// <param name="Id">Table or segment id.</param>
/// <param name="Version">Schema version or epoch; 0 means "none here".</param>
/// <param name="HidesOlder">Of one that is set: whether snapshots from before are not served with it, because rows that they see
/// were elsewhere.</param>
public readonly record struct Guard(GuardKind Kind, uint Id, ulong Version, bool HidesOlder = false)
{
    private const byte HidesOlderBit = 0x80;

    /// <summary>Writes the guard.</summary>
    public void Write(ByteWriter writer)
    {
        writer.WriteByte((byte)((byte)Kind | (HidesOlder ? HidesOlderBit : 0)));
        writer.WriteVarint(Id);
        writer.WriteVarint(Version);
    }

    /// <summary>Reads a guard.</summary>
    public static Guard Read(ref ByteReader reader)
    {
        byte kind = reader.ReadByte();
        return new Guard(
            (GuardKind)(kind & ~HidesOlderBit), reader.ReadVarint32(), reader.ReadVarint(), (kind & HidesOlderBit) != 0);
    }
}
