using System;
using System.Threading;

namespace ShardSql.Data.Commands;

/// <summary>
/// One timer per connection for whatever its one running command waits for. It runs only while somebody waits for the
/// server, so the time that a caller spends between two rows does not count against CommandTimeout.
/// </summary>
internal sealed class Watchdog : IDisposable
{
    /// <summary>Timers and timestamps are not equally fine.</summary>
    private static readonly TimeSpan s_slack = TimeSpan.FromMilliseconds(20);

    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private ITimer? _timer;
    private RunningCommand? _watched;
    private long _scheduledAt;
    private TimeSpan _due;

    public Watchdog(TimeProvider time) => _time = time;

    /// <summary>Begins to watch.</summary>
    public void Arm(RunningCommand command, TimeSpan due)
    {
        if (due == Timeout.InfiniteTimeSpan)
        {
            lock (_lock)
            {
                // A Cancel later on needs to know what to watch.
                _watched = command;
            }

            return;
        }

        lock (_lock)
        {
            _watched = command;
            Schedule(due);
        }
    }

    /// <summary>Sets another time for what is being watched; nothing when it is not waiting.</summary>
    public void Rearm(RunningCommand command, TimeSpan due)
    {
        lock (_lock)
        {
            if (_watched == command)
            {
                Schedule(due);
            }
        }
    }

    /// <summary>Ends watching.</summary>
    public void Disarm()
    {
        lock (_lock)
        {
            if (_watched is not null)
            {
                _watched = null;
                _timer?.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            }
        }
    }

    /// <inheritdoc />
    public void Dispose() => _timer?.Dispose();

    private void Schedule(TimeSpan due)
    {
        _scheduledAt = _time.GetTimestamp();
        _due = due;
        if (_timer is null)
        {
            _timer = _time.CreateTimer(
                static state => ((Watchdog)state!).OnTimer(), this, due, Timeout.InfiniteTimeSpan);
        }
        else
        {
            _timer.Change(due, Timeout.InfiniteTimeSpan);
        }
    }

    private void OnTimer()
    {
        RunningCommand? watched;
        lock (_lock)
        {
            // The timer may have gone off for a command that ended just then, and find the next one here.
            TimeSpan left = _due - _time.GetElapsedTime(_scheduledAt);
            if (left > s_slack && _watched is not null)
            {
                _timer!.Change(left, Timeout.InfiniteTimeSpan);
                return;
            }

            watched = _watched;
        }

        watched?.OnWatchdog();
    }
}
