using ShardSql.Primitives;

namespace ShardSql.Simulation.Cluster;

/// <summary>What differs from seed to seed: sizes, delays, bounds of the nodes, chances of faults per million.</summary>
internal sealed record ClusterKnobs
{
    private const long SlowStoreUs = 60_000;
    private const int SnapshotRowsOfSlowStore = 100;

    public required int Nodes { get; init; }

    public required int Replicas { get; init; }

    public required int Shards { get; init; }

    public required int Gateways { get; init; }

    public required int Clients { get; init; }

    public required long ThinkMeanUs { get; init; }

    public required long DelayMinUs { get; init; }

    public required long DelayMeanUs { get; init; }

    public required int Loss { get; init; }

    public required int Duplication { get; init; }

    public required long SyncMeanUs { get; init; }

    public required long StoreMeanUs { get; init; }

    public required int WallSkewMs { get; init; }

    public required int SegmentBytes { get; init; }

    public required int SegmentsMax { get; init; }

    public required int FlushRows { get; init; }

    public required ulong SlotsKept { get; init; }

    public required int SnapshotRows { get; init; }

    public required int SliceRows { get; init; }

    /// <summary>How often a node stops between what it has read and its answer.</summary>
    public required int Stalls { get; init; }

    public required long StallMeanUs { get; init; }

    public required int StateChunkBytes { get; init; }

    public required long HorizonLagMs { get; init; }

    public required long CloseLagMs { get; init; }

    public required long CloseEveryMs { get; init; }

    public required int EntryBytesMax { get; init; }

    public required int InFlightMax { get; init; }

    public required int BatchBytes { get; init; }

    public required int GroupsPerTable { get; init; }

    public required long FaultMeanMs { get; init; }

    /// <summary>Draws a world.</summary>
    public static ClusterKnobs Draw(Prng prng)
    {
        int nodes = prng.Next(3, 6);
        var drawn = new ClusterKnobs
        {
            Nodes = nodes,
            Replicas = nodes == 5 && prng.Chance(300_000) ? 5 : 3,
            Shards = prng.Next(2, 5),
            Gateways = prng.Next(1, 4),
            Clients = prng.Next(4, 11),
            ThinkMeanUs = prng.Pick(20_000L, 60_000L, 150_000L, 300_000L),
            DelayMinUs = prng.Pick(100L, 500L, 5_000L),
            DelayMeanUs = prng.Pick(300L, 1_000L, 5_000L, 20_000L),
            Loss = prng.Pick(0, 0, 2_000, 20_000, 80_000),
            Duplication = prng.Pick(0, 0, 10_000, 50_000, 200_000),
            SyncMeanUs = prng.Pick(300L, 2_000L, 10_000L),
            StoreMeanUs = prng.Pick(100L, 1_000L, 10_000L, SlowStoreUs),
            WallSkewMs = prng.Pick(0, 5, 50, 200, 1_000),
            SegmentBytes = prng.Pick(16 * 1024, 64 * 1024, 256 * 1024),
            SegmentsMax = prng.Pick(2, 4),
            FlushRows = prng.Pick(5, 30, 30, 150, 150, 1_000),
            SlotsKept = prng.Pick(2UL, 8UL, 50UL, 10_000UL),
            SliceRows = prng.Pick(2, 256),
            Stalls = prng.Pick(0, 0, 500, 5_000),
            StallMeanUs = prng.Pick(100_000L, 1_500_000L),
            SnapshotRows = prng.Pick(3, 20, 512),
            StateChunkBytes = prng.Pick(2 * 1024, 16 * 1024, 64 * 1024),
            HorizonLagMs = prng.Pick(500L, 2_000L, 10_000L),
            CloseLagMs = prng.Pick(500L, 3_000L),
            CloseEveryMs = prng.Pick(200L, 1_000L),
            EntryBytesMax = prng.Pick(1, 1_000, 64 * 1024),
            InFlightMax = prng.Pick(1, 4, 16),
            BatchBytes = prng.Pick(40, 64 * 1024, 64 * 1024),
            GroupsPerTable = prng.Pick(2, 4, 8),
            FaultMeanMs = prng.Pick(200L, 500L, 1_500L, 4_000L),
        };

        // Thousands of rows by threes, with so slow a store at both ends, would last longer than a run.
        return drawn.StoreMeanUs == SlowStoreUs && drawn.SnapshotRows < SnapshotRowsOfSlowStore
            ? drawn with { SnapshotRows = SnapshotRowsOfSlowStore }
            : drawn;
    }
}
