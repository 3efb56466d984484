using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Threading;
using System.Threading.Tasks;
using ShardSql.Data.Options;
using ShardSql.Data.Telemetry;
using ShardSql.Sql;

namespace ShardSql.Data.Sessions;

/// <summary>
/// The sessions of one data source. At most Max Pool Size exist; who finds none free waits in line, first come first
/// served, and gets a session or the right to open one. The last session that came back is the first to go out again,
/// so that what is not needed grows old and is closed.
/// </summary>
internal sealed class SessionPool : IAsyncDisposable
{
    private static readonly TimeSpan s_pruneInterval = TimeSpan.FromSeconds(10);

    private readonly SessionConnector _connector;
    private readonly ConnectionSettings _settings;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly List<Idle> _idle = [];
    private readonly LinkedList<TaskCompletionSource<Session?>> _waiters = new();
    private readonly ITimer _pruning;
    private int _total;
    private int _generation;
    private bool _disposed;

    public SessionPool(SessionConnector connector, TimeProvider time)
    {
        _connector = connector;
        _settings = connector.Settings;
        _time = time;
        _pruning = time.CreateTimer(
            static state => ((SessionPool)state!).Prune(), this, s_pruneInterval, s_pruneInterval);
        DataMetrics.Register(this);
    }

    /// <summary>Settings of its sessions.</summary>
    public ConnectionSettings Settings => _settings;

    /// <summary>Sessions waiting for use, sessions in use, and callers in line.</summary>
    public (int Idle, int Used, int Waiting) Counts
    {
        get
        {
            lock (_lock)
            {
                return (_idle.Count, _total - _idle.Count, _waiters.Count);
            }
        }
    }

    /// <summary>A session for one connection; give it back with <see cref="ReturnAsync"/>.</summary>
    public async ValueTask<PooledSession> RentAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Task<Session?>? turn;
        Session? session;
        int generation;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(ShardSqlDataSource));
            turn = TakeOrQueue(out session);
            generation = _generation;
        }

        if (turn is not null)
        {
            session = await WaitAsync(turn, cancellationToken).ConfigureAwait(false);
        }

        return new PooledSession(session ?? await OpenAsync(cancellationToken).ConfigureAwait(false), generation);
    }

    /// <summary>Takes a session back: for the next in line, for later, or to be closed.</summary>
    public async ValueTask ReturnAsync(PooledSession rented)
    {
        Session session = rented.Session;
        lock (_lock)
        {
            bool keep = !_disposed && session.IsAlive && !IsTooOld(session) && rented.Generation == _generation
                && session.State == Protocol.Messages.TransactionState.Idle;
            if (keep)
            {
                if (!TryPassOn(session))
                {
                    _idle.Add(new Idle(session, _time.GetUtcNow()));
                }

                return;
            }

            GiveUpPlace();
        }

        await session.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Closes what is idle; what is in use is closed when it comes back.</summary>
    public async ValueTask ClearAsync()
    {
        List<Idle> closing;
        lock (_lock)
        {
            _generation++;
            closing = [.. _idle];
            _idle.Clear();
            for (int i = 0; i < closing.Count; i++)
            {
                GiveUpPlace();
            }
        }

        foreach (Idle idle in closing)
        {
            await idle.Session.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            _disposed = true;
            foreach (TaskCompletionSource<Session?> waiter in _waiters)
            {
                waiter.TrySetException(new ObjectDisposedException(nameof(ShardSqlDataSource)));
            }

            _waiters.Clear();
        }

        DataMetrics.Unregister(this);
        await _pruning.DisposeAsync().ConfigureAwait(false);
        await ClearAsync().ConfigureAwait(false);
    }

    /// <summary>Closes sessions that were idle too long, down to Min Pool Size, and dead ones in any case.</summary>
    internal void Prune()
    {
        List<Session> closing = [];
        lock (_lock)
        {
            DateTimeOffset now = _time.GetUtcNow();
            for (int i = 0; i < _idle.Count; i++)
            {
                Idle idle = _idle[i];
                bool old = now - idle.Since >= _settings.IdleLifetime && _total > _settings.MinPoolSize;
                if (old || !idle.Session.IsAlive || IsTooOld(idle.Session))
                {
                    _idle.RemoveAt(i--);
                    GiveUpPlace();
                    closing.Add(idle.Session);
                }
            }
        }

        foreach (Session session in closing)
        {
            _ = session.DisposeAsync().AsTask();
        }
    }

    /// <summary>
    /// Null when the caller may go on at once, with the session or, without one, by opening one. Else its turn.
    /// </summary>
    private Task<Session?>? TakeOrQueue(out Session? session)
    {
        while (_idle.Count > 0)
        {
            session = _idle[^1].Session;
            _idle.RemoveAt(_idle.Count - 1);
            if (session.IsAlive && !IsTooOld(session))
            {
                return null;
            }

            _total--;
            _ = session.DisposeAsync().AsTask();
        }

        session = null;
        if (_total < _settings.MaxPoolSize)
        {
            _total++;
            return null;
        }

        var waiter = new TaskCompletionSource<Session?>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiters.AddLast(waiter);
        return waiter.Task;
    }

    private async Task<Session?> WaitAsync(Task<Session?> turn, CancellationToken cancellationToken)
    {
        long began = _time.GetTimestamp();
        try
        {
            return await turn.WaitAsync(_settings.Timeout, _time, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is TimeoutException or OperationCanceledException)
        {
            LeaveLine(turn);
            if (error is OperationCanceledException)
            {
                throw;
            }

            DataMetrics.RecordTimeout(_settings);
            throw new ShardSqlException(
                SqlStates.TooManyConnections,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"pool limit {_settings.MaxPoolSize} reached, waited {_settings.Timeout.TotalSeconds:0.###} s"),
                ShardSqlOutcome.RolledBack,
                error);
        }
        finally
        {
            DataMetrics.RecordWaitTime(_time.GetElapsedTime(began), _settings);
        }
    }

    /// <summary>Gives up a place in line; a turn that came at the same moment goes to the next.</summary>
    private void LeaveLine(Task<Session?> turn)
    {
        lock (_lock)
        {
            foreach (TaskCompletionSource<Session?> waiter in _waiters)
            {
                if (waiter.Task == turn)
                {
                    _waiters.Remove(waiter);
                    return;
                }
            }

            if (!turn.IsCompletedSuccessfully)
            {
                return;
            }

            // Completed: reading the result cannot block.
            if (turn.GetAwaiter().GetResult() is not { } session)
            {
                GiveUpPlace();
            }
            else if (!TryPassOn(session))
            {
                _idle.Add(new Idle(session, _time.GetUtcNow()));
            }
        }
    }

    private async Task<Session> OpenAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _connector.OpenAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            lock (_lock)
            {
                GiveUpPlace();
            }

            throw;
        }
    }

    /// <summary>A session ceased to exist: the next in line may open one in its place.</summary>
    private void GiveUpPlace()
    {
        if (!TryPassOn(null))
        {
            _total--;
        }
    }

    private bool TryPassOn(Session? session)
    {
        while (_waiters.First is { } first)
        {
            _waiters.RemoveFirst();
            if (first.Value.TrySetResult(session))
            {
                return true;
            }
        }

        return false;
    }

    private bool IsTooOld(Session session) => _settings.Lifetime != Timeout.InfiniteTimeSpan
        && _time.GetUtcNow() - session.OpenedAt >= _settings.Lifetime;

    private readonly record struct Idle(Session Session, DateTimeOffset Since);
}
