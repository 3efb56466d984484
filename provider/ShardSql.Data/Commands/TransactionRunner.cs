using System;
using System.Threading;
using System.Threading.Tasks;
using ShardSql.Sql;

namespace ShardSql.Data.Commands;

/// <summary>
/// Runs a delegate in a transaction and commits it; on an error that surely left nothing behind, runs the whole
/// delegate again. Never a part of it, and never after an unknown outcome.
/// </summary>
internal static class TransactionRunner
{
    public static async Task<T> RunAsync<T>(
        ShardSqlDataSource source,
        Func<int, CancellationToken, ValueTask<ShardSqlConnection>> open,
        Func<ShardSqlConnection, ShardSqlTransaction, CancellationToken, Task<T>> work,
        ShardSqlTransactionOptions options,
        CancellationToken cancellationToken)
    {
        int maxRetries = options.MaxRetries ?? source.Settings.MaxRetries;
        for (int retry = 0; ; retry++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                return await RunOnceAsync(open, work, options, retry, cancellationToken).ConfigureAwait(false);
            }
            catch (ShardSqlException error) when (MayRunAgain(error) && retry < maxRetries)
            {
                var conflict = new ShardSqlConflict(error, retry, maxRetries);
                ShardSqlConflictDecision decision =
                    await DecideAsync(source, options, conflict, cancellationToken).ConfigureAwait(false);
                if (decision == ShardSqlConflictDecision.Abort)
                {
                    throw;
                }

                if (decision == ShardSqlConflictDecision.Retry)
                {
                    await RetryPolicy.WaitAsync(retry + 1, error.RetryAfter, source.Time, cancellationToken)
                        .ConfigureAwait(false);
                }
            }
        }
    }

    /// <summary>Open has waited for a gateway and for the pool already, as long as Timeout allows.</summary>
    private static bool MayRunAgain(ShardSqlException error) =>
        error.MayRunAgain && error.SqlState is not (SqlStates.CannotConnect or SqlStates.TooManyConnections);

    private static async Task<T> RunOnceAsync<T>(
        Func<int, CancellationToken, ValueTask<ShardSqlConnection>> open,
        Func<ShardSqlConnection, ShardSqlTransaction, CancellationToken, Task<T>> work,
        ShardSqlTransactionOptions options,
        int retry,
        CancellationToken cancellationToken)
    {
        ShardSqlConnection connection = await open(retry, cancellationToken).ConfigureAwait(false);
        ShardSqlTransaction transaction =
            await connection.BeginAsync(options.IsolationLevel, options.TransactionType, cancellationToken).ConfigureAwait(false);
        await using (transaction.ConfigureAwait(false))
        {
            T result = await work(connection, transaction, cancellationToken).ConfigureAwait(false);
            if (transaction.IsOpen)
            {
                await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
            }

            return result;
        }
    }

    private static ValueTask<ShardSqlConflictDecision> DecideAsync(
        ShardSqlDataSource source,
        ShardSqlTransactionOptions options,
        ShardSqlConflict conflict,
        CancellationToken cancellationToken)
    {
        if (options.ConflictHandler is { } own)
        {
            return own(conflict, cancellationToken);
        }

        return (options.ConflictStrategy ?? source.Settings.ConflictStrategy) switch
        {
            ShardSqlConflictStrategy.Handler when source.ConflictHandler is { } handler =>
                handler(conflict, cancellationToken),
            ShardSqlConflictStrategy.Abort => new(ShardSqlConflictDecision.Abort),
            _ => new(ShardSqlConflictDecision.Retry),
        };
    }
}
