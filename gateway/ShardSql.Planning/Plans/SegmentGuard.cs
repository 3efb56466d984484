using ShardSql.Planning.Maps;

namespace ShardSql.Planning.Plans;

/// <summary>The epoch of a segment that a task was planned with; a shard that has another answers with the new owner.
/// </summary>
public readonly record struct SegmentGuard(SegmentId Segment, uint Epoch);
