using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Primitives;
using ShardSql.Storage.Nodes;
using ShardSql.Storage.Stores;

namespace ShardSql.Storage.Hosting;

/// <summary>A base store for the loop: calls leave the loop, results come back to it, never from within the call.</summary>
internal sealed class LoopStore(IBaseStore store, Action<Action> post, Action<Exception> onFailure) : INodeStore
{
    private Task _writes = Task.CompletedTask;

    public void Get(IReadOnlyList<byte[]> keys, Action<IReadOnlyList<byte[]?>> then) =>
        Run(() => GetAllAsync(keys), then);

    public void Scan(KeyRange range, int limit, Action<IReadOnlyList<StoreRow>> then) =>
        Run(() => store.ScanAsync(range, limit, CancellationToken.None), then);

    public void ApplyAndSync(IReadOnlyList<StoreChange> sortedBatch, Action then) =>
        _writes = ApplyAfterAsync(_writes, sortedBatch, then);

    public void OpenView(Action<INodeStoreView> then) =>
        Run(() => store.CheckpointAsync(CancellationToken.None), checkpoint => then(new View(this, checkpoint)));

    private async ValueTask<IReadOnlyList<byte[]?>> GetAllAsync(IReadOnlyList<byte[]> keys)
    {
        var values = new byte[]?[keys.Count];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = await store.GetAsync(keys[i], CancellationToken.None).ConfigureAwait(false);
        }

        return values;
    }

    private async Task ApplyAfterAsync(Task earlier, IReadOnlyList<StoreChange> sortedBatch, Action then)
    {
        await earlier.ConfigureAwait(false);
        try
        {
            await store.ApplyAsync(sortedBatch, CancellationToken.None).ConfigureAwait(false);
            await store.SyncAsync(CancellationToken.None).ConfigureAwait(false);
            post(then);
        }
        catch (Exception exception)
        {
            onFailure(exception);
        }
    }

    private async void Run<T>(Func<ValueTask<T>> read, Action<T> then)
    {
        try
        {
            T result = await read().ConfigureAwait(false);
            post(() => then(result));
        }
        catch (Exception exception)
        {
            onFailure(exception);
        }
    }

    private sealed class View(LoopStore owner, IStoreCheckpoint checkpoint) : INodeStoreView
    {
        public void Scan(KeyRange range, int limit, Action<IReadOnlyList<StoreRow>> then) =>
            owner.Run(() => checkpoint.ScanAsync(range, limit, CancellationToken.None), then);

        public void Close() => owner.Run(
            async () =>
            {
                await checkpoint.DisposeAsync().ConfigureAwait(false);
                return true;
            },
            _ => { });
    }
}
