using System.Collections.Generic;
using System.IO;
using System.Linq;

using ShardSql.Primitives;
using ShardSql.Storage.Files;
using ShardSql.Storage.Wal;

using Xunit;

namespace ShardSql.Tests.Storage.Wal;

/// <summary>Random appends, syncs, cuts, failures and power cuts: what was synced is there, nothing wrong is.</summary>
public sealed class WalCrashTests
{
    private const int Seeds = 300;
    private const int LivesPerSeed = 6;

    [Fact]
    public void Recovery_after_random_crashes_keeps_all_that_was_synced_and_invents_nothing()
    {
        int torn = 0;
        int unsyncedSurvived = 0;
        for (ulong seed = 1; seed <= Seeds; seed++)
        {
            var run = new CrashRun(seed);
            for (int life = 0; life < LivesPerSeed; life++)
            {
                run.Live();
            }

            torn += run.TornTails;
            unsyncedSurvived += run.UnsyncedSurvived;
        }

        // Or the disk was too tame to prove anything.
        Assert.True(torn > Seeds, $"only {torn} torn tails");
        Assert.True(unsyncedSurvived > Seeds / 10, $"only {unsyncedSurvived} unsynced records survived");
    }

    private sealed class CrashRun
    {
        private readonly ulong _seed;
        private readonly Prng _prng;
        private readonly SimulatedFileSystem _disk;

        /// <summary>Records in order, with the segment of each.</summary>
        private readonly List<(ulong Segment, string Record)> _written = [];

        private int _synced;
        private ulong _truncatedBefore;
        private int _number;

        public CrashRun(ulong seed)
        {
            _seed = seed;
            _prng = new Prng(seed);
            _disk = new SimulatedFileSystem(seed);
        }

        public int TornTails { get; private set; }

        public int UnsyncedSurvived { get; private set; }

        public void Live()
        {
            var sample = Recover();
            if (_prng.Chance(300_000))
            {
                _disk.FailSync(_prng.Next(20));
            }

            try
            {
                for (int step = _prng.Next(60); step > 0; step--)
                {
                    Step(sample);
                }
            }
            catch (SyncFailedException)
            {
                // The node ends here; what was acknowledged before must still be found.
            }

            _disk.ClearFaults();
            if (_prng.Chance(700_000))
            {
                _disk.Crash(_prng); // Otherwise only the process dies, and the next one sees what nothing has synced.
            }
        }

        private WalSample Recover()
        {
            WalSample? sample = null;
            while (sample is null)
            {
                Check(WalSample.Read(_disk, out List<string> found), found);
                if (_prng.Chance(200_000))
                {
                    // The power fails again while the log opens.
                    _disk.FailSync(_prng.Next(4));
                }

                try
                {
                    sample = new WalSample(_disk);
                    _disk.ClearFaults();
                    _synced = _written.Count;
                }
                catch (SyncFailedException)
                {
                    _disk.Crash(_prng);
                }
            }

            return sample;
        }

        private void Check(WalScanResult scan, List<string> found)
        {
            Assert.True(scan.Outcome != WalOutcome.Damage, $"seed {_seed}: {scan}");
            TornTails += scan.Outcome == WalOutcome.TornTail ? 1 : 0;
            int first = _written.FindIndex(r => r.Segment >= scan.FirstSegment);
            first = first < 0 ? _written.Count : first;
            List<string> expected = [.. _written.Skip(first).Select(r => r.Record)];
            Assert.True(scan.FirstSegment <= System.Math.Max(_truncatedBefore, 1), $"seed {_seed}: cut too much");
            Assert.True(
                found.SequenceEqual(expected.Take(found.Count)), $"seed {_seed}: a record that was not written there");
            Assert.True(first + found.Count >= _synced, $"seed {_seed}: lost {_synced - first - found.Count} synced");
            UnsyncedSurvived += first + found.Count - _synced;
            _written.RemoveRange(first + found.Count, _written.Count - first - found.Count);
        }

        private void Step(WalSample sample)
        {
            switch (_prng.Next(10))
            {
                case < 7:
                    string record = sample.Append(_number++, _prng.Next(_prng.Chance(50_000) ? 20_000 : 900));
                    _written.Add((sample.Log.Written.Segment, record));
                    break;
                case < 9:
                    sample.Log.Sync();
                    break;
                default:
                    ulong before = sample.Log.Synced.Segment;
                    _truncatedBefore = System.Math.Max(_truncatedBefore, before);
                    sample.Log.TruncateBefore(before);
                    break;
            }

            if (sample.Log.Synced == sample.Log.Written)
            {
                _synced = _written.Count;
            }
            else if (sample.Log.Synced.Offset == 4096)
            {
                // A new segment began: all before it was synced on the way.
                _synced = System.Math.Max(_synced, _written.FindLastIndex(r => r.Segment < sample.Log.Synced.Segment) + 1);
            }
        }
    }
}
