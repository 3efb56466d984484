using System;
using System.Data;
using System.Threading;
using System.Threading.Tasks;
using ShardSql.Data.Commands;

namespace ShardSql.Data;

/// <content>Transactions that are run again when a conflict has rolled them back.</content>
public sealed partial class ShardSqlDataSource
{
    /// <summary>
    /// Runs a delegate in a serializable transaction on a connection of its own and commits it. When the transaction
    /// was rolled back by a conflict or by a lost connection, the whole delegate is run again, at most Max Retries
    /// times, with random pauses; so it must have no effects but those of the transaction. An unknown outcome (40003)
    /// is thrown, never run again.
    /// </summary>
    public Task<T> ExecuteInTransactionAsync<T>(
        Func<ShardSqlConnection, ShardSqlTransaction, CancellationToken, Task<T>> work,
        CancellationToken cancellationToken = default) =>
        ExecuteInTransactionAsync(work, IsolationLevel.Serializable, cancellationToken);

    /// <summary>As the other overload, without a result.</summary>
    public Task ExecuteInTransactionAsync(
        Func<ShardSqlConnection, ShardSqlTransaction, CancellationToken, Task> work,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(work);
        return ExecuteInTransactionAsync(
            async (connection, transaction, token) =>
            {
                await work(connection, transaction, token).ConfigureAwait(false);
                return true;
            },
            IsolationLevel.Serializable,
            cancellationToken);
    }

    /// <summary>As the other overload, at an isolation level; Snapshot is for delegates that only read.</summary>
    public Task<T> ExecuteInTransactionAsync<T>(
        Func<ShardSqlConnection, ShardSqlTransaction, CancellationToken, Task<T>> work,
        IsolationLevel isolationLevel,
        CancellationToken cancellationToken) =>
        ExecuteInTransactionAsync(
            work, new ShardSqlTransactionOptions { IsolationLevel = isolationLevel }, cancellationToken);

    /// <summary>As the other overload, with what this call does on conflicts.</summary>
    public async Task<T> ExecuteInTransactionAsync<T>(
        Func<ShardSqlConnection, ShardSqlTransaction, CancellationToken, Task<T>> work,
        ShardSqlTransactionOptions options,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(work);
        ArgumentNullException.ThrowIfNull(options);
        ShardSqlConnection? connection = null;
        try
        {
            return await TransactionRunner.RunAsync(
                this,
                async (_, token) =>
                {
                    // A lost connection is replaced, so that another gateway can take over.
                    if (connection is not { State: ConnectionState.Open })
                    {
                        await CloseAsync(connection).ConfigureAwait(false);
                        connection = null;
                        connection = await OpenConnectionAsync(token).ConfigureAwait(false);
                    }

                    return connection;
                },
                work,
                options,
                cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await CloseAsync(connection).ConfigureAwait(false);
        }
    }

    private static ValueTask CloseAsync(ShardSqlConnection? connection) =>
        connection?.DisposeAsync() ?? ValueTask.CompletedTask;
}
