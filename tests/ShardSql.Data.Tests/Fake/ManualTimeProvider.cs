using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

namespace ShardSql.Data.Tests.Fake;

/// <summary>A clock that only a test moves, and that tells when somebody began to wait on it.</summary>
internal sealed class ManualTimeProvider : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<ManualTimer> _timers = [];
    private readonly List<(TimeSpan Due, TaskCompletionSource Signal)> _awaited = [];
    private DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock)
        {
            return _now;
        }
    }

    public override long GetTimestamp() => GetUtcNow().Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Ends once a timer of this delay has been set, now or before.</summary>
    public Task TimerSetAsync(TimeSpan delay)
    {
        lock (_lock)
        {
            if (_timers.Any(timer => timer.DelaySet == delay))
            {
                return Task.CompletedTask;
            }

            var signal = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _awaited.Add((delay, signal));
            return signal.Task.WaitAsync(TimeSpan.FromSeconds(60));
        }
    }

    /// <summary>Moves the clock and fires what is due.</summary>
    public void Advance(TimeSpan by)
    {
        List<ManualTimer> due;
        lock (_lock)
        {
            _now += by;
            due = [.. _timers.Where(timer => timer.Due <= _now)];
            foreach (ManualTimer timer in due)
            {
                timer.Reschedule(_now);
            }
        }

        foreach (ManualTimer timer in due)
        {
            timer.Fire();
        }
    }

    private sealed class ManualTimer(ManualTimeProvider owner, TimerCallback callback, object? state) : ITimer
    {
        private TimeSpan _period;

        public DateTimeOffset Due { get; private set; } = DateTimeOffset.MaxValue;

        public TimeSpan DelaySet { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            List<TaskCompletionSource> signals;
            lock (owner._lock)
            {
                owner._timers.Remove(this);
                _period = period;
                DelaySet = dueTime;
                if (dueTime != Timeout.InfiniteTimeSpan)
                {
                    Due = owner._now + dueTime;
                    owner._timers.Add(this);
                }

                signals = [.. owner._awaited.Where(wait => wait.Due == dueTime).Select(wait => wait.Signal)];
                owner._awaited.RemoveAll(wait => wait.Due == dueTime);
            }

            signals.ForEach(signal => signal.TrySetResult());
            return true;
        }

        public void Reschedule(DateTimeOffset now)
        {
            if (_period == Timeout.InfiniteTimeSpan || _period == TimeSpan.Zero)
            {
                owner._timers.Remove(this);
                Due = DateTimeOffset.MaxValue;
            }
            else
            {
                Due = now + _period;
            }
        }

        public void Fire() => callback(state);

        public void Dispose() => Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
