using System;
using System.Globalization;

namespace ShardSql.Primitives;

/// <summary>
/// A stamp of the hybrid logical clock, compared whole: time first, then the source that drew it. Never repeated,
/// because a source never repeats a time and no two sources share a number (commit.md §1).
/// </summary>
/// <param name="Time">Milliseconds since 1970 in the upper 44 bits, a logical counter in the lower 20.</param>
/// <param name="Source">Who drew it: a node's id and boot, or a gateway's number.</param>
public readonly record struct HlcTimestamp(ulong Time, ulong Source) : IComparable<HlcTimestamp>
{
    /// <summary>Bits of the logical counter.</summary>
    public const int LogicalBits = 20;

    /// <summary>Length of the encoded form in bytes.</summary>
    public const int EncodedLength = 16;

    /// <summary>Below every stamp drawn; the creator of an absent key's virtual version.</summary>
    public static HlcTimestamp Zero => default;

    /// <summary>Above every stamp drawn; the sstamp of a version that nobody has overwritten.</summary>
    public static HlcTimestamp Infinity => new(ulong.MaxValue, ulong.MaxValue);

    /// <summary>Milliseconds since 1970.</summary>
    public long PhysicalMs => (long)(Time >> LogicalBits);

    /// <summary>Whether this is <see cref="Infinity"/>.</summary>
    public bool IsInfinity => Time == ulong.MaxValue && Source == ulong.MaxValue;

    /// <summary>The highest stamp below this one; Zero has none.</summary>
    public HlcTimestamp Previous => Source > 0 ? this with { Source = Source - 1 } : new(Time - 1, ulong.MaxValue);

    /// <summary>The lowest stamp of a millisecond.</summary>
    public static HlcTimestamp FromPhysicalMs(long ms) => new((ulong)ms << LogicalBits, 0);

    /// <inheritdoc />
    public int CompareTo(HlcTimestamp other)
    {
        int byTime = Time.CompareTo(other.Time);
        return byTime != 0 ? byTime : Source.CompareTo(other.Source);
    }

    /// <summary>The larger of two stamps.</summary>
    public static HlcTimestamp Max(HlcTimestamp left, HlcTimestamp right) => left >= right ? left : right;

    /// <summary>The smaller of two stamps.</summary>
    public static HlcTimestamp Min(HlcTimestamp left, HlcTimestamp right) => left <= right ? left : right;

    /// <summary>Order of stamps.</summary>
    public static bool operator <(HlcTimestamp left, HlcTimestamp right) => left.CompareTo(right) < 0;

    /// <summary>Order of stamps.</summary>
    public static bool operator >(HlcTimestamp left, HlcTimestamp right) => left.CompareTo(right) > 0;

    /// <summary>Order of stamps.</summary>
    public static bool operator <=(HlcTimestamp left, HlcTimestamp right) => left.CompareTo(right) <= 0;

    /// <summary>Order of stamps.</summary>
    public static bool operator >=(HlcTimestamp left, HlcTimestamp right) => left.CompareTo(right) >= 0;

    /// <inheritdoc />
    public override string ToString() => IsInfinity
        ? "∞"
        : string.Create(
            CultureInfo.InvariantCulture, $"{PhysicalMs}.{Time & ((1UL << LogicalBits) - 1)}@{Source}");
}
