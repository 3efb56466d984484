using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;
using ShardSql.Planning.Maps;
using ShardSql.Planning.Partitioning;
using ShardSql.Planning.TransactionGraph;
using ShardSql.Primitives;
using Xunit;

namespace ShardSql.Tests.Planning.TransactionGraph;

public sealed class TransactionTelemetryTests
{
    private const long HalfLifeMs = 60_000;

    [Fact]
    public void HotKeys_zipfStream_holdsAllBeyondTheErrorBound()
    {
        const int Slots = 200;
        const int Stream = 100_000;
        var telemetry = new TransactionTelemetry(new TelemetryOptions { Keys = Slots });
        var random = new Prng(1);
        int[] times = new int[20_000];
        for (int i = 0; i < Stream; i++)
        {
            // Rank r with a probability in proportion to 1/r, nearly: Zipf.
            double rank = Math.Exp(random.Next(1_000_000) / 1e6 * Math.Log(times.Length));
            int row = (int)Math.Min(times.Length, rank) - 1;
            times[row]++;
            telemetry.Add([Row(row)], [new ShardId(1)], false, nowMs: 5);
        }

        IReadOnlyList<HotKey> hot = telemetry.HotKeys(Slots);

        int[] heavy = [.. Enumerable.Range(0, times.Length).Where(row => times[row] > Stream / Slots)];
        Assert.InRange(heavy.Length, 15, 100);
        Dictionary<int, double> found = hot.ToDictionary(key => NumberOf(key.Key), key => key.Heat.Total);
        Assert.All(heavy, row => Assert.Contains(row, found.Keys));
        Assert.All(heavy.Take(5), row => Assert.InRange(found[row], times[row] * 0.99, times[row] + (Stream / Slots)));
        Assert.Equal(Enumerable.Range(0, 5), hot.Take(5).Select(key => NumberOf(key.Key)));
    }

    [Fact]
    public void HotKeys_kindsOfTouch_areToldApart()
    {
        var telemetry = new TransactionTelemetry(new TelemetryOptions());
        for (int ms = 0; ms < 10_000; ms += 10)
        {
            telemetry.Add([Row(1, isWrite: true), Row(2)], [new ShardId(1)], false, ms);
            if (ms % 20 == 0)
            {
                telemetry.AddAborted([Row(1, isWrite: true)], ms);
            }
        }

        HotKey[] hot = [.. telemetry.HotKeys(10)];

        Assert.Equal([1, 2], hot.Select(key => NumberOf(key.Key)));
        Assert.InRange(hot[0].Heat.Writes, 99, 101);
        Assert.InRange(hot[0].Heat.Aborts, 49, 51);
        Assert.Equal(0, hot[0].Heat.Reads);
        Assert.InRange(hot[1].Heat.Reads, 99, 101);
        Assert.InRange(telemetry.TransactionsPerSecond, 99, 101);
        Assert.Equal((7u, new SegmentId(3)), (hot[0].TableId, hot[0].Segment));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(40)]
    public void Add_afterHalfLives_oldCountsHalfAsOften(int halfLives)
    {
        var telemetry = new TransactionTelemetry(new TelemetryOptions { HalfLifeMs = HalfLifeMs });
        Repeat(1000, () => telemetry.Add([Row(1), Row(2)], [new ShardId(1)], true, 0));

        long later = HalfLifeMs * halfLives;
        Repeat(1000, () => telemetry.Add([Row(3), Row(4)], [new ShardId(2)], false, later));

        IReadOnlyList<HotKey> hot = telemetry.HotKeys(4);
        double ratio = hot.Single(key => NumberOf(key.Key) == 1).Heat.Total
            / hot.Single(key => NumberOf(key.Key) == 3).Heat.Total;
        double expected = Math.Pow(0.5, halfLives);
        Assert.InRange(ratio, (expected * 0.99) - 1e-6, (expected * 1.01) + 1e-6);
        double loads = telemetry.LoadOf(new ShardId(1)) / telemetry.LoadOf(new ShardId(2));
        Assert.InRange(loads, ratio * 0.99, (ratio * 1.01) + 1e-6);
        double cross = 1e6 * expected / (1 + expected);
        Assert.InRange(telemetry.CrossShardPerMillion, (int)(cross * 0.99), 1 + (int)(cross * 1.01));
        HotEdge[] edges = [.. telemetry.HotEdges(2)];
        Assert.Equal(3, Math.Min(NumberOf(edges[0].First.Key!), NumberOf(edges[0].Second.Key!)));
    }

    [Fact]
    public void Add_betweenHalfLives_decaysSmoothly()
    {
        var telemetry = new TransactionTelemetry(new TelemetryOptions { HalfLifeMs = HalfLifeMs });
        telemetry.Add([Row(1)], [], false, 0);
        Repeat(1000, () => telemetry.Add([Row(2)], [], false, HalfLifeMs / 2));
        Repeat(1000, () => telemetry.Add([Row(3)], [], false, HalfLifeMs));

        Heat[] heat = [.. telemetry.HotKeys(3).OrderBy(key => NumberOf(key.Key)).Select(key => key.Heat)];

        Assert.InRange(heat[1].Total / heat[2].Total, 0.70, 0.715);
    }

    [Fact]
    public void Add_timeGoesBack_isTakenAsNow()
    {
        var telemetry = new TransactionTelemetry(new TelemetryOptions());
        telemetry.Add([Row(1)], [], false, 100_000);
        telemetry.Add([Row(2)], [], false, 40_000);

        Heat[] heat = [.. telemetry.HotKeys(2).Select(key => key.Heat)];

        Assert.Equal(heat[0], heat[1]);
    }

    [Fact]
    public void PerSecond_steadyLoad_isItsRateEarlyAndLate()
    {
        var telemetry = new TransactionTelemetry(new TelemetryOptions { HalfLifeMs = 5_000 });
        for (int second = 1; second <= 300; second++)
        {
            for (int i = 0; i < 50; i++)
            {
                telemetry.Add([Row(1)], [], false, (second * 1000) + (i * 20));
            }

            if (second is 3 or 20 or 300)
            {
                Assert.InRange(telemetry.HotKeys(1)[0].Heat.Reads, 48, 54);
            }
        }
    }

    [Fact]
    public void Add_oneOfTenLookedAt_estimatesTheWhole()
    {
        var telemetry = new TransactionTelemetry(new TelemetryOptions { SampleEvery = 10 });
        for (int i = 0; i < 100_000; i++)
        {
            // Every tenth transaction is another one: a sample at a fixed place of each ten would see one kind alone.
            telemetry.Add([Row(i % 10 == 0 ? 1 : 2)], [], i % 4 == 0, i / 100);
        }

        double[] heat = [.. telemetry.HotKeys(2).Select(key => key.Heat.Total)];

        Assert.InRange(heat[1] / heat[0], 0.09, 0.14);
        Assert.InRange(telemetry.CrossShardPerMillion, 249_000, 251_000);
        Assert.InRange((heat[0] + heat[1]) / telemetry.TransactionsPerSecond, 0.98, 1.02);
    }

    [Fact]
    public void Add_steadyState_allocatesNothing()
    {
        var telemetry = new TransactionTelemetry(
            new TelemetryOptions { Keys = 256, Edges = 512, Segments = 8, SegmentPairs = 16, SamplesOfAStratum = 16 });
        TouchedKey[] rows = [.. Enumerable.Range(0, 5000).Select(number => Row(number, segment: (uint)number % 20))];
        ShardId[] shards = [new ShardId(1), new ShardId(2)];
        Run(20_000);

        long before = GC.GetAllocatedBytesForCurrentThread();
        Run(50_000);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(256, telemetry.HotKeys(int.MaxValue).Count);
        Assert.Equal(512, telemetry.HotEdges(int.MaxValue).Count);
        Assert.Equal(8, telemetry.HotSegments(int.MaxValue).Count);

        void Run(int transactions)
        {
            for (int i = 0; i < transactions; i++)
            {
                telemetry.Add(rows.AsSpan(i * 37 % 4980, 1 + (i % 20)), shards, true, i);
            }
        }
    }

    [Fact]
    public void HotEdges_pairsOfACommunity_comeFirst()
    {
        var telemetry = new TransactionTelemetry(new TelemetryOptions { Edges = 2000 });
        var random = new Prng(2);
        for (int i = 0; i < 50_000; i++)
        {
            int first = random.Next(1000);
            int second = i % 3 == 0 ? (first / 2 * 2) + 1 - (first % 2) : random.Next(1000);
            if (first != second)
            {
                telemetry.Add([Row(first), Row(second)], [], false, i / 50);
            }
        }

        HotEdge[] edges = [.. telemetry.HotEdges(500)];

        Assert.InRange(
            edges.Count(edge => NumberOf(edge.First.Key!) / 2 == NumberOf(edge.Second.Key!) / 2), 490, 500);
    }

    [Fact]
    public void ToGraph_communities_areRecoveredAndTheShareIsPredicted()
    {
        // 40 communities of 25 rows in hash segments: the partition of the graph must put communities together.
        var telemetry = new TransactionTelemetry(new TelemetryOptions());
        var random = new Prng(2);
        for (int i = 0; i < 60_000; i++)
        {
            int first = random.Next(1000);
            int second = random.Next(20) == 0 ? random.Next(1000) : (first / 25 * 25) + random.Next(25);
            telemetry.Add([HashedRow(first), HashedRow(second)], [], true, i / 10);
        }

        TransactionGraphSnapshot snapshot = telemetry.ToGraph();
        PartitionResult partition = Partitioner.Partition(
            snapshot.Graph, new PartitionOptions { Parts = 4, BalancePerMille = 1050 });

        Assert.Equal(1000, snapshot.Vertices.Count(vertex => vertex.IsRow));
        Assert.Equal(snapshot.Graph.VertexCount, snapshot.Vertices.Count);
        int torn = Enumerable.Range(0, 1000)
            .GroupBy(row => row / 25)
            .Sum(community => 25 - community
                .GroupBy(row => partition.Assignment[VertexOf(snapshot, row)])
                .Max(group => group.Count()));
        Assert.InRange(torn, 0, 25);
        int[] hashed = [.. snapshot.Vertices.Select(vertex => (int)(vertex.Segment.Value % 4))];
        Assert.InRange(snapshot.Sample.CrossPerMillion(hashed), 680_000, 760_000);
        Assert.InRange(snapshot.Sample.CrossPerMillion(partition.Assignment), 20_000, 65_000);
    }

    [Fact]
    public void ToGraph_rowsBeyondTheSketch_areFoldedIntoTheirSegments()
    {
        // 20,000 rows and 100 slots: what is hot stands alone, the rest is four vertices with all other heat and edges.
        var telemetry = new TransactionTelemetry(new TelemetryOptions { Keys = 100, Edges = 300 });
        var random = new Prng(2);
        for (int i = 0; i < 40_000; i++)
        {
            int cold = random.Next(20_000);
            TouchedKey hot = Row(100_000 + (i % 10), segment: 9);
            int other = (cold + 4) % 20_000;
            telemetry.Add(
                [Row(cold, segment: (uint)cold % 4), Row(other, segment: (uint)(other + 1) % 4), hot], [], true, 1000);
        }

        TransactionGraphSnapshot snapshot = telemetry.ToGraph();

        Dictionary<uint, long> heat = snapshot.Vertices
            .Select((vertex, i) => (vertex.Segment.Value, Weight: (long)snapshot.Graph.VertexWeight(i)))
            .GroupBy(vertex => vertex.Value)
            .ToDictionary(group => group.Key, group => group.Sum(vertex => vertex.Weight));
        Assert.Equal([0u, 1u, 2u, 3u, 9u], heat.Keys.Order());
        Assert.All(heat.Keys.Where(segment => segment < 4), segment => Assert.InRange(heat[segment], 300_000, 340_000));
        Assert.InRange(heat[9], 639_000, 641_000);
        Assert.Equal(10, snapshot.Vertices.Count(vertex => vertex.IsRow));
        Assert.InRange(snapshot.Graph.VertexCount, 15, 15);
        int[] rests = [.. Enumerable.Range(0, 4).Select(segment => RestOf(snapshot, (uint)segment))];
        Assert.All(
            Enumerable.Range(0, 4),
            segment => Assert.Contains(rests[(segment + 1) % 4], snapshot.Graph.Neighbours(rests[segment]).ToArray()));
    }

    [Fact]
    public void ToGraph_hugeCounts_fitTheGraph()
    {
        var telemetry = new TransactionTelemetry(new TelemetryOptions { SampleEvery = 1 << 20 });
        for (int i = 0; i < 8_000_000; i++)
        {
            telemetry.Add([Row(1), Row(2)], [], false, 0);
        }

        TransactionGraphSnapshot snapshot = telemetry.ToGraph();

        Assert.InRange(snapshot.Graph.TotalVertexWeight, 1, PartitionGraph.WeightTotalMax);
        Assert.Equal(1, snapshot.Graph.EdgeCount);
    }

    [Fact]
    public void ToGraph_longKeys_countForTheirSegment()
    {
        var telemetry = new TransactionTelemetry(new TelemetryOptions());
        byte[] key = new byte[TransactionTelemetry.KeyBytesMax + 1];
        telemetry.Add([new TouchedKey(1, new SegmentId(5), key, true), Row(1)], [], false, 0);

        TransactionGraphSnapshot snapshot = telemetry.ToGraph();

        Assert.Equal(1, snapshot.Vertices.Count(vertex => vertex.IsRow));
        Assert.Equal([RestOf(snapshot, 5)], snapshot.Graph.Neighbours(VertexOf(snapshot, 1)).ToArray());
    }

    [Fact]
    public void ToGraph_sameTransactions_givesTheSame()
    {
        Assert.Equal(HashOfGraph(), HashOfGraph());

        static ulong HashOfGraph()
        {
            var telemetry = new TransactionTelemetry(new TelemetryOptions { Keys = 64, Edges = 64, SampleEvery = 3 });
            var random = new Prng(7);
            for (int i = 0; i < 5000; i++)
            {
                telemetry.Add([Row(random.Next(300)), Row(random.Next(300))], [], i % 2 == 0, i * 9);
            }

            TransactionGraphSnapshot snapshot = telemetry.ToGraph();
            ulong hash = (ulong)snapshot.Sample.TotalWeight;
            for (int vertex = 0; vertex < snapshot.Graph.VertexCount; vertex++)
            {
                hash = Hash64.Combine(hash, (ulong)snapshot.Graph.VertexWeight(vertex));
                foreach (int other in snapshot.Graph.Neighbours(vertex))
                {
                    hash = Hash64.Combine(hash, (ulong)other);
                }
            }

            return hash;
        }
    }

    private static TouchedKey Row(int number, uint segment = 3, bool isWrite = false)
    {
        byte[] key = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(key, number);
        return new TouchedKey(7, new SegmentId(segment), key, isWrite);
    }

    private static TouchedKey HashedRow(int number) => Row(number, (uint)(Hash64.Combine(0, (ulong)number) % 16));

    private static int NumberOf(byte[] key) => BinaryPrimitives.ReadInt32BigEndian(key);

    private static int VertexOf(TransactionGraphSnapshot snapshot, int row) =>
        Enumerable.Range(0, snapshot.Vertices.Count)
            .Single(i => snapshot.Vertices[i].Key is { } key && NumberOf(key) == row);

    private static int RestOf(TransactionGraphSnapshot snapshot, uint segment) =>
        Enumerable.Range(0, snapshot.Vertices.Count)
            .Single(i => !snapshot.Vertices[i].IsRow && snapshot.Vertices[i].Segment.Value == segment);

    private static void Repeat(int times, Action action)
    {
        for (int i = 0; i < times; i++)
        {
            action();
        }
    }
}
