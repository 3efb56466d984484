using System;
using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using System.Text;
using ShardSql.Planning.Maps;
using ShardSql.Planning.TransactionGraph;
using ShardSql.Primitives;

namespace ShardSql.Benchmarks.Partitioning;

/// <summary>
/// What it costs to add a transaction to the telemetry, with full sketches and rows that nearly never repeat.
/// </summary>
internal static class TelemetryCost
{
    private const int Rows = 200_000;
    private const int HotRows = 200;
    private const int WarmUp = 300_000;
    private const int Transactions = 200_000;
    private const int Rounds = 7;

    public static string Measure()
    {
        var text = new StringBuilder(
            "Adding a transaction to the telemetry, sketches full; 200,000 rows, half of the touches on 200.\n\n"
            + "| rows of a transaction | looked at | ns | bytes |\n|---|---|---|---|\n");
        foreach ((int keys, int every) in new[] { (2, 1), (2, 8), (10, 1), (10, 8) })
        {
            (double nanoseconds, double bytes) = Cost(keys, every);
            text.Append(
                CultureInfo.InvariantCulture, $"| {keys} | 1 of {every} | {nanoseconds:0} | {bytes:0.00} |\n");
        }

        return text.ToString();
    }

    /// <summary>The best round's mean: what else the machine did is not in it.</summary>
    private static (double Nanoseconds, double Bytes) Cost(int keys, int every)
    {
        var telemetry = new TransactionTelemetry(new TelemetryOptions { SampleEvery = every });
        var random = new Prng(3);
        TouchedKey[] rows = [.. Enumerable.Range(0, Rows).Select(Row)];
        TouchedKey[] stream =
        [
            .. Enumerable.Range(0, Rows).Select(_ => rows[random.Next(random.Next(2) == 0 ? Rows : HotRows)]),
        ];
        ShardId[] shards = [new ShardId(1), new ShardId(2)];
        int at = 0;
        long now = 0;
        Run(WarmUp);
        double best = double.MaxValue;
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        for (int round = 0; round < Rounds; round++)
        {
            long began = Stopwatch.GetTimestamp();
            Run(Transactions);
            best = Math.Min(best, Stopwatch.GetElapsedTime(began).TotalNanoseconds / Transactions);
        }

        return (best, (GC.GetAllocatedBytesForCurrentThread() - allocated) / (double)(Rounds * Transactions));

        void Run(int transactions)
        {
            for (int i = 0; i < transactions; i++)
            {
                at = at + keys > Rows - keys ? 0 : at + keys;
                now += i % 10 == 0 ? 1 : 0;
                telemetry.Add(stream.AsSpan(at, keys), shards, true, now);
            }
        }
    }

    private static TouchedKey Row(int number)
    {
        byte[] key = new byte[12];
        BinaryPrimitives.WriteInt32BigEndian(key, number);
        return new TouchedKey(1, new SegmentId((uint)(Hash64.Combine(0, (ulong)number) % 64)), key, number % 2 == 0);
    }
}
