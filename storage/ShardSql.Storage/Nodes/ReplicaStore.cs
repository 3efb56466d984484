using System;
using System.Collections.Generic;

using ShardSql.Primitives;
using ShardSql.Storage.Stores;

namespace ShardSql.Storage.Nodes;

/// <summary>The base store as one replica sees it: what comes back after the replica has ended goes nowhere.</summary>
internal sealed class ReplicaStore(INodeStore store) : INodeStore
{
    private bool _hasEnded;

    public void End() => _hasEnded = true;

    public void Get(IReadOnlyList<byte[]> keys, Action<IReadOnlyList<byte[]?>> then) => store.Get(keys, UnlessEnded(then));

    public void Scan(KeyRange range, int limit, Action<IReadOnlyList<StoreRow>> then) =>
        store.Scan(range, limit, UnlessEnded(then));

    public void ApplyAndSync(IReadOnlyList<StoreChange> sortedBatch, Action then) => store.ApplyAndSync(sortedBatch, () =>
    {
        if (!_hasEnded)
        {
            then();
        }
    });

    public void OpenView(Action<INodeStoreView> then) => store.OpenView(view =>
    {
        if (_hasEnded)
        {
            view.Close();
        }
        else
        {
            then(view);
        }
    });

    private Action<T> UnlessEnded<T>(Action<T> then) => result =>
    {
        if (!_hasEnded)
        {
            then(result);
        }
    };
}
