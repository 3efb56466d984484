using System.Collections.Generic;
using System.IO;
using System.Linq;

using ShardSql.Primitives;
using ShardSql.Storage.Files;

using Xunit;

namespace ShardSql.Tests.Storage.Files;

public sealed class SimulatedFileSystemTests
{
    private const string Path1 = "/d/f";

    [Fact]
    public void Crash_keeps_what_was_synced_whatever_the_seed()
    {
        for (ulong seed = 0; seed < 100; seed++)
        {
            var disk = new SimulatedFileSystem(seed);
            using (IDurableFile file = disk.Create(Path1))
            {
                file.Write(0, Filled(10_000, 1));
                file.Sync();
                disk.SyncFolder("/d");
                file.Write(10_000, Filled(5000, 2));
            }

            disk.Crash(new Prng(seed));

            Assert.Equal(Filled(10_000, 1), disk.ReadAll(Path1)[..10_000]);
        }
    }

    [Fact]
    public void Crash_keeps_drops_and_tears_pages_at_sectors_over_the_seeds()
    {
        var seen = new SortedSet<string>();
        for (ulong seed = 0; seed < 200; seed++)
        {
            var disk = new SimulatedFileSystem(seed);
            using IDurableFile file = disk.Create(Path1);
            file.Preallocate(4096);
            file.Sync();
            disk.SyncFolder("/d");
            file.Write(0, Filled(4096, 1));

            disk.Crash(new Prng(seed));

            byte[] left = disk.ReadAll(Path1);
            List<byte[]> sectors = [.. left.Chunk(512)];
            Assert.All(sectors, sector => Assert.Single(sector.Distinct()));
            int kept = sectors.Count(sector => sector[0] == 1);
            seen.Add(kept == 0 ? "dropped" : kept == 8 ? "kept" : "torn");
        }

        Assert.Equal(["dropped", "kept", "torn"], seen);
    }

    [Fact]
    public void Crash_keeps_or_loses_names_that_were_not_synced()
    {
        var seen = new SortedSet<string>();
        for (ulong seed = 0; seed < 50; seed++)
        {
            var disk = new SimulatedFileSystem(seed);
            disk.Put("/d/a", [1]);
            disk.Rename("/d/a", "/d/b");
            disk.Crash(new Prng(seed));
            seen.Add(Assert.Single(disk.List("/d")));
        }

        Assert.Equal(["a", "b"], seen);
    }

    [Fact]
    public void Crash_ends_open_handles()
    {
        var disk = new SimulatedFileSystem();
        using IDurableFile file = disk.Create(Path1);
        disk.Crash(new Prng(1));

        Assert.Throws<IOException>(() => file.Write(0, [1]));
        Assert.Throws<IOException>(file.Sync);
    }

    [Fact]
    public void FailSync_throws_once_and_leaves_it_to_chance_what_is_durable()
    {
        var seen = new SortedSet<byte>();
        for (ulong seed = 0; seed < 50; seed++)
        {
            var disk = new SimulatedFileSystem(seed);
            disk.Put(Path1, [0]);
            IDurableFile file = disk.Open(Path1);
            file.Write(0, [1]);
            disk.FailSync(after: 0);
            Assert.Throws<SyncFailedException>(file.Sync);
            Assert.Equal(1, disk.ReadAll(Path1)[0]);

            // The pages count as clean, so that a second sync succeeds and changes nothing.
            file.Sync();
            disk.Crash(new Prng(seed));
            seen.Add(disk.ReadAll(Path1)[0]);
        }

        Assert.Equal([0, 1], seen);
    }

    [Fact]
    public void FailWrite_counts_writes_and_a_full_disk_stays_full()
    {
        var disk = new SimulatedFileSystem();
        disk.Put(Path1, [0]);
        using IDurableFile file = disk.Open(Path1);
        disk.FailWrite(after: 1, diskFull: true);

        file.Write(0, [1]);
        Assert.Equal(28, Assert.Throws<IOException>(() => file.Write(0, [2])).HResult);
        Assert.Throws<IOException>(() => file.Write(0, [2]));
        disk.ClearFaults();
        file.Write(0, [3]);

        Assert.Equal([3], disk.ReadAll(Path1));
    }

    [Fact]
    public void FlipBit_turns_one_bit_over_durably()
    {
        var disk = new SimulatedFileSystem();
        disk.Put(Path1, [8, 8]);
        disk.FlipBit(Path1, 1, 0);
        disk.Crash(new Prng(1));

        Assert.Equal([8, 9], disk.ReadAll(Path1));
    }

    private static byte[] Filled(int length, byte value)
    {
        byte[] bytes = new byte[length];
        System.Array.Fill(bytes, value);
        return bytes;
    }
}
