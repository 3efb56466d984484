using System;

namespace ShardSql.Storage.Wal;

/// <summary>Bounds of the log thread.</summary>
public sealed record LogThreadOptions
{
    /// <summary>What arrived during the last sync, up to so much, is the next batch (performance.md, Rules).</summary>
    public const int BatchBytesDefault = 64 << 10;

    /// <summary>Bytes that may wait.</summary>
    public const int QueueBytesDefault = 16 << 20;

    /// <summary>A batch takes no further record once it holds so much.</summary>
    public int BatchBytes { get; init; } = BatchBytesDefault;

    /// <summary>An append blocks while so much waits.</summary>
    public int QueueBytes { get; init; } = QueueBytesDefault;

    /// <summary>Throws for values that cannot work.</summary>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(BatchBytes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(QueueBytes, BatchBytes);
    }
}
