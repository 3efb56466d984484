using System.Globalization;

namespace ShardSql.Storage.Wal;

/// <summary>What recovery found in a log.</summary>
public sealed record WalScanResult
{
    /// <summary>How it ends.</summary>
    public required WalOutcome Outcome { get; init; }

    /// <summary>The first segment that is there; 0 when there is no log.</summary>
    public required ulong FirstSegment { get; init; }

    /// <summary>Behind the last good batch: where appending goes on, or the place of the damage.</summary>
    public required LogPosition End { get; init; }

    /// <summary>Good batches.</summary>
    public required long Batches { get; init; }

    /// <summary>Records handed out.</summary>
    public required long Records { get; init; }

    /// <summary>Batches behind a torn one that are whole, and go with it all the same.</summary>
    public required int BatchesCut { get; init; }

    /// <summary>One line for the node's log: what is wrong and where.</summary>
    public string Text { get; init; } = "";

    /// <summary>Up to where a torn tail reaches.</summary>
    internal long CutEnd { get; init; }

    /// <summary>Up to where the log was surely synced: what the last good batch says.</summary>
    internal LogPosition Synced { get; init; }

    /// <summary>Checksum of the last good batch.</summary>
    internal uint Chain { get; init; }

    /// <inheritdoc />
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Outcome} at {End}, {Batches} batches, {Records} records. {Text}").TrimEnd();
}
