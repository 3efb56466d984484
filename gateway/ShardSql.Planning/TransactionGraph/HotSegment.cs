using ShardSql.Planning.Maps;

namespace ShardSql.Planning.TransactionGraph;

/// <summary>A segment that is touched often.</summary>
public sealed record HotSegment(SegmentId Segment, Heat Heat);
