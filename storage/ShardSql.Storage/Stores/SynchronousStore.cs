using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Primitives;

namespace ShardSql.Storage.Stores;

/// <summary>
/// What adapters over blocking libraries share: calls leave the caller's thread, at most <see cref="ReadersMax"/> reads
/// run at once, everything is measured, arguments are checked, and the store closes only once no call is inside.
/// </summary>
public abstract class SynchronousStore : IBaseStore
{
    /// <summary>Reads that run at once; more wait without a thread.</summary>
    protected const int ReadersMax = 16;

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _readers = new(ReadersMax);
    private readonly SemaphoreSlim _writer = new(1);
    private readonly List<Checkpoint> _checkpoints = [];
    private bool _closed;

    /// <inheritdoc />
    public abstract string Kind { get; }

    /// <inheritdoc />
    public StoreMetrics Metrics { get; } = new();

    /// <summary>Whether calls may wait for a disk and must leave the caller's thread.</summary>
    protected virtual bool Blocks => true;

    /// <inheritdoc />
    public ValueTask<byte[]?> GetAsync(byte[] key, CancellationToken cancellationToken) =>
        ReadAsync(() => Get(key), cancellationToken);

    /// <inheritdoc />
    public ValueTask<IReadOnlyList<StoreRow>> ScanAsync(
        KeyRange range, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        return ReadAsync(() => IsEmpty(range, limit) ? [] : Scan(range, limit), cancellationToken);
    }

    /// <inheritdoc />
    public ValueTask ApplyAsync(IReadOnlyList<StoreChange> sortedBatch, CancellationToken cancellationToken)
    {
        for (int i = 1; i < sortedBatch.Count; i++)
        {
            Invariant.Check(
                sortedBatch[i - 1].Key.AsSpan().SequenceCompareTo(sortedBatch[i].Key) < 0,
                "A batch is sorted by key and its keys are distinct.");
        }

        return WriteAsync(() => Apply(sortedBatch), cancellationToken);
    }

    /// <inheritdoc />
    public ValueTask SyncAsync(CancellationToken cancellationToken) => WriteAsync(Sync, cancellationToken);

    /// <inheritdoc />
    public ValueTask<IStoreCheckpoint> CheckpointAsync(CancellationToken cancellationToken) => ReadAsync(
        () =>
        {
            var checkpoint = new Checkpoint(this, OpenView());
            lock (_gate)
            {
                _checkpoints.Add(checkpoint);
            }

            return (IStoreCheckpoint)checkpoint;
        },
        cancellationToken);

    /// <summary>Waits for the calls that are inside, releases checkpoints that are still open, closes.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_closed)
            {
                return;
            }

            _closed = true;
        }

        await _writer.WaitAsync().ConfigureAwait(false);
        for (int i = 0; i < ReadersMax; i++)
        {
            await _readers.WaitAsync().ConfigureAwait(false);
        }

        _checkpoints.ForEach(checkpoint => checkpoint.Release());
        _checkpoints.Clear();
        Close();

        // Whoever still waits for a turn gets it, and finds the store closed.
        _readers.Release(ReadersMax);
        _writer.Release();
        GC.SuppressFinalize(this);
    }

    /// <summary>The value of a key, or null.</summary>
    protected abstract byte[]? Get(byte[] key);

    /// <summary>The rows of a range that is not empty.</summary>
    protected abstract IReadOnlyList<StoreRow> Scan(KeyRange range, int limit);

    /// <summary>Applies a checked batch atomically.</summary>
    protected abstract void Apply(IReadOnlyList<StoreChange> sortedBatch);

    /// <summary>Makes what was applied durable.</summary>
    protected abstract void Sync();

    /// <summary>A view of the store as it is now.</summary>
    protected abstract IStoreView OpenView();

    /// <summary>Releases everything; no call is inside.</summary>
    protected abstract void Close();

    private static bool IsEmpty(KeyRange range, int limit) =>
        limit == 0 || (range.End is not null && range.Start.AsSpan().SequenceCompareTo(range.End) >= 0);

    private async ValueTask<T> ReadAsync<T>(Func<T> read, CancellationToken cancellationToken)
    {
        await _readers.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            return Blocks
                ? await Task.Run(() => Measure(read, isWrite: false), cancellationToken).ConfigureAwait(false)
                : Measure(read, isWrite: false);
        }
        finally
        {
            _readers.Release();
        }
    }

    private async ValueTask WriteAsync(Action write, CancellationToken cancellationToken)
    {
        await _writer.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            Func<bool> measured = () =>
            {
                write();
                return true;
            };
            _ = Blocks
                ? await Task.Run(() => Measure(measured, isWrite: true), cancellationToken).ConfigureAwait(false)
                : Measure(measured, isWrite: true);
        }
        finally
        {
            _writer.Release();
        }
    }

    private T Measure<T>(Func<T> call, bool isWrite)
    {
        long started = Stopwatch.GetTimestamp();
        bool done = false;
        try
        {
            T result = call();
            done = true;
            return result;
        }
        finally
        {
            long microseconds = (long)Stopwatch.GetElapsedTime(started).TotalMicroseconds;
            if (!done)
            {
                Metrics.CountError();
            }
            else if (isWrite)
            {
                Metrics.CountWrite(microseconds);
            }
            else
            {
                Metrics.CountRead(microseconds);
            }
        }
    }

    /// <summary>An open view; one read at a time, none after its release.</summary>
    private sealed class Checkpoint(SynchronousStore store, IStoreView view) : IStoreCheckpoint
    {
        private readonly Lock _viewGate = new();
        private bool _released;

        public ValueTask<IReadOnlyList<StoreRow>> ScanAsync(
            KeyRange range, int limit, CancellationToken cancellationToken)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(limit);
            return store.ReadAsync(() => Scan(range, limit), cancellationToken);
        }

        public ValueTask DisposeAsync()
        {
            lock (store._gate)
            {
                if (!store._checkpoints.Remove(this))
                {
                    return ValueTask.CompletedTask; // The store released it, or is about to.
                }
            }

            Release();
            return ValueTask.CompletedTask;
        }

        public void Release()
        {
            lock (_viewGate)
            {
                if (!_released)
                {
                    _released = true;
                    view.Dispose();
                }
            }
        }

        private IReadOnlyList<StoreRow> Scan(KeyRange range, int limit)
        {
            lock (_viewGate)
            {
                ObjectDisposedException.ThrowIf(_released, this);
                return IsEmpty(range, limit) ? [] : view.Scan(range, limit);
            }
        }
    }
}
