namespace ShardSql.Cluster.Tests.Processes;

/// <summary>What a reading client measured of itself, bytes.</summary>
/// <param name="Rows">Rows read.</param>
/// <param name="Milliseconds">How long it read.</param>
/// <param name="ManagedGrowth">The managed heap at its largest, garbage included, over what it was before.</param>
/// <param name="ResidentGrowth">The resident memory at its largest, over what it was before.</param>
internal sealed record ReadFigures(long Rows, long Milliseconds, long ManagedGrowth, long ResidentGrowth);
