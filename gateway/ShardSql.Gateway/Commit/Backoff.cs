using System;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Primitives;

namespace ShardSql.Gateway.Commit;

/// <summary>Growing pauses between attempts, so that those who collide do not collide again at once.</summary>
internal static class Backoff
{
    private const int FirstMs = 1;
    private const int MaxAttemptMs = 16;

    /// <summary>The pause before the n-th new attempt of a commit: none at first, then up to 16 ms.</summary>
    public static ValueTask BeforeAttemptAsync(int attempt, TimeProvider time, CancellationToken cancellationToken)
    {
        if (attempt <= 1)
        {
            return ValueTask.CompletedTask;
        }

        int most = Math.Min(FirstMs << Math.Min(attempt - 1, MaxAttemptMs), MaxAttemptMs);

        // The clock's last digits tell those who collide apart, and under a clock of the simulator they are the same again.
        ulong drawn = Hash64.Combine((ulong)time.GetTimestamp(), (ulong)attempt);
        var pause = TimeSpan.FromMilliseconds(1 + (int)(drawn % (ulong)most));
        return new ValueTask(Task.Delay(pause, time, cancellationToken));
    }

    /// <summary>The pause before the n-th round of recovery: 50 ms, doubled up to a second.</summary>
    public static Task BeforeRecoveryAsync(int round, TimeProvider time, CancellationToken cancellationToken)
    {
        TimeSpan pause = GatewayLimits.RecoveryDelay * (1 << Math.Min(round, 8));
        return Task.Delay(
            pause < GatewayLimits.MaxRecoveryPause ? pause : GatewayLimits.MaxRecoveryPause, time, cancellationToken);
    }
}
