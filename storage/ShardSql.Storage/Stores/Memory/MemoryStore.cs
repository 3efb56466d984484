using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Threading;

using ShardSql.Primitives;

namespace ShardSql.Storage.Stores;

/// <summary>
/// A base store in memory, for tests and the simulator. Each batch makes a new version of a persistent tree, so reads
/// and checkpoints never wait; calls complete on the caller's thread. What was synced survives <see cref="Crash"/>,
/// nothing survives the process.
/// </summary>
public sealed class MemoryStore : SynchronousStore
{
    /// <summary>The adapter's name.</summary>
    public const string KindName = "memory";

    private const int UnsyncedVersionsMax = 64;

    private readonly List<ImmutableSortedSet<StoreRow>> _unsynced = [];
    private ImmutableSortedSet<StoreRow> _synced = ImmutableSortedSet<StoreRow>.Empty.WithComparer(RowOrder.Instance);
    private ImmutableSortedSet<StoreRow> _rows;

    /// <summary>An empty store.</summary>
    public MemoryStore() => _rows = _synced;

    /// <summary>A store with all that another has, as the next process finds it.</summary>
    public MemoryStore(MemoryStore left)
    {
        _synced = left._synced;
        _unsynced.AddRange(left._unsynced);
        _rows = left._rows;
    }

    /// <inheritdoc />
    public override string Kind => KindName;

    /// <inheritdoc />
    protected override bool Blocks => false;

    /// <summary>Power fails: the store is what it was after some batch since the last sync, or right at that sync.
    /// </summary>
    public void Crash(Prng prng)
    {
        int survived = prng.Next(_unsynced.Count + 1);
        _synced = survived == 0 ? _synced : _unsynced[survived - 1];
        _unsynced.Clear();
        Volatile.Write(ref _rows, _synced);
    }

    /// <inheritdoc />
    protected override byte[]? Get(byte[] key) =>
        Volatile.Read(ref _rows).TryGetValue(new StoreRow(key, []), out StoreRow row) ? row.Value : null;

    /// <inheritdoc />
    protected override IReadOnlyList<StoreRow> Scan(KeyRange range, int limit) =>
        Scan(Volatile.Read(ref _rows), range, limit);

    /// <inheritdoc />
    protected override void Apply(IReadOnlyList<StoreChange> sortedBatch)
    {
        ImmutableSortedSet<StoreRow>.Builder builder = _rows.ToBuilder();
        foreach (StoreChange change in sortedBatch)
        {
            var row = new StoreRow(change.Key, change.Value ?? []);
            builder.Remove(row); // Adding an equal key would keep the old value.
            if (change.Value is not null)
            {
                builder.Add(row);
            }
        }

        if (_unsynced.Count == UnsyncedVersionsMax)
        {
            _unsynced.RemoveAt(0);
        }

        ImmutableSortedSet<StoreRow> next = builder.ToImmutable();
        _unsynced.Add(next);
        Volatile.Write(ref _rows, next);
    }

    /// <inheritdoc />
    protected override void Sync()
    {
        _unsynced.Clear();
        _synced = _rows;
    }

    /// <inheritdoc />
    protected override IStoreView OpenView() => new View(Volatile.Read(ref _rows));

    /// <inheritdoc />
    protected override void Close()
    {
        // The rows go with the object.
    }

    private static List<StoreRow> Scan(ImmutableSortedSet<StoreRow> rows, KeyRange range, int limit)
    {
        int at = rows.IndexOf(new StoreRow(range.Start, []));
        var found = new List<StoreRow>();
        for (at = at < 0 ? ~at : at; at < rows.Count && found.Count < limit; at++)
        {
            StoreRow row = rows[at];
            if (range.End is not null && row.Key.AsSpan().SequenceCompareTo(range.End) >= 0)
            {
                break;
            }

            found.Add(row);
        }

        return found;
    }

    private sealed class View(ImmutableSortedSet<StoreRow> rows) : IStoreView
    {
        public IReadOnlyList<StoreRow> Scan(KeyRange range, int limit) => MemoryStore.Scan(rows, range, limit);

        public void Dispose()
        {
            // Nothing is held but the rows.
        }
    }

    private sealed class RowOrder : IComparer<StoreRow>
    {
        public static readonly RowOrder Instance = new();

        public int Compare(StoreRow x, StoreRow y) => x.Key.AsSpan().SequenceCompareTo(y.Key);
    }
}
