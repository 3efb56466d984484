using System;
using System.Collections.Generic;

using ShardSql.Primitives;
using ShardSql.Storage.Nodes;
using ShardSql.Storage.Stores;

namespace ShardSql.Simulation.Directed;

/// <summary>A base store whose writes are done at once, or held until they are let go.</summary>
internal sealed class HeldStore : INodeStore
{
    private readonly SortedDictionary<byte[], byte[]> _rows = new(ByteKeyComparer.Instance);
    private readonly Queue<Action> _held = new();

    /// <summary>Whether writes wait.</summary>
    public bool Holds { get; set; }

    public void Get(IReadOnlyList<byte[]> keys, Action<IReadOnlyList<byte[]?>> then)
    {
        var values = new byte[]?[keys.Count];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = _rows.GetValueOrDefault(keys[i]);
        }

        then(values);
    }

    public void Scan(KeyRange range, int limit, Action<IReadOnlyList<StoreRow>> then) => then(RowsOf(range, limit));

    public void ApplyAndSync(IReadOnlyList<StoreChange> sortedBatch, Action then)
    {
        _held.Enqueue(() =>
        {
            foreach (StoreChange change in sortedBatch)
            {
                _rows.Remove(change.Key);
                if (change.Value is { } value)
                {
                    _rows.Add(change.Key, value);
                }
            }

            then();
        });
        LetGo();
    }

    public void OpenView(Action<INodeStoreView> then) => throw new NotSupportedException("Nobody is sent a snapshot here.");

    /// <summary>Does what was held, unless it is still held.</summary>
    public void LetGo()
    {
        while (!Holds && _held.TryDequeue(out Action? write))
        {
            write();
        }
    }

    public List<StoreRow> RowsOf(KeyRange range, int limit)
    {
        var found = new List<StoreRow>();
        foreach ((byte[] key, byte[] value) in _rows)
        {
            if (range.Contains(key) && found.Count < limit)
            {
                found.Add(new StoreRow(key, value));
            }
        }

        return found;
    }
}
