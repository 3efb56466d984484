using ShardSql.Consensus;
using ShardSql.Primitives;

namespace ShardSql.Storage.Nodes;

/// <summary>What a node keeps of a replica that it gave up, lest a later life of it break a promise.</summary>
/// <param name="Generation">The last generation that it had anything under in the base store.</param>
/// <param name="Promised">The highest ballot that it promised.</param>
/// <param name="Accepted">The highest slot that it accepted a value in, or knew to be chosen.</param>
/// <param name="IsAmnesiac">Whether it had lost its votes, and did not know either.</param>
internal sealed record FormerLife(uint Generation, Ballot Promised, Slot Accepted, bool IsAmnesiac)
{
    /// <summary>The record that says so in the log.</summary>
    public PaxosRecord Record => new(PaxosRecordKind.Retired, Promised, Accepted, IsAmnesiac ? [1] : []);

    public void Write(ByteWriter writer)
    {
        writer.WriteVarint(Generation);
        writer.WriteBallot(Promised);
        writer.WriteVarint(Accepted.Value);
        writer.WriteBoolean(IsAmnesiac);
    }

    public static FormerLife Read(ref ByteReader reader) =>
        new(reader.ReadVarint32(), reader.ReadBallot(), new Slot(reader.ReadVarint()), reader.ReadBoolean());
}
