using System;
using System.Data;
using System.Data.Common;
using System.Threading;
using System.Threading.Tasks;

namespace ShardSql.Data.Commands;

/// <summary>
/// A batch of a data source: opens a connection for each execution and gives it back behind it. The wrapper of the base
/// class cannot make commands.
/// </summary>
internal sealed class DataSourceBatch(ShardSqlDataSource source) : DbBatch
{
    private readonly ShardSqlBatch _batch = new();

    public override int Timeout
    {
        get => _batch.Timeout;
        set => _batch.Timeout = value;
    }

    protected override DbBatchCommandCollection DbBatchCommands => _batch.BatchCommands;

    protected override DbConnection? DbConnection
    {
        get => _batch.Connection;
        set => throw Refused("connection");
    }

    protected override DbTransaction? DbTransaction
    {
        get => null;
        set => throw Refused("transaction");
    }

    public override void Cancel() => _batch.Cancel();

    public override int ExecuteNonQuery() =>
        SyncFacade.Run(RunAsync(static (batch, token) => batch.ExecuteNonQueryAsync(token), default), source.Settings.MaxPoolSize);

    public override Task<int> ExecuteNonQueryAsync(CancellationToken cancellationToken = default) =>
        RunAsync(static (batch, token) => batch.ExecuteNonQueryAsync(token), cancellationToken).AsTask();

    public override object? ExecuteScalar() =>
        SyncFacade.Run(RunAsync(static (batch, token) => batch.ExecuteScalarAsync(token), default), source.Settings.MaxPoolSize);

    public override Task<object?> ExecuteScalarAsync(CancellationToken cancellationToken = default) =>
        RunAsync(static (batch, token) => batch.ExecuteScalarAsync(token), cancellationToken).AsTask();

    /// <summary>There is no session yet to prepare for.</summary>
    public override void Prepare() => throw Refused("prepared statement");

    public override Task PrepareAsync(CancellationToken cancellationToken = default) => throw Refused("prepared statement");

    protected override DbBatchCommand CreateDbBatchCommand() => new ShardSqlBatchCommand();

    protected override DbDataReader ExecuteDbDataReader(CommandBehavior behavior) =>
        SyncFacade.Run(ReaderAsync(behavior, default), source.Settings.MaxPoolSize);

    protected override async Task<DbDataReader> ExecuteDbDataReaderAsync(
        CommandBehavior behavior, CancellationToken cancellationToken) =>
        await ReaderAsync(behavior, cancellationToken).ConfigureAwait(false);

    private static NotSupportedException Refused(string what) => new(
        $"A batch of a data source has no {what} of its own; make the batch from a connection.");

    private async ValueTask<T> RunAsync<T>(
        Func<ShardSqlBatch, CancellationToken, Task<T>> run, CancellationToken cancellationToken)
    {
        ShardSqlConnection connection = await source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            _batch.Connection = connection;
            return await run(_batch, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The connection goes back with the reader.</summary>
    private async ValueTask<DbDataReader> ReaderAsync(CommandBehavior behavior, CancellationToken cancellationToken)
    {
        ShardSqlConnection connection = await source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            _batch.Connection = connection;
            return await _batch.ExecuteReaderAsync(behavior | CommandBehavior.CloseConnection, cancellationToken)
                .ConfigureAwait(false);
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
