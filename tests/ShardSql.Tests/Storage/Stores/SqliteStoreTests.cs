using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Primitives;
using ShardSql.Storage.Files;
using ShardSql.Storage.Stores;

using Xunit;

namespace ShardSql.Tests.Storage.Stores;

public sealed class SqliteStoreTests : BaseStoreTestKit
{
    protected override string Kind => SqliteStore.KindName;

    [Fact]
    public async Task Open_of_a_file_that_is_no_database_is_an_error_that_names_it()
    {
        await Store.DisposeAsync();
        string path = Path.Combine(Folder, SqliteStore.KindName, "store.db");
        await File.WriteAllTextAsync(path, new string('x', 8192));

        BaseStoreException failure = Assert.Throws<StoreDamagedException>(
            () => BaseStores.Open(Kind, Folder, Identity));

        Assert.Contains(path, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Flip_of_any_byte_is_found_or_changes_no_row()
    {
        const int Stride = 17;
        for (int i = 0; i < 30; i++)
        {
            await ApplyAsync(($"key-{i:d2}", $"value {i} {new string('v', i)}"));
        }

        IReadOnlyList<StoreRow> rows = await Store.ScanAsync(KeyRange.All, 100, CancellationToken.None);
        await Store.DisposeAsync();
        string path = Path.Combine(Folder, SqliteStore.KindName, "store.db");
        byte[] sound = await File.ReadAllBytesAsync(path);
        int found = 0;
        for (int at = 0; at < sound.Length; at += Stride)
        {
            byte[] flipped = [.. sound];
            flipped[at] ^= 0x55;
            await File.WriteAllBytesAsync(path, flipped);
            found += await IsFoundAsync(rows) ? 1 : 0;
        }

        Assert.True(found > sound.Length / Stride / 20, $"only {found} flips were found");
        await File.WriteAllBytesAsync(path, sound);
        Assert.False(await IsFoundAsync(rows));
    }

    private async Task<bool> IsFoundAsync(IReadOnlyList<StoreRow> expected)
    {
        try
        {
            await using IBaseStore store = BaseStores.Open(Kind, Folder, Identity);
            IReadOnlyList<StoreRow> rows = await store.ScanAsync(KeyRange.All, 100, CancellationToken.None);
            Assert.Equal(expected.Select(row => row.Key), rows.Select(row => row.Key));
            Assert.Equal(expected.Select(row => row.Value), rows.Select(row => row.Value));
            return false;
        }
        catch (Exception damage) when (damage is BaseStoreException or DataRefusedException)
        {
            return true;
        }
    }

    [Fact]
    public void Open_of_a_folder_with_another_kind_is_refused()
    {
        DataRefusedException refused = Assert.Throws<DataRefusedException>(
            () => BaseStores.Open(RocksDbStore.KindName, Folder, Identity));

        Assert.Contains("holds a sqlite store, asked for rocksdb", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_of_an_unknown_kind_names_the_known_ones()
    {
        ArgumentException unknown = Assert.Throws<ArgumentException>(
            () => BaseStores.Open("bdb", Folder, Identity));

        Assert.Contains("memory, rocksdb, sqlite", unknown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Apply_and_sync_go_on_while_a_checkpoint_is_open()
    {
        await ApplyAsync(("a", "0"));
        await using IStoreCheckpoint checkpoint = await Store.CheckpointAsync(CancellationToken.None);
        for (int i = 1; i <= 200; i++)
        {
            await Store.ApplyAsync([new StoreChange(Key("a"), new byte[100_000])], CancellationToken.None);
            await Store.SyncAsync(CancellationToken.None);
        }

        Assert.Equal("0"u8.ToArray(), (await checkpoint.ScanAsync(KeyRange.All, 1, CancellationToken.None))[0].Value);
    }

    [Fact]
    public void Files_are_accessible_to_their_owner_only()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        foreach (string path in Directory.EnumerateFiles(Path.Combine(Folder, SqliteStore.KindName)))
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        }
    }
}
