using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Primitives;
using ShardSql.Storage.Stores;

using Xunit;

namespace ShardSql.Tests.Storage.Stores;

public sealed class MemoryStoreTests : BaseStoreTestKit
{
    protected override string Kind => MemoryStore.KindName;

    protected override bool IsDurable => false;

    [Fact]
    public async Task Crash_keeps_what_was_synced_and_of_the_rest_the_first_batches()
    {
        var seen = new System.Collections.Generic.SortedSet<string>();
        for (ulong seed = 1; seed <= 50; seed++)
        {
            await using var store = new MemoryStore();
            await store.ApplyAsync([new StoreChange(Key("a"), [1])], CancellationToken.None);
            await store.SyncAsync(CancellationToken.None);
            await store.ApplyAsync([new StoreChange(Key("b"), [1])], CancellationToken.None);
            await store.ApplyAsync([new StoreChange(Key("c"), [1])], CancellationToken.None);

            store.Crash(new Prng(seed));

            seen.Add(string.Concat(
                (await store.ScanAsync(KeyRange.All, 9, CancellationToken.None)).Select(r => (char)r.Key[0])));
        }

        Assert.Equal(["a", "ab", "abc"], seen);
    }

    [Fact]
    public void Calls_complete_on_the_callers_thread()
    {
        ValueTask<byte[]?> get = Store.GetAsync([], CancellationToken.None);
        ValueTask apply = Store.ApplyAsync([], CancellationToken.None);

        Assert.True(get.IsCompletedSuccessfully);
        Assert.True(apply.IsCompletedSuccessfully);
    }
}
