using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Primitives;

namespace ShardSql.Storage.Wal;

/// <summary>
/// Group commit: the one thread of a node that writes and syncs its log. While it syncs one batch the next gathers; no
/// timer waits for more. What it acknowledges is durable; after a failure it acknowledges nothing, says so once, and the
/// node must end.
/// </summary>
public sealed class LogThread : IDisposable
{
    private const int PoolMax = 8;
    private const int PooledBatchBytesMax = 1 << 20;

    private readonly object _gate = new();
    private readonly WriteAheadLog _log;
    private readonly LogThreadOptions _options;
    private readonly LogDurableCallback _onDurable;
    private readonly Action<Exception> _onFailure;
    private readonly Queue<Gathered> _queue = new();
    private readonly Stack<WalBatch> _pool = new();
    private readonly Thread _thread;
    private WalBatch _gathering = new();
    private ulong _sequence;
    private long _queuedBytes;
    private ulong _truncateBefore;
    private bool _stopping;
    private bool _abandoned;
    private Exception? _failure;
    private LogCounters _counters;
    private Task? _spare;
    private ulong _spareNumber;
    private ulong _spareAskedIn;

    /// <summary>Starts the thread, which owns the log from now on and closes it.</summary>
    public LogThread(
        WriteAheadLog log, LogThreadOptions options, LogDurableCallback onDurable, Action<Exception> onFailure)
    {
        options.Validate();
        _log = log;
        _options = options;
        _onDurable = onDurable;
        _onFailure = onFailure;
        _thread = new Thread(Run) { IsBackground = true, Name = "shardsql-log" };
        _thread.Start();
    }

    /// <summary>What it has done so far.</summary>
    public LogCounters Counters
    {
        get
        {
            lock (_gate)
            {
                return _counters;
            }
        }
    }

    /// <summary>Whether an append would not block now; admission asks it before it takes in more work.</summary>
    public bool HasRoom
    {
        get
        {
            lock (_gate)
            {
                return _queuedBytes < _options.QueueBytes;
            }
        }
    }

    /// <summary>Why no segment could be prepared ahead, last time; the log itself goes on while it has room.</summary>
    public Exception? SpareFailure { get; private set; }

    /// <summary>Adds a record, copying the payload; returns its sequence number, to compare with what the callback says.
    /// Blocks while too much waits.</summary>
    /// <exception cref="IOException">The log has failed, or was closed.</exception>
    public ulong Append(ShardId shard, byte kind, ReadOnlySpan<byte> payload)
    {
        lock (_gate)
        {
            while (_queuedBytes >= _options.QueueBytes && !_stopping)
            {
                Monitor.Wait(_gate);
            }

            if (_stopping)
            {
                throw new IOException("the log takes nothing more", _failure);
            }

            int before = _gathering.PayloadBytes;
            _gathering.Add(shard, kind, payload);
            _queuedBytes += _gathering.PayloadBytes - before;
            _sequence++;
            if (_gathering.PayloadBytes >= _options.BatchBytes)
            {
                CloseBatch();
            }

            Monitor.PulseAll(_gate);
            return _sequence;
        }
    }

    /// <summary>Gives up the segments below a number, soon.</summary>
    public void TruncateBefore(ulong segment)
    {
        lock (_gate)
        {
            _truncateBefore = Math.Max(_truncateBefore, segment);
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Stops as a killed process would: what waits is neither written nor acknowledged.</summary>
    public void Abandon() => Stop(abandon: true);

    /// <summary>Writes and acknowledges what waits, ends the log cleanly, closes it.</summary>
    public void Dispose() => Stop(abandon: false);

    private void Stop(bool abandon)
    {
        lock (_gate)
        {
            _abandoned |= abandon;
            _stopping = true;
            Monitor.PulseAll(_gate);
        }

        if (Thread.CurrentThread != _thread)
        {
            _thread.Join();
        }
    }

    private void Run()
    {
        try
        {
            while (TakeNext(out Gathered next, out ulong truncateBefore))
            {
                Write(next);
                Maintain(truncateBefore);
            }

            if (!_abandoned)
            {
                _log.Seal();
            }
        }
        catch (Exception exception)
        {
            Fail(exception);
        }
        finally
        {
            ((IAsyncResult?)_spare)?.AsyncWaitHandle.WaitOne();
            _log.Dispose();
        }
    }

    private bool TakeNext(out Gathered next, out ulong truncateBefore)
    {
        lock (_gate)
        {
            while (_queue.Count == 0 && _gathering.Count == 0 && _truncateBefore == 0 && !_stopping)
            {
                Monitor.Wait(_gate);
            }

            truncateBefore = _truncateBefore;
            _truncateBefore = 0;
            next = default;
            if (_abandoned)
            {
                return false;
            }

            if (_queue.Count == 0 && _gathering.Count > 0)
            {
                CloseBatch();
            }

            return _queue.TryDequeue(out next) || !_stopping;
        }
    }

    private void Write(Gathered next)
    {
        if (next.Batch is not { } batch)
        {
            return;
        }

        int payloadBytes = batch.PayloadBytes;
        int records = batch.Count;
        LogPosition end = _log.Append(batch);
        _log.Sync();
        lock (_gate)
        {
            _counters = new LogCounters(
                _counters.Batches + 1,
                _counters.Syncs + 1,
                _counters.Records + records,
                _counters.Bytes + batch.EncodedBytes);
            _queuedBytes -= payloadBytes;
            if (_pool.Count < PoolMax && batch.EncodedBytes <= PooledBatchBytesMax)
            {
                batch.Clear();
                _pool.Push(batch);
            }

            Monitor.PulseAll(_gate);
        }

        _onDurable(next.LastSequence, end);
    }

    private void Maintain(ulong truncateBefore)
    {
        if (truncateBefore > 0)
        {
            _log.TruncateBefore(truncateBefore);
        }

        if (_spare is { IsCompleted: true })
        {
            SpareFailure = _spare.Exception?.InnerException;
            if (SpareFailure is null)
            {
                _log.AddSpare(_spareNumber);
            }

            _spare = null;
        }

        // Once per segment: a full disk is not asked again after each batch.
        if (_spare is null && _log.WantsSpare && _spareAskedIn != _log.Written.Segment)
        {
            _spareAskedIn = _log.Written.Segment;
            ulong number = _spareNumber = _log.ReserveSpare();
            _spare = Task.Run(() => _log.CreateSpare(number));
        }
    }

    private void CloseBatch()
    {
        _queue.Enqueue(new Gathered(_gathering, _sequence));
        _gathering = _pool.TryPop(out WalBatch? pooled) ? pooled : new WalBatch(_options.BatchBytes);
    }

    private void Fail(Exception exception)
    {
        lock (_gate)
        {
            _failure = exception;
            _stopping = true;
            Monitor.PulseAll(_gate);
        }

        _onFailure(exception);
    }

    private readonly record struct Gathered(WalBatch? Batch, ulong LastSequence);
}
