using System;
using System.Collections.Generic;
using System.Data;
using System.Threading;
using System.Threading.Tasks;

namespace ShardSql.Data.Commands;

/// <summary>
/// Runs a command in one of ADO.NET's three ways. A command outside a transaction that surely did nothing is run again
/// (Retry=Statements): only while no statement of it has ended and no row was given away.
/// </summary>
internal static class CommandRunner
{
    /// <summary>Runs to the first result.</summary>
    public static ValueTask<ShardSqlDataReader> OpenReaderAsync(
        ShardSqlConnection connection,
        CommandWork work,
        CommandBehavior behavior,
        IReadOnlyList<ShardSqlBatchCommand>? commands,
        CancellationToken cancellationToken) =>
        RunAsync(
            connection,
            work,
            behavior,
            commands,
            static (reader, _) => ValueTask.FromResult(reader),
            cancellationToken);

    /// <summary>Runs to the end: rows affected.</summary>
    public static ValueTask<int> NonQueryAsync(
        ShardSqlConnection connection,
        CommandWork work,
        IReadOnlyList<ShardSqlBatchCommand>? commands,
        CancellationToken cancellationToken) => RunAsync(
            connection,
            work,
            CommandBehavior.Default,
            commands,
            static async (reader, token) =>
            {
                await reader.ReadToEndAsync(token).ConfigureAwait(false);
                return reader.RecordsAffected;
            },
            cancellationToken);

    /// <summary>Runs to the end: the first column of the first row, null when there is none.</summary>
    public static ValueTask<object?> ScalarAsync(
        ShardSqlConnection connection,
        CommandWork work,
        IReadOnlyList<ShardSqlBatchCommand>? commands,
        CancellationToken cancellationToken) => RunAsync(
            connection,
            work,
            CommandBehavior.Default,
            commands,
            static async (reader, token) =>
            {
                object? value = await reader.ReadAsync(token).ConfigureAwait(false) ? reader.GetValue(0) : null;
                await reader.ReadToEndAsync(token).ConfigureAwait(false);
                return value;
            },
            cancellationToken);

    private static async ValueTask<T> RunAsync<T>(
        ShardSqlConnection connection,
        CommandWork work,
        CommandBehavior behavior,
        IReadOnlyList<ShardSqlBatchCommand>? commands,
        Func<ShardSqlDataReader, CancellationToken, ValueTask<T>> take,
        CancellationToken cancellationToken)
    {
        for (int retry = 0; ; retry++)
        {
            RunningCommand? running = null;
            try
            {
                running = connection.Start(work);
                var reader = new ShardSqlDataReader(connection, running, behavior, commands);
                await reader.OpenAsync(cancellationToken).ConfigureAwait(false);
                return await take(reader, cancellationToken).ConfigureAwait(false);
            }
            catch (ShardSqlException error)
                when (running is not null && MayRunAgain(connection, running, error, retry))
            {
                await RetryPolicy.WaitAsync(retry + 1, error.RetryAfter, connection.Time, cancellationToken)
                    .ConfigureAwait(false);
            }
            catch when (running is { HasEnded: false })
            {
                // The mistake was on this side; what the server still sends must not be left in the way.
                await connection.FinishRunningAsync(discard: false).ConfigureAwait(false);
                throw;
            }
        }
    }

    private static bool MayRunAgain(
        ShardSqlConnection connection, RunningCommand running, ShardSqlException error, int retry) =>
        connection.Settings.Retry == ShardSqlRetry.Statements
        && retry < connection.Settings.MaxRetries
        && running is { HasEnded: true, StatementsDone: 0 }
        && !running.StartedInTransaction
        && connection.HasLiveSession
        && RetryPolicy.MayRunStatementAgain(error);
}
