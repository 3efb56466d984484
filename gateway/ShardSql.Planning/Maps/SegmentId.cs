using System;
using System.Globalization;

namespace ShardSql.Planning.Maps;

/// <summary>A segment of the shard map. Never reused.</summary>
public readonly record struct SegmentId(uint Value) : IComparable<SegmentId>
{
    /// <inheritdoc />
    public int CompareTo(SegmentId other) => Value.CompareTo(other.Value);

    /// <inheritdoc />
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"seg-{Value}");
}
