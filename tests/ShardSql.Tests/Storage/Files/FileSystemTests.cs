using System;
using System.IO;
using System.Linq;

using Microsoft.Win32.SafeHandles;

using ShardSql.Storage.Files;
using ShardSql.Tests.Storage.Stores;

using Xunit;

namespace ShardSql.Tests.Storage.Files;

/// <summary>What all three file systems have in common.</summary>
public sealed class FileSystemTests : IDisposable
{
    private readonly TemporaryFolder _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Theory]
    [InlineData("disk")]
    [InlineData("lazy")]
    [InlineData("simulated")]
    public void Write_is_read_back_before_and_after_a_sync_and_through_another_handle(string kind)
    {
        IFileSystem files = Make(kind);
        string folder = Path.Combine(_temporary.Path, "a", "b");
        files.CreateFolder(folder);
        string path = Path.Combine(folder, "f");
        using IDurableFile file = files.Create(path);
        byte[] bytes = [.. Enumerable.Range(0, 10_000).Select(i => (byte)(i * 13))];

        file.Write(3000, bytes);
        Assert.Equal(bytes, Read(file, 3000, 10_000));
        file.Sync();
        files.SyncFolder(folder);
        file.Write(5000, new byte[1000]);

        bytes.AsSpan(2000, 1000).Clear();
        using IDurableFile again = files.Open(path);
        Assert.Equal(bytes, Read(again, 3000, 10_000));
        Assert.Equal(new byte[3000], Read(again, 0, 3000));
        Assert.Equal(13_000, again.Length);
        Assert.Equal(bytes[9000..], Read(again, 12_000, 5000));
        Assert.Empty(Read(again, 13_000, 10));
        Assert.Empty(Read(again, 99_000, 10));
    }

    [Theory]
    [InlineData("disk")]
    [InlineData("lazy")]
    [InlineData("simulated")]
    public void Names_can_be_created_renamed_over_and_deleted(string kind)
    {
        IFileSystem files = Make(kind);
        string At(string name) => Path.Combine(_temporary.Path, name);
        foreach (string name in new[] { "b", "a", "c" })
        {
            using IDurableFile file = files.Create(At(name));
            file.Write(0, [(byte)name[0]]);
        }

        files.Rename(At("a"), At("c"));
        files.Delete(At("b"));
        files.Delete(At("none"));

        Assert.Equal(["c"], files.List(_temporary.Path));
        Assert.False(files.Exists(At("a")));
        Assert.True(files.Exists(At("c")));
        using IDurableFile renamed = files.Open(At("c"));
        Assert.Equal("a"u8.ToArray(), Read(renamed, 0, 10));
        files.SyncFolder(_temporary.Path);
        Assert.Equal(["c"], files.List(_temporary.Path));
        Assert.Throws<FileNotFoundException>(() => files.Open(At("a")));
        Assert.Throws<IOException>(() => files.Create(At("c")));
        Assert.Empty(files.List(At("nowhere")));
    }

    [Theory]
    [InlineData("disk")]
    [InlineData("lazy")]
    [InlineData("simulated")]
    public void Preallocate_fills_with_zeros_and_never_shrinks(string kind)
    {
        IFileSystem files = Make(kind);
        using IDurableFile file = files.Create(Path.Combine(_temporary.Path, "f"));
        file.Write(0, [1, 2, 3]);

        file.Preallocate(3_000_000);
        file.Preallocate(10);
        file.Sync();
        files.SyncFolder(_temporary.Path);

        Assert.Equal(3_000_000, file.Length);
        Assert.Equal([1, 2, 3, 0], Read(file, 0, 4));
        Assert.Equal(new byte[5], Read(file, 2_999_995, 50));
    }

    [Fact]
    public void Disk_files_are_accessible_to_their_owner_only()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        string path = Path.Combine(_temporary.Path, "f");
        DiskFileSystem.Instance.Create(path).Dispose();

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
    }

    [Fact]
    public void Sync_of_a_closed_descriptor_throws()
    {
        // The runtime's own Flush(true) was seen to report success here.
        using var closed = new SafeFileHandle(30_000, ownsHandle: false);
        Assert.Throws<SyncFailedException>(DurableFile.Over("nowhere", closed).Sync);

        IDurableFile file = DiskFileSystem.Instance.Create(Path.Combine(_temporary.Path, "f"));
        file.Dispose();
        Assert.Throws<ObjectDisposedException>(file.Sync);
    }

    [Fact]
    public void SyncFolder_of_a_folder_that_is_not_there_throws() => Assert.Throws<SyncFailedException>(
        () => DiskFileSystem.Instance.SyncFolder(Path.Combine(_temporary.Path, "none")));

    [Fact]
    public void Lazy_files_hold_nothing_on_disk_before_they_are_synced()
    {
        var lazy = new LazyFileSystem(DiskFileSystem.Instance);
        string path = Path.Combine(_temporary.Path, "f");
        using IDurableFile file = lazy.Create(path);
        file.Write(0, [1, 2, 3]);
        file.Sync();
        Assert.False(File.Exists(path));

        lazy.SyncFolder(_temporary.Path);
        Assert.Equal([1, 2, 3], File.ReadAllBytes(path));

        file.Write(1, [9, 9, 9]);
        Assert.Equal([1, 9, 9, 9], Read(file, 0, 9));
        Assert.Equal([1, 2, 3], File.ReadAllBytes(path));
        file.Sync();
        Assert.Equal([1, 9, 9, 9], File.ReadAllBytes(path));

        lazy.Rename(path, path + "2");
        Assert.True(File.Exists(path));
        lazy.SyncFolder(_temporary.Path);
        Assert.Equal([1, 9, 9, 9], File.ReadAllBytes(path + "2"));
        Assert.False(File.Exists(path));
    }

    [Fact]
    public void FolderLock_held_by_another_names_folder_and_process()
    {
        using FolderLock first = FolderLock.Acquire(_temporary.Path);

        FolderLockedException locked = Assert.Throws<FolderLockedException>(
            () => FolderLock.Acquire(_temporary.Path));

        Assert.Contains(_temporary.Path, locked.Message, StringComparison.Ordinal);
        Assert.Contains($"locked by process {Environment.ProcessId}", locked.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FolderLock_is_free_again_after_it_was_released()
    {
        FolderLock.Acquire(_temporary.Path).Dispose();
        FolderLock.Acquire(_temporary.Path).Dispose();
    }

    private static byte[] Read(IDurableFile file, long offset, int count)
    {
        byte[] buffer = new byte[count];
        return buffer[..file.Read(offset, buffer)];
    }

    private static IFileSystem Make(string kind) => kind switch
    {
        "disk" => DiskFileSystem.Instance,
        "lazy" => new LazyFileSystem(DiskFileSystem.Instance),
        _ => new SimulatedFileSystem(),
    };
}
