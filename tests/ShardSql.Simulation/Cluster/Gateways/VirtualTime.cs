using System;
using System.Threading;

using ShardSql.Primitives;

namespace ShardSql.Simulation.Cluster.Gateways;

/// <summary>A gateway's clocks and timers in virtual time.</summary>
internal sealed class VirtualTime(SimulatedCluster world, SimulatedClock clock, GatewayLife life) : TimeProvider
{
    private const long MicrosecondsPerSecond = 1_000_000;

    public override long TimestampFrequency => MicrosecondsPerSecond;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeMilliseconds(clock.WallMs);

    public override long GetTimestamp() => world.Events.NowUs;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new VirtualTimer(life, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class VirtualTimer(GatewayLife life, TimerCallback callback, object? state) : ITimer
    {
        private int _version;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            Invariant.Check(period == Timeout.InfiniteTimeSpan || period == TimeSpan.Zero, "A timer is due once.");
            int version = ++_version;
            if (dueTime != Timeout.InfiniteTimeSpan)
            {
                life.After((long)dueTime.TotalMicroseconds, () =>
                {
                    if (version == _version)
                    {
                        callback(state);
                    }
                });
            }

            return true;
        }

        public void Dispose() => _version++;

        public System.Threading.Tasks.ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }
    }
}
