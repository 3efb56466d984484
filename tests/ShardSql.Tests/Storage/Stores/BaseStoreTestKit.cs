using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Linq;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Primitives;
using ShardSql.Storage.Files;
using ShardSql.Storage.Stores;

using Xunit;

namespace ShardSql.Tests.Storage.Stores;

/// <summary>What every base store must do. An adapter proves itself with a subclass.</summary>
[SuppressMessage("Design", "CA1001", Justification = "The test runner calls DisposeAsync of IAsyncLifetime.")]
public abstract class BaseStoreTestKit : IAsyncLifetime
{
    private const int DifferentialOperations = 20_000;

    /// <summary>Whose data the stores hold.</summary>
    protected static readonly DataIdentity Identity =
        new(new Guid("6f2c1f0a-3c0b-4f39-9d0e-3a6f0a0b0c01"), new NodeId(3));

    private static readonly CancellationToken s_none = CancellationToken.None;

    private readonly TemporaryFolder _folder = new();
    private IBaseStore _store = new MemoryStore();

    /// <summary>The adapter's name.</summary>
    protected abstract string Kind { get; }

    /// <summary>Whether another process would find the data.</summary>
    protected virtual bool IsDurable => true;

    /// <summary>Where the store lies.</summary>
    protected string Folder => _folder.Path;

    /// <summary>The store under test.</summary>
    protected IBaseStore Store => _store;

    public Task InitializeAsync()
    {
        _store = BaseStores.Open(Kind, Folder, Identity);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    [StoreFact]
    public void Open_gives_the_kind_that_was_asked_for() => Assert.Equal(Kind, _store.Kind);

    [StoreFact]
    public async Task Get_of_an_absent_key_is_null()
    {
        Assert.Null(await _store.GetAsync(Key("a"), s_none));
        await ApplyAsync(("a", "1"), ("c", "3"));
        Assert.Null(await _store.GetAsync(Key("b"), s_none));
    }

    [StoreFact]
    public async Task Apply_puts_replaces_and_deletes()
    {
        await ApplyAsync(("a", "1"), ("b", "2"));
        await ApplyAsync(("a", "new"), ("b", null), ("z", null));

        Assert.Equal("a=new", await DumpAsync(KeyRange.All));
        Assert.Null(await _store.GetAsync(Key("b"), s_none));
    }

    [StoreFact]
    public async Task Scan_orders_keys_by_unsigned_bytes()
    {
        byte[][] keys = [[], [0], [0, 0], [0, 255], [1], [127], [128], [128, 0], [255], [255, 255, 255]];
        await _store.ApplyAsync([.. keys.Select(k => new StoreChange(k, k))], s_none);

        IReadOnlyList<StoreRow> rows = await _store.ScanAsync(KeyRange.All, 100, s_none);

        Assert.Equal(keys, rows.Select(r => r.Key));
        Assert.Equal(keys, rows.Select(r => r.Value));
    }

    [StoreFact]
    public async Task Scan_includes_the_start_and_not_the_end()
    {
        await ApplyAsync(("a", "1"), ("b", "2"), ("c", "3"), ("d", "4"));

        Assert.Equal("b=2 c=3", await DumpAsync(new KeyRange(Key("b"), Key("d"))));
        Assert.Equal("b=2 c=3 d=4", await DumpAsync(new KeyRange(Key("aa"), null)));
        Assert.Equal("", await DumpAsync(new KeyRange(Key("b"), Key("b"))));
        Assert.Equal("", await DumpAsync(new KeyRange(Key("c"), Key("b"))));
        Assert.Equal("", await DumpAsync(new KeyRange(Key("x"), null)));
        Assert.Equal("", await DumpAsync(new KeyRange([], [])));
    }

    [StoreFact]
    public async Task Scan_stops_at_the_limit()
    {
        await ApplyAsync(("a", "1"), ("b", "2"), ("c", "3"));

        Assert.Equal("a=1 b=2", await DumpAsync(KeyRange.All, 2));
        Assert.Equal("", await DumpAsync(KeyRange.All, 0));
        Assert.Equal("a=1 b=2 c=3", await DumpAsync(KeyRange.All, int.MaxValue));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
            async () => await _store.ScanAsync(KeyRange.All, -1, s_none));
    }

    [StoreFact]
    public async Task Apply_keeps_empty_keys_and_empty_values()
    {
        await _store.ApplyAsync([new StoreChange([], [7]), new StoreChange([1], [])], s_none);

        Assert.Equal<byte[]>([7], await _store.GetAsync([], s_none));
        Assert.Equal<byte[]>([], await _store.GetAsync([1], s_none));
        await _store.ApplyAsync([new StoreChange([], null)], s_none);
        Assert.Null(await _store.GetAsync([], s_none));
    }

    [StoreFact]
    public async Task Apply_of_an_empty_batch_changes_nothing()
    {
        await ApplyAsync(("a", "1"));
        await _store.ApplyAsync([], s_none);
        Assert.Equal("a=1", await DumpAsync(KeyRange.All));
    }

    [StoreFact]
    public async Task Apply_of_an_unsorted_batch_is_refused_and_changes_nothing()
    {
        await Assert.ThrowsAsync<InvariantException>(() => ApplyAsync(("b", "1"), ("a", "1")));
        await Assert.ThrowsAsync<InvariantException>(() => ApplyAsync(("a", "1"), ("a", "2")));
        Assert.Equal("", await DumpAsync(KeyRange.All));
    }

    [StoreFact]
    public async Task Apply_keeps_values_of_one_mebibyte()
    {
        byte[] value = new byte[1 << 20];
        for (int i = 0; i < value.Length; i++)
        {
            value[i] = (byte)(i * 31);
        }

        await _store.ApplyAsync([new StoreChange(Key("big"), value), new StoreChange(Key("small"), [1])], s_none);

        Assert.Equal(value, await _store.GetAsync(Key("big"), s_none));
        Assert.Equal(value, (await _store.ScanAsync(KeyRange.All, 1, s_none))[0].Value);
    }

    [StoreFact]
    public async Task Reopen_finds_what_was_applied_and_synced()
    {
        await ApplyAsync(("a", "1"), ("b", "2"));
        await _store.SyncAsync(s_none);
        await ApplyAsync(("b", null), ("c", "3"));
        await _store.DisposeAsync();

        _store = BaseStores.Open(Kind, Folder, Identity);

        Assert.Equal(IsDurable ? "a=1 c=3" : "", await DumpAsync(KeyRange.All));
    }

    [StoreFact]
    public async Task Reopen_for_another_cluster_or_node_is_refused_naming_both()
    {
        await _store.DisposeAsync();
        if (!IsDurable)
        {
            return; // There is nothing to find.
        }

        DataIdentity cluster = Identity with { Cluster = new Guid("00000000-0000-0000-0000-00000000000b") };
        Assert.Contains(
            $"data of cluster {Identity.Cluster}, expected {cluster.Cluster}",
            Assert.Throws<DataRefusedException>(() => BaseStores.Open(Kind, Folder, cluster)).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "data of node n3, expected n9",
            Assert.Throws<DataRefusedException>(
                () => BaseStores.Open(Kind, Folder, Identity with { Node = new NodeId(9) })).Message,
            StringComparison.Ordinal);

        // A refusal leaves the store closed and whole.
        _store = BaseStores.Open(Kind, Folder, Identity);
        Assert.Equal("", await DumpAsync(KeyRange.All));
    }

    [StoreFact]
    public async Task Checkpoint_does_not_see_what_comes_after_it()
    {
        await ApplyAsync(("a", "1"), ("b", "2"));
        await using IStoreCheckpoint checkpoint = await _store.CheckpointAsync(s_none);
        await ApplyAsync(("a", "new"), ("b", null), ("c", "3"));
        await _store.SyncAsync(s_none);

        Assert.Equal("a=1 b=2", Text(await checkpoint.ScanAsync(KeyRange.All, 10, s_none)));
        Assert.Equal("b=2", Text(await checkpoint.ScanAsync(new KeyRange(Key("b"), Key("c")), 10, s_none)));
        Assert.Equal("a=new c=3", await DumpAsync(KeyRange.All));
    }

    [StoreFact]
    public async Task Checkpoint_that_is_released_or_whose_store_is_closed_gives_an_error()
    {
        IStoreCheckpoint released = await _store.CheckpointAsync(s_none);
        await released.DisposeAsync();
        await released.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(
            async () => await released.ScanAsync(KeyRange.All, 1, s_none));

        IStoreCheckpoint open = await _store.CheckpointAsync(s_none);
        await _store.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await open.ScanAsync(KeyRange.All, 1, s_none));
        await open.DisposeAsync();
    }

    [StoreFact]
    public async Task Call_after_dispose_gives_an_error()
    {
        await _store.DisposeAsync();
        await _store.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await _store.GetAsync([], s_none));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await _store.ApplyAsync([], s_none));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await _store.SyncAsync(s_none));
    }

    [StoreFact]
    public async Task Reads_during_applies_see_whole_batches()
    {
        const int Keys = 50;
        const int Batches = 100;
        byte[][] keys = [.. Enumerable.Range(0, Keys).Select(i => Key($"k{i:D3}"))];
        await _store.ApplyAsync([.. keys.Select(k => new StoreChange(k, Key("0")))], s_none);
        using var stop = new CancellationTokenSource();
        int reads = 0;
        Task[] readers = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                IReadOnlyList<StoreRow> rows = await _store.ScanAsync(KeyRange.All, Keys, s_none);
                Assert.Equal(Keys, rows.Count);
                Assert.Single(rows.Select(r => Encoding.UTF8.GetString(r.Value)).Distinct());
                Interlocked.Increment(ref reads);
            }
        }))];

        for (int batch = 1; batch <= Batches || Volatile.Read(ref reads) < Batches; batch++)
        {
            byte[] value = Key($"{batch}");
            await _store.ApplyAsync([.. keys.Select(k => new StoreChange(k, value))], s_none);
        }

        await stop.CancelAsync();
        await Task.WhenAll(readers);
    }

    [StoreFact]
    public async Task Metrics_count_reads_writes_and_no_errors()
    {
        await ApplyAsync(("a", "1"));
        await _store.SyncAsync(s_none);
        await _store.GetAsync(Key("a"), s_none);
        await _store.ScanAsync(KeyRange.All, 1, s_none);

        Assert.Equal((2L, 2L, 0L), (_store.Metrics.Writes, _store.Metrics.Reads, _store.Metrics.Errors));
    }

    [StoreFact]
    public async Task Random_operations_agree_with_a_sorted_dictionary()
    {
        var prng = new Prng(20_261_120);
        var model = new SortedDictionary<byte[], byte[]>(ByteKeyComparer.Instance);
        int operations = 0;
        while (operations < DifferentialOperations)
        {
            switch (prng.Next(10))
            {
                case < 5:
                    operations += await ApplyRandomAsync(prng, model);
                    break;
                case < 8:
                    byte[] key = RandomKey(prng);
                    Assert.Equal(model.GetValueOrDefault(key), await _store.GetAsync(key, s_none));
                    operations++;
                    break;
                case 8:
                    var range = new KeyRange(RandomKey(prng), prng.Chance(300_000) ? null : RandomKey(prng));
                    int limit = prng.Next(40);
                    Assert.Equal(
                        Text(model.Where(r => range.Contains(r.Key)).Take(limit)
                            .Select(r => new StoreRow(r.Key, r.Value))),
                        Text(await _store.ScanAsync(range, limit, s_none)));
                    operations++;
                    break;
                default:
                    await SyncOrReopenAsync(prng);
                    operations++;
                    break;
            }
        }

        Assert.Equal(
            Text(model.Select(r => new StoreRow(r.Key, r.Value))),
            Text(await _store.ScanAsync(KeyRange.All, int.MaxValue, s_none)));
    }

    /// <summary>A key or value of a text.</summary>
    protected static byte[] Key(string text) => Encoding.UTF8.GetBytes(text);

    /// <summary>Applies changes; null deletes.</summary>
    protected async Task ApplyAsync(params (string Key, string? Value)[] changes) => await _store.ApplyAsync(
        [.. changes.Select(c => new StoreChange(Key(c.Key), c.Value is null ? null : Key(c.Value)))], s_none);

    /// <summary>The rows of a range as text.</summary>
    protected async Task<string> DumpAsync(KeyRange range, int limit = 1000) =>
        Text(await _store.ScanAsync(range, limit, s_none));

    private static string Text(IEnumerable<StoreRow> rows) => string.Join(
        ' ', rows.Select(r => $"{Encoding.Latin1.GetString(r.Key)}={Encoding.Latin1.GetString(r.Value)}"));

    private static byte[] RandomKey(Prng prng)
    {
        byte[] key = new byte[prng.Next(4)];
        for (int i = 0; i < key.Length; i++)
        {
            key[i] = (byte)(prng.Next(8) * 36); // Few different ones, so that they meet; 252 is the greatest.
        }

        return key;
    }

    private async Task<int> ApplyRandomAsync(Prng prng, SortedDictionary<byte[], byte[]> model)
    {
        var batch = new SortedDictionary<byte[], byte[]?>(ByteKeyComparer.Instance);
        for (int count = prng.Next(1, 40); count > 0; count--)
        {
            batch[RandomKey(prng)] = prng.Chance(300_000) ? null : Key($"{prng.NextUInt64():x}"[..prng.Next(9)]);
        }

        await _store.ApplyAsync([.. batch.Select(c => new StoreChange(c.Key, c.Value))], s_none);
        foreach ((byte[] key, byte[]? value) in batch)
        {
            if (value is null)
            {
                model.Remove(key);
            }
            else
            {
                model[key] = value;
            }
        }

        return batch.Count;
    }

    private async Task SyncOrReopenAsync(Prng prng)
    {
        if (IsDurable && prng.Chance(100_000))
        {
            await _store.DisposeAsync();
            _store = BaseStores.Open(Kind, Folder, Identity);
        }
        else
        {
            await _store.SyncAsync(s_none);
        }
    }
}
