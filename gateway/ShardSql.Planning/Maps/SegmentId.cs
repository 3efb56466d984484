using System;
using System.Globalization;

namespace ShardSql.Planning.Maps;

/// <summary>A segment of the shard map. Never reused.</summary>
public readonly record struct SegmentId(uint Value) : IComparable<SegmentId>
{
    private const string Prefix = "seg-";

    /// <inheritdoc />
    public int CompareTo(SegmentId other) => Value.CompareTo(other.Value);

    /// <summary>From "seg-7" or "7"; null for anything else.</summary>
    public static SegmentId? TryParse(string text) => uint.TryParse(
        text.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) ? text[Prefix.Length..] : text,
        NumberStyles.None,
        CultureInfo.InvariantCulture,
        out uint value)
        ? new SegmentId(value)
        : null;

    /// <inheritdoc />
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Value}");
}
