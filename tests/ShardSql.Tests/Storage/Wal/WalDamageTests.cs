using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

using ShardSql.Primitives;
using ShardSql.Storage.Files;
using ShardSql.Storage.Wal;

using Xunit;

namespace ShardSql.Tests.Storage.Wal;

/// <summary>Cuts and flips at every byte: nothing wrong is ever handed out, and damage is told from a torn tail.</summary>
public sealed class WalDamageTests
{
    private static readonly string s_path = Path.Combine(WalSample.Folder, "log-0000000000000001");

    /// <summary>Where the batches of <see cref="Build"/> begin, and behind each of them.</summary>
    private readonly List<LogPosition> _ends = [];

    private readonly List<string> _written = [];

    [Fact]
    public void Scan_of_a_log_cut_at_every_byte_gives_the_batches_before_the_cut()
    {
        byte[] whole = Build(syncEach: false);
        int end = (int)_ends[^1].Offset;
        for (int cut = (int)_ends[0].Offset; cut < end; cut++)
        {
            byte[] torn = (byte[])whole.Clone();
            torn.AsSpan(cut).Clear();

            WalScanResult scan = ScanOf(torn, out List<string> records);

            // Zeros at a batch's end are there all the same.
            int batchesWhole = _ends.Count(
                e => e.Offset <= cut || whole.AsSpan(cut, (int)e.Offset - cut).IndexOfAnyExcept((byte)0) < 0);
            Assert.Equal(_ends[batchesWhole - 1], scan.End);
            Assert.Equal(_written.Take(batchesWhole - 1), records);
            Assert.NotEqual(WalOutcome.Damage, scan.Outcome);
            Assert.True(
                scan.Outcome == WalOutcome.TornTail
                || torn.AsSpan((int)scan.End.Offset).IndexOfAnyExcept((byte)0) < 0);
        }
    }

    [Fact]
    public void Scan_of_a_file_cut_short_at_every_byte_never_gives_a_wrong_record()
    {
        byte[] whole = Build(syncEach: true);
        for (int length = 0; length < (int)_ends[^1].Offset; length++)
        {
            WalScanResult scan = ScanOf(whole[..length], out List<string> records);

            Assert.Equal(_written.Take(records.Count), records);
            Assert.True(records.Count < _written.Count);
            Assert.Equal(length < 64, scan.Outcome == WalOutcome.Damage);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Scan_of_a_log_with_any_byte_flipped_never_gives_a_wrong_record(bool syncEach)
    {
        byte[] whole = Build(syncEach);
        for (int at = 0; at < (int)_ends[^1].Offset; at++)
        {
            if (at is >= 64 and < 4096)
            {
                continue; // Between the segment's header and the first batch lies nothing.
            }

            byte[] bad = (byte[])whole.Clone();
            bad[at] ^= (byte)(1 << (at % 8));

            WalScanResult scan = ScanOf(bad, out List<string> records);

            Assert.NotEqual(WalOutcome.Clean, scan.Outcome);
            int batchesBefore = at < 4096 ? 0 : _ends.Count(e => e.Offset <= at);
            Assert.Equal(_written.Take(Math.Max(batchesBefore - 1, 0)), records);
            if (at < 4096)
            {
                Assert.Equal(new LogPosition(1, 0), scan.End);
                Assert.Equal(WalOutcome.Damage, scan.Outcome);
            }
            else
            {
                // Each batch but the last is named as synced by the one behind it, when each was synced.
                bool named = syncEach ? batchesBefore < _ends.Count - 1 : batchesBefore == 0;
                Assert.Equal(named, scan.Outcome == WalOutcome.Damage);
            }
        }
    }

    [Fact]
    public void Scan_after_a_flip_below_a_clean_end_is_damage_in_the_last_batch_too()
    {
        var disk = new SimulatedFileSystem();
        var sample = new WalSample(disk);
        sample.AppendSynced(1, 100);
        long last = sample.Log.Written.Offset;
        sample.Log.Seal();
        disk.FlipBit(s_path, last - 20, 3);

        WalScanResult scan = WalSample.Read(disk, out List<string> records);

        Assert.Equal(WalOutcome.Damage, scan.Outcome);
        Assert.Empty(records);
    }

    [Fact]
    public void Scan_with_a_bad_batch_before_a_later_segment_is_damage_and_gives_what_lies_before()
    {
        var disk = new SimulatedFileSystem();
        var sample = new WalSample(disk);
        string[] written = [.. Enumerable.Range(0, 40).Select(i => sample.AppendSynced(i, 700))];
        disk.FlipBit(s_path, 9000, 0);

        WalScanResult scan = WalSample.Read(disk, out List<string> records);

        Assert.Equal(WalOutcome.Damage, scan.Outcome);
        Assert.Equal(1UL, scan.End.Segment);
        Assert.NotEmpty(records);
        Assert.Equal(written.Take(records.Count), records);
        Assert.Contains("offset", scan.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Scan_with_a_missing_segment_is_damage()
    {
        var disk = new SimulatedFileSystem();
        var sample = new WalSample(disk);
        _ = Enumerable.Range(0, 60).Select(i => sample.AppendSynced(i, 700)).ToList();
        disk.Delete(Path.Combine(WalSample.Folder, "log-0000000000000002"));

        WalScanResult scan = WalSample.Read(disk, out _);

        Assert.Equal(WalOutcome.Damage, scan.Outcome);
        Assert.Equal(new LogPosition(2, 0), scan.End);
    }

    [Fact]
    public void Open_of_a_damaged_log_is_refused_and_changes_nothing()
    {
        byte[] bad = Build(syncEach: true);
        bad[(int)_ends[2].Offset + 50] ^= 1;
        var disk = new SimulatedFileSystem();
        disk.Put(s_path, bad);

        Assert.Throws<InvalidOperationException>(() => new WalSample(disk));
        Assert.Equal(bad, disk.ReadAll(s_path));
    }

    [Fact]
    public void Open_of_a_torn_tail_wipes_whole_batches_behind_it()
    {
        byte[] torn = Build(syncEach: false);
        torn[(int)_ends[2].Offset + 50] ^= 1;
        var disk = new SimulatedFileSystem();
        disk.Put(s_path, torn);

        var sample = new WalSample(disk);
        Assert.Equal(WalOutcome.TornTail, sample.Scan.Outcome);
        Assert.Equal(_ends.Count - 4, sample.Scan.BatchesCut);
        Assert.Equal(_written.Take(2), sample.Found);
        byte[] wiped = disk.ReadAll(s_path);
        int sealEnd = (int)sample.Log.Written.Offset;
        Assert.True(wiped.AsSpan(sealEnd, (int)_ends[^2].Offset + 40 - sealEnd).IndexOfAnyExcept((byte)0) < 0);

        // A batch as long as the torn one ends where the old ones begin: they must not come back.
        string next = sample.AppendSynced(77, 12);
        WalScanResult scan = WalSample.Read(disk, out List<string> records);
        Assert.Equal([.. _written.Take(2), next], records);
        Assert.NotEqual(WalOutcome.Damage, scan.Outcome);
    }

    [Fact]
    public void Scan_ignores_a_good_batch_that_followed_another_one()
    {
        byte[] old = Build(syncEach: false);
        var disk = new SimulatedFileSystem();
        var sample = new WalSample(disk);
        string[] written = [sample.AppendSynced(0, 20), sample.AppendSynced(99, 33)];
        Assert.Equal(_ends[2], sample.Log.Written);
        byte[] mixed = disk.ReadAll(s_path);
        old.AsSpan((int)_ends[2].Offset).CopyTo(mixed.AsSpan((int)_ends[2].Offset));

        WalScanResult scan = ScanOf(mixed, out List<string> records);

        Assert.Equal(written, records);
        Assert.Equal(WalOutcome.TornTail, scan.Outcome);
        Assert.Equal(4, scan.BatchesCut); // And the one at the end itself.
    }

    [Fact]
    public void Scan_ignores_batches_of_another_segment()
    {
        byte[] bytes = Build(syncEach: true);
        bytes[32] = 2; // The number in the header of segment 1.
        BitConverter.TryWriteBytes(bytes.AsSpan(60), Crc32C.Compute(bytes.AsSpan(0, 60)));
        var disk = new SimulatedFileSystem();
        disk.Put(Path.Combine(WalSample.Folder, "log-0000000000000002"), bytes);

        WalScanResult scan = WalSample.Read(disk, out List<string> records);

        Assert.Empty(records);
        Assert.Equal(new LogPosition(2, 4096), scan.End);
        Assert.Equal(0, scan.BatchesCut);
    }

    [Fact]
    public void Scan_ignores_a_batch_at_another_offset()
    {
        byte[] bytes = Build(syncEach: true);
        Span<byte> last = bytes.AsSpan((int)_ends[^2].Offset, (int)(_ends[^1].Offset - _ends[^2].Offset));
        last.CopyTo(bytes.AsSpan((int)_ends[^1].Offset + 64));
        last.Clear();

        WalScanResult scan = ScanOf(bytes, out List<string> records);

        Assert.Equal(_written.Take(_written.Count - 1), records);
        Assert.Equal(0, scan.BatchesCut);
    }

    /// <summary>Seven batches of one record.</summary>
    private byte[] Build(bool syncEach)
    {
        var disk = new SimulatedFileSystem();
        var sample = new WalSample(disk);
        _ends.Add(sample.Log.Written);
        for (int i = 0; i < 7; i++)
        {
            _written.Add(syncEach ? sample.AppendSynced(i, 20 + (i * 13)) : sample.Append(i, 20 + (i * 13)));
            _ends.Add(sample.Log.Written);
        }

        sample.Log.Sync();
        return disk.ReadAll(s_path);
    }

    private static WalScanResult ScanOf(byte[] segment, out List<string> records)
    {
        var disk = new SimulatedFileSystem();
        disk.Put(s_path, segment);
        return WalSample.Read(disk, out records);
    }
}
