using System.Data;
using System.Data.Common;
using System.Threading;
using System.Threading.Tasks;
using ShardSql.Data.Commands;

namespace ShardSql.Data;

/// <content>Execution.</content>
public sealed partial class ShardSqlCommand
{
    /// <inheritdoc />
    public override int ExecuteNonQuery() =>
        SyncFacade.Run(NonQueryAsync(CancellationToken.None), MaxPoolSize);

    /// <inheritdoc />
    public override Task<int> ExecuteNonQueryAsync(CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested
            ? Task.FromCanceled<int>(cancellationToken)
            : PipelinedAsync(cancellationToken);

    /// <inheritdoc />
    public override object? ExecuteScalar() =>
        SyncFacade.Run(ScalarAsync(CancellationToken.None), MaxPoolSize);

    /// <inheritdoc />
    public override Task<object?> ExecuteScalarAsync(CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested
            ? Task.FromCanceled<object?>(cancellationToken)
            : ScalarAsync(cancellationToken).AsTask();

    /// <summary>Runs the command and gives its first result.</summary>
    public new ShardSqlDataReader ExecuteReader(CommandBehavior behavior = CommandBehavior.Default) =>
        SyncFacade.Run(ReaderAsync(behavior, CancellationToken.None), MaxPoolSize);

    /// <summary>Runs the command and gives its first result.</summary>
    public new Task<ShardSqlDataReader> ExecuteReaderAsync(CancellationToken cancellationToken = default) =>
        ExecuteReaderAsync(CommandBehavior.Default, cancellationToken);

    /// <summary>Runs the command and gives its first result.</summary>
    public new Task<ShardSqlDataReader> ExecuteReaderAsync(
        CommandBehavior behavior, CancellationToken cancellationToken = default) =>
        cancellationToken.IsCancellationRequested
            ? Task.FromCanceled<ShardSqlDataReader>(cancellationToken)
            : ReaderAsync(behavior, cancellationToken).AsTask();

    /// <inheritdoc />
    protected override DbDataReader ExecuteDbDataReader(CommandBehavior behavior) => ExecuteReader(behavior);

    /// <inheritdoc />
    protected override async Task<DbDataReader> ExecuteDbDataReaderAsync(
        CommandBehavior behavior, CancellationToken cancellationToken) =>
        await ExecuteReaderAsync(behavior, cancellationToken).ConfigureAwait(false);

    private int MaxPoolSize => _connection?.MaxPoolSize ?? 0;

    private async ValueTask<ShardSqlDataReader> ReaderAsync(
        CommandBehavior behavior, CancellationToken cancellationToken)
    {
        RequireNoReader();
        CommandWork work = Plan(behavior);
        ShardSqlDataReader reader = await CommandRunner.OpenReaderAsync(
            _connection!, work, behavior, commands: null, cancellationToken).ConfigureAwait(false);
        if (!reader.IsClosed)
        {
            _reader = reader;
            reader.Command = this;
        }

        return reader;
    }

    /// <summary>One that was not awaited yet goes first: such commands may be handed over one after another.</summary>
    private Task<int> PipelinedAsync(CancellationToken cancellationToken)
    {
        RequireNoReader();
        return RequireConnection().RunInTurnAsync(
            Plan(CommandBehavior.Default, _connection!.HasTurnRunning), cancellationToken);
    }

    private ValueTask<int> NonQueryAsync(CancellationToken cancellationToken)
    {
        RequireNoReader();
        return CommandRunner.NonQueryAsync(
            _connection!, Plan(CommandBehavior.Default), commands: null, cancellationToken);
    }

    private ValueTask<object?> ScalarAsync(CancellationToken cancellationToken)
    {
        RequireNoReader();
        return CommandRunner.ScalarAsync(
            _connection!, Plan(CommandBehavior.Default), commands: null, cancellationToken);
    }
}
