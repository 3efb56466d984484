using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Primitives;
using ShardSql.Storage.Nodes;
using ShardSql.Storage.Stores;

namespace ShardSql.Simulation.Cluster.Nodes;

/// <summary>The base store as the loop sees it, in virtual time: a read takes a while, writes follow each other, and what
/// is applied is durable only when its sync is over.</summary>
internal sealed class SimulatedStore(SimulatedNode node, MemoryStore store) : INodeStore
{
    private readonly Queue<(IReadOnlyList<StoreChange> Batch, Action Then)> _writes = new();

    public void Get(IReadOnlyList<byte[]> keys, Action<IReadOnlyList<byte[]?>> then) => Read(
        () =>
        {
            var values = new byte[]?[keys.Count];
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = Completed(store.GetAsync(keys[i], CancellationToken.None));
            }

            return values;
        },
        then);

    public void Scan(KeyRange range, int limit, Action<IReadOnlyList<StoreRow>> then) =>
        Read(() => Completed(store.ScanAsync(range, limit, CancellationToken.None)), then);

    public void ApplyAndSync(IReadOnlyList<StoreChange> sortedBatch, Action then)
    {
        _writes.Enqueue((sortedBatch, then));
        if (_writes.Count == 1)
        {
            node.OnDisk(node.StoreDelayUs(), Apply);
        }
    }

    public void OpenView(Action<INodeStoreView> then) => Read(
        () => Completed(store.CheckpointAsync(CancellationToken.None)),
        checkpoint => then(new View(this, checkpoint)));

    /// <summary>What memory gives at once.</summary>
    public static T Completed<T>(ValueTask<T> task)
    {
        Task<T> completed = task.AsTask();
        Invariant.Check(completed.IsCompletedSuccessfully, "Memory does not wait.");
        return completed.Result;
    }

    /// <summary>What memory does at once.</summary>
    public static void Completed(ValueTask task) =>
        Invariant.Check(task.AsTask().IsCompletedSuccessfully, "Memory does not wait.");

    private void Read<T>(Func<T> read, Action<T> then) => node.OnDisk(node.StoreDelayUs(), () =>
    {
        T result = read();
        node.OnDisk(node.WordDelayUs(), () => node.OnLoop(_ => then(result)));
    });

    private void Apply()
    {
        Completed(store.ApplyAsync(_writes.Peek().Batch, CancellationToken.None));
        node.OnDisk(node.SyncDelayUs(), Sync);
    }

    private void Sync()
    {
        Completed(store.SyncAsync(CancellationToken.None));
        Action then = _writes.Dequeue().Then;
        node.OnDisk(node.WordDelayUs(), () => node.OnLoop(_ => then()));
        if (_writes.Count > 0)
        {
            node.OnDisk(node.StoreDelayUs(), Apply);
        }
    }

    private sealed class View(SimulatedStore owner, IStoreCheckpoint checkpoint) : INodeStoreView
    {
        public void Scan(KeyRange range, int limit, Action<IReadOnlyList<StoreRow>> then) =>
            owner.Read(() => Completed(checkpoint.ScanAsync(range, limit, CancellationToken.None)), then);

        public void Close() => Completed(checkpoint.DisposeAsync());
    }
}
