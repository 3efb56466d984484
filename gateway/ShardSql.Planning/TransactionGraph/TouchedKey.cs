using System;
using ShardSql.Planning.Maps;

namespace ShardSql.Planning.TransactionGraph;

/// <summary>A row that a transaction read or wrote. The bytes are copied where they are kept.</summary>
/// <param name="TableId">The row's table.</param>
/// <param name="Segment">The segment in which it lies.</param>
/// <param name="Key">Its encoded key.</param>
/// <param name="IsWrite">Whether it was written.</param>
public readonly record struct TouchedKey(uint TableId, SegmentId Segment, ReadOnlyMemory<byte> Key, bool IsWrite);
