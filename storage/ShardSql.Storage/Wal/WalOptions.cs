using System;

namespace ShardSql.Storage.Wal;

/// <summary>How a write-ahead log lays out its files.</summary>
public sealed record WalOptions
{
    /// <summary>The smallest segment: a header page and a page of batches.</summary>
    public const int SegmentBytesMin = 2 * WalFormat.FirstBatchOffset;

    /// <summary>The usual size of a segment.</summary>
    public const int SegmentBytesDefault = 64 << 20;

    /// <summary>Size of a segment, preallocated. A batch that is larger gets a segment of its own size.</summary>
    public int SegmentBytes { get; init; } = SegmentBytesDefault;

    /// <summary>Segments kept for reuse; more are deleted.</summary>
    public int SparesMax { get; init; } = 2;

    /// <summary>Throws for values that cannot work.</summary>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(SegmentBytes, SegmentBytesMin);
        ArgumentOutOfRangeException.ThrowIfNegative(SparesMax);
    }
}
