using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Primitives;

namespace ShardSql.Storage.Stores;

/// <summary>One key and its value in a base store.</summary>
public readonly record struct StoreRow(byte[] Key, byte[] Value);

/// <summary>A change of one key; a null value deletes.</summary>
public readonly record struct StoreChange(byte[] Key, byte[]? Value);

/// <summary>
/// A base store: ordered keys and values below the version store (architecture.md §4). One store serves a node; the
/// shards' keys differ by their first bytes. Calls may come from several threads; <see cref="ApplyAsync"/> and
/// <see cref="SyncAsync"/> come from one at a time. An I/O error surfaces as an exception and ends the node.
/// </summary>
public interface IBaseStore : IAsyncDisposable
{
    /// <summary>The adapter's name: memory, sqlite, rocksdb.</summary>
    string Kind { get; }

    /// <summary>Latencies and errors so far.</summary>
    StoreMetrics Metrics { get; }

    /// <summary>The value of a key, or null.</summary>
    ValueTask<byte[]?> GetAsync(byte[] key, CancellationToken cancellationToken);

    /// <summary>The rows of a range in key order, at most <paramref name="limit"/>, as of one moment.</summary>
    ValueTask<IReadOnlyList<StoreRow>> ScanAsync(KeyRange range, int limit, CancellationToken cancellationToken);

    /// <summary>Applies a batch sorted by key, keys distinct, all of it or nothing, also across a crash.</summary>
    ValueTask ApplyAsync(IReadOnlyList<StoreChange> sortedBatch, CancellationToken cancellationToken);

    /// <summary>Returns once all applied batches would survive a power cut.</summary>
    ValueTask SyncAsync(CancellationToken cancellationToken);

    /// <summary>A read-only view of the store as it is now, for snapshots of followers and backups.</summary>
    ValueTask<IStoreCheckpoint> CheckpointAsync(CancellationToken cancellationToken);
}

/// <summary>A read-only view of a base store at one moment.</summary>
public interface IStoreCheckpoint : IAsyncDisposable
{
    /// <summary>The rows of a range in key order, at most <paramref name="limit"/>.</summary>
    ValueTask<IReadOnlyList<StoreRow>> ScanAsync(KeyRange range, int limit, CancellationToken cancellationToken);
}
