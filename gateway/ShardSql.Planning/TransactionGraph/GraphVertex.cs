using ShardSql.Planning.Maps;

namespace ShardSql.Planning.TransactionGraph;

/// <summary>A row that is known one by one, or all other rows of a segment.</summary>
/// <param name="Segment">The segment.</param>
/// <param name="TableId">The row's table; 0 for the rest of a segment.</param>
/// <param name="Key">The row's encoded key; null for the rest of a segment.</param>
public sealed record GraphVertex(SegmentId Segment, uint TableId, byte[]? Key)
{
    /// <summary>Whether it is one row.</summary>
    public bool IsRow => Key is not null;
}
