using System;
using System.Threading;
using System.Threading.Tasks;

namespace ShardSql.Data.Commands;

/// <summary>
/// Pauses between attempts: full jitter (a random part of a bound that doubles), so that those who collided once do not
/// collide again. https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
/// </summary>
internal static class RetryPolicy
{
    /// <summary>Bound of the first pause.</summary>
    public static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(5);

    /// <summary>Bound of every pause.</summary>
    public static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Whether a command outside a transaction may be run again: it surely did nothing, and may succeed now.
    /// </summary>
    public static bool MayRunStatementAgain(ShardSqlException error) =>
        error.MayRunAgain && error.IsTransient && error.SqlState is not (
            Sql.SqlStates.CannotConnect or Sql.SqlStates.ConnectionFailure);

    /// <summary>How long to wait before an attempt; the first retry is number 1.</summary>
    public static TimeSpan Pause(int retry, TimeSpan? serverAsksFor)
    {
        double bound = Math.Min(
            LongestPause.TotalMilliseconds, FirstPause.TotalMilliseconds * Math.Pow(2, Math.Min(retry - 1, 30)));
        TimeSpan pause = TimeSpan.FromMilliseconds(Random.Shared.NextDouble() * bound);
        return (serverAsksFor ?? TimeSpan.Zero) + pause;
    }

    /// <summary>Waits before an attempt.</summary>
    public static Task WaitAsync(
        int retry, TimeSpan? serverAsksFor, TimeProvider time, CancellationToken cancellationToken) =>
        Task.Delay(Pause(retry, serverAsksFor), time, cancellationToken);
}
