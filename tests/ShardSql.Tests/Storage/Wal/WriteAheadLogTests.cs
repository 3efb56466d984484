using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

using ShardSql.Primitives;
using ShardSql.Storage.Files;
using ShardSql.Storage.Wal;

using Xunit;

namespace ShardSql.Tests.Storage.Wal;

public sealed class WriteAheadLogTests
{
    private readonly SimulatedFileSystem _disk = new();

    [Fact]
    public void Scan_of_no_log_is_clean_and_empty()
    {
        WalScanResult scan = WalSample.Read(_disk, out List<string> records);

        Assert.Equal(WalOutcome.Clean, scan.Outcome);
        Assert.Equal(0UL, scan.FirstSegment);
        Assert.Empty(records);
    }

    [Fact]
    public void Append_over_several_segments_reads_back_in_order()
    {
        var sample = new WalSample(_disk);
        List<string> written = [.. Enumerable.Range(0, 200).Select(i => sample.AppendSynced(i, i * 7 % 900))];
        sample.Log.Seal();
        Assert.True(sample.Log.SegmentCount > 3);

        WalScanResult scan = WalSample.Read(_disk, out List<string> records);

        Assert.Equal(written, records);
        Assert.Equal(WalOutcome.Clean, scan.Outcome);
        Assert.Equal(sample.Log.Written, scan.End);
    }

    [Fact]
    public void Append_of_many_records_in_one_batch_keeps_their_order_and_end()
    {
        var sample = new WalSample(_disk);
        var batch = new WalBatch();
        for (int i = 0; i < 100; i++)
        {
            batch.Add(new ShardId((uint)i), (byte)i, WalSample.Payload(i, i));
        }

        LogPosition end = sample.Log.Append(batch);
        sample.Log.Sync();
        var shards = new List<uint>();
        var ends = new HashSet<LogPosition>();
        WalRecovery.Scan(_disk, WalSample.Folder, WalSample.Identity, record =>
        {
            shards.Add(record.Shard.Value);
            ends.Add(record.End);
        });

        Assert.Equal(Enumerable.Range(0, 100).Select(i => (uint)i), shards);
        Assert.Equal(end, Assert.Single(ends));
        Assert.Equal(end, sample.Log.Synced);
    }

    [Fact]
    public void Append_of_a_batch_larger_than_a_segment_gets_a_segment_of_its_size()
    {
        var sample = new WalSample(_disk);
        string[] written =
            [sample.AppendSynced(1, 10), sample.AppendSynced(2, 100_000), sample.AppendSynced(3, 10_000)];

        WalSample.Read(_disk, out List<string> records);

        Assert.Equal(written, records);
    }

    [Fact]
    public void Open_again_goes_on_behind_the_last_record()
    {
        var written = new List<string>();
        for (int life = 0; life < 10; life++)
        {
            var sample = new WalSample(_disk);
            Assert.Equal(written, sample.Found);
            written.AddRange(Enumerable.Range(0, 9).Select(i => sample.AppendSynced((life * 100) + i, 333)));
            sample.Log.Dispose();
        }

        WalSample.Read(_disk, out List<string> records);
        Assert.Equal(written, records);
    }

    [Fact]
    public void TruncateBefore_recycles_segments_and_old_content_is_never_taken_for_new()
    {
        var sample = new WalSample(_disk);
        var kept = new List<(ulong Segment, string Record)>();
        for (int i = 0; i < 400; i++)
        {
            string record = sample.AppendSynced(i, 500);
            kept.Add((sample.Log.Written.Segment, record));
            sample.Log.TruncateBefore(sample.Log.Written.Segment - 1);

            // What recovery would see now, with the old batches of a recycled file right behind the end.
            if (i % 10 == 0)
            {
                WalScanResult scan = WalSample.Read(_disk, out List<string> now);
                Assert.NotEqual(WalOutcome.Damage, scan.Outcome);
                Assert.Equal(sample.Log.Written, scan.End);
                Assert.Equal(sample.Log.OldestSegment, scan.FirstSegment);
                Assert.Equal(kept.Where(r => r.Segment >= sample.Log.OldestSegment).Select(r => r.Record), now);
            }
        }

        Assert.True(sample.Log.Written.Segment > 10);
        Assert.InRange(_disk.List(WalSample.Folder).Count, 2, 2 + WalSample.Options.SparesMax);
    }

    [Fact]
    public void Open_with_another_cluster_is_refused_naming_both()
    {
        _ = new WalSample(_disk).AppendSynced(1, 10);
        DataIdentity other = WalSample.Identity with { Cluster = new Guid("00000000-0000-0000-0000-00000000000b") };

        DataRefusedException refused = Assert.Throws<DataRefusedException>(
            () => WalRecovery.Scan(_disk, WalSample.Folder, other, _ => { }));

        Assert.Contains(
            $"data of cluster {WalSample.Identity.Cluster}, expected {other.Cluster}",
            refused.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Open_with_another_node_is_refused_naming_both()
    {
        _ = new WalSample(_disk).AppendSynced(1, 10);
        DataIdentity other = WalSample.Identity with { Node = new NodeId(4) };

        DataRefusedException refused = Assert.Throws<DataRefusedException>(
            () => WalRecovery.Scan(_disk, WalSample.Folder, other, _ => { }));

        Assert.Contains("data of node n3, expected n4", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_of_a_future_format_is_refused_naming_both_versions()
    {
        _ = new WalSample(_disk).AppendSynced(1, 10);
        string path = Path.Combine(WalSample.Folder, _disk.List(WalSample.Folder)[0]);
        byte[] bytes = _disk.ReadAll(path);
        bytes[8] = 9;
        BitConverter.TryWriteBytes(bytes.AsSpan(60), Crc32C.Compute(bytes.AsSpan(0, 60)));
        _disk.Put(path, bytes);

        DataRefusedException refused = Assert.Throws<DataRefusedException>(
            () => WalSample.Read(_disk, out _));

        Assert.Contains("format version 9, this program knows up to 1", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Append_when_the_disk_is_full_for_a_new_segment_leaves_the_log_usable()
    {
        var sample = new WalSample(_disk);
        var written = new List<string> { sample.AppendSynced(1, 9000) };
        _disk.FailWrite(after: 0, diskFull: true);

        Assert.Throws<IOException>(() => sample.AppendSynced(2, 9000));
        _disk.ClearFaults();
        written.Add(sample.AppendSynced(2, 9000));

        WalSample.Read(_disk, out List<string> records);
        Assert.Equal(written, records);
    }

    [Fact]
    public void Sync_that_fails_ends_the_log()
    {
        var sample = new WalSample(_disk);
        sample.AppendSynced(1, 100);
        LogPosition synced = sample.Log.Synced;
        _disk.FailSync(after: 0);

        Assert.Throws<SyncFailedException>(() => sample.AppendSynced(2, 100));
        Assert.Equal(synced, sample.Log.Synced);
        Assert.Throws<InvariantException>(sample.Log.Sync);
        Assert.Throws<InvariantException>(() => sample.Append(3, 100));
    }

    [Fact]
    public void Write_that_fails_ends_the_log()
    {
        var sample = new WalSample(_disk);
        sample.AppendSynced(1, 100);
        _disk.FailWrite(after: 0, diskFull: false);

        Assert.Throws<IOException>(() => sample.Append(2, 100));
        Assert.Throws<InvariantException>(() => sample.Append(3, 100));
    }
}
