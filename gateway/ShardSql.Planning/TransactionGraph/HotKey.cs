using ShardSql.Planning.Maps;

namespace ShardSql.Planning.TransactionGraph;

/// <summary>A row that is touched often.</summary>
public sealed record HotKey(uint TableId, byte[] Key, SegmentId Segment, Heat Heat);
