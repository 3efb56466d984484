using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

using ShardSql.Storage.Files;
using ShardSql.Storage.Wal;
using ShardSql.Tests.Storage.Stores;

using Xunit;

namespace ShardSql.Tests.Storage.Wal;

/// <summary>The log on real files.</summary>
public sealed class WalOnDiskTests : IDisposable
{
    private readonly TemporaryFolder _temporary = new();

    private string Folder => Path.Combine(_temporary.Path, "wal");

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public void Reopen_on_disk_finds_all_records_over_recycled_segments()
    {
        var written = new List<(ulong Segment, string Record)>();
        for (int life = 0; life < 4; life++)
        {
            var sample = new WalSample(DiskFileSystem.Instance, Folder);
            Assert.Equal(
                written.Where(r => r.Segment >= sample.Log.OldestSegment).Select(r => r.Record), sample.Found);
            for (int i = 0; i < 50; i++)
            {
                string record = sample.AppendSynced((life * 100) + i, 700);
                written.Add((sample.Log.Written.Segment, record));
            }

            sample.Log.TruncateBefore(sample.Log.Written.Segment - 1);
            sample.Log.Dispose();
        }
    }

    [Fact]
    public void Kill_over_lazy_files_loses_what_was_not_synced_and_nothing_else()
    {
        var first = new WalSample(new LazyFileSystem(DiskFileSystem.Instance), Folder);
        List<string> synced = [.. Enumerable.Range(0, 60).Select(i => first.AppendSynced(i, 700))];
        first.Append(100, 50);
        first.Append(101, 50);

        // What another process would see: this one's memory is gone.
        var second = new WalSample(new LazyFileSystem(DiskFileSystem.Instance), Folder);
        Assert.Equal(synced, second.Found);
        synced.Add(second.AppendSynced(102, 50));

        WalSample.Read(DiskFileSystem.Instance, out List<string> records, Folder);
        Assert.Equal(synced, records);
    }

    [Fact]
    public void Open_makes_files_of_the_segment_size_for_their_owner_only()
    {
        var sample = new WalSample(DiskFileSystem.Instance, Folder);
        sample.Log.Dispose();

        string path = Assert.Single(Directory.GetFiles(Folder));
        Assert.Equal(WalSample.Options.SegmentBytes, new FileInfo(path).Length);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        }
    }
}
