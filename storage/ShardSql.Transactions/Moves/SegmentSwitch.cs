using ShardSql.Primitives;

namespace ShardSql.Transactions.Moves;

/// <summary>
/// A shard's part in the transaction that gives a segment to another shard: what must hold there, beside the guard that
/// the transaction sets (sharding.md §2, step 6).
/// </summary>
/// <param name="Segment">The segment.</param>
/// <param name="Job">The move.</param>
/// <param name="Term">Of the runner that switches.</param>
/// <param name="IsSource">Whether the shard gives the segment away: it must be fenced there.</param>
/// <param name="Parts">Target: how many parts must be staged.</param>
/// <param name="Digest">Target: and their digest.</param>
/// <param name="PatienceMs">How long the switch may be undecided before recovery begins, ms: what the source's vote fixes has
/// to be brought to the target, and changes of the map come one after the other.</param>
/// <param name="Horizon">Target: the source's horizon. Snapshots below it find no whole history here.</param>
public readonly record struct SegmentSwitch(
    uint Segment, ulong Job, ulong Term, bool IsSource, ulong Parts, ulong Digest, uint PatienceMs,
    HlcTimestamp Horizon)
{
    /// <summary>Writes the switch.</summary>
    public void Write(ByteWriter writer)
    {
        System.ArgumentNullException.ThrowIfNull(writer);
        writer.WriteVarint(Segment);
        writer.WriteVarint(Job);
        writer.WriteVarint(Term);
        writer.WriteBoolean(IsSource);
        writer.WriteVarint(Parts);
        writer.WriteUInt64(Digest);
        writer.WriteVarint(PatienceMs);
        writer.WriteStamp(Horizon);
    }

    /// <summary>Reads a switch.</summary>
    public static SegmentSwitch Read(ref ByteReader reader) => new(
        reader.ReadVarint32(), reader.ReadVarint(), reader.ReadVarint(), reader.ReadBoolean(), reader.ReadVarint(),
        reader.ReadUInt64(), reader.ReadVarint32(), reader.ReadStamp());
}
