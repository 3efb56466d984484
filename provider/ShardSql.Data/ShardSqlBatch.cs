using System;
using System.Collections.Generic;
using System.Data;
using System.Data.Common;
using System.Globalization;
using System.Threading;
using System.Threading.Tasks;
using ShardSql.Data.Commands;
using ShardSql.Protocol.Messages;

namespace ShardSql.Data;

/// <summary>Several commands in one request: one way there and back.</summary>
public sealed class ShardSqlBatch : DbBatch
{
    private int? _timeout;

    /// <summary>An empty batch.</summary>
    public ShardSqlBatch(ShardSqlConnection? connection = null, ShardSqlTransaction? transaction = null)
    {
        Connection = connection;
        Transaction = transaction;
    }

    /// <summary>Its commands.</summary>
    public new ShardSqlBatchCommandCollection BatchCommands { get; } = new();

    /// <summary>The connection that it runs on.</summary>
    public new ShardSqlConnection? Connection { get; set; }

    /// <summary>The transaction that it runs in; required while the connection has one open.</summary>
    public new ShardSqlTransaction? Transaction { get; set; }

    /// <summary>Seconds for the whole batch, then 57014; 0 leaves it to the server.</summary>
    public override int Timeout
    {
        get => _timeout ?? Connection?.DefaultCommandTimeout ?? 30;
        set => _timeout = value >= 0
            ? value
            : throw new ArgumentException($"Timeout must be 0 or more, was {value}", nameof(value));
    }

    /// <inheritdoc />
    protected override DbBatchCommandCollection DbBatchCommands => BatchCommands;

    /// <inheritdoc />
    protected override DbConnection? DbConnection
    {
        get => Connection;
        set => Connection = value is null or ShardSqlConnection
            ? (ShardSqlConnection?)value
            : throw new InvalidCastException($"A ShardSqlConnection is needed, not a {value.GetType()}.");
    }

    /// <inheritdoc />
    protected override DbTransaction? DbTransaction
    {
        get => Transaction;
        set => Transaction = value is null or ShardSqlTransaction
            ? (ShardSqlTransaction?)value
            : throw new InvalidCastException($"A ShardSqlTransaction is needed, not a {value.GetType()}.");
    }

    private int MaxPoolSize => Connection?.MaxPoolSize ?? 0;

    /// <inheritdoc />
    public override void Cancel() => Connection?.CancelRunning(this);

    /// <summary>Runs the batch and gives its first result.</summary>
    public new ShardSqlDataReader ExecuteReader(CommandBehavior behavior = CommandBehavior.Default) =>
        SyncFacade.Run(ReaderAsync(behavior, CancellationToken.None), MaxPoolSize);

    /// <summary>Runs the batch and gives its first result.</summary>
    public new Task<ShardSqlDataReader> ExecuteReaderAsync(CancellationToken cancellationToken = default) =>
        cancellationToken.IsCancellationRequested
            ? Task.FromCanceled<ShardSqlDataReader>(cancellationToken)
            : ReaderAsync(CommandBehavior.Default, cancellationToken).AsTask();

    /// <summary>Runs the batch and gives its first result.</summary>
    public new Task<ShardSqlDataReader> ExecuteReaderAsync(
        CommandBehavior behavior, CancellationToken cancellationToken = default) =>
        cancellationToken.IsCancellationRequested
            ? Task.FromCanceled<ShardSqlDataReader>(cancellationToken)
            : ReaderAsync(behavior, cancellationToken).AsTask();

    /// <inheritdoc />
    public override int ExecuteNonQuery() =>
        SyncFacade.Run(NonQueryAsync(CancellationToken.None), MaxPoolSize);

    /// <inheritdoc />
    public override Task<int> ExecuteNonQueryAsync(CancellationToken cancellationToken = default) =>
        cancellationToken.IsCancellationRequested
            ? Task.FromCanceled<int>(cancellationToken)
            : NonQueryAsync(cancellationToken).AsTask();

    /// <inheritdoc />
    public override object? ExecuteScalar() =>
        SyncFacade.Run(ScalarAsync(CancellationToken.None), MaxPoolSize);

    /// <inheritdoc />
    public override Task<object?> ExecuteScalarAsync(CancellationToken cancellationToken = default) =>
        cancellationToken.IsCancellationRequested
            ? Task.FromCanceled<object?>(cancellationToken)
            : ScalarAsync(cancellationToken).AsTask();

    /// <summary>Parses the texts now, so that a mistake in one shows here.</summary>
    public override void Prepare()
    {
        RequireConnection().RequireOpen();
        for (int i = 0; i < BatchCommands.Count; i++)
        {
            _ = StatementTexts.Get(TextOf(i));
        }
    }

    /// <inheritdoc />
    public override Task PrepareAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled(cancellationToken);
        }

        Prepare();
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    protected override DbBatchCommand CreateDbBatchCommand() => new ShardSqlBatchCommand();

    /// <inheritdoc />
    protected override DbDataReader ExecuteDbDataReader(CommandBehavior behavior) => ExecuteReader(behavior);

    /// <inheritdoc />
    protected override async Task<DbDataReader> ExecuteDbDataReaderAsync(
        CommandBehavior behavior, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return await ReaderAsync(behavior, cancellationToken).ConfigureAwait(false);
    }

    private ValueTask<ShardSqlDataReader> ReaderAsync(CommandBehavior behavior, CancellationToken cancellationToken) =>
        CommandRunner.OpenReaderAsync(
            RequireConnection(), Plan(behavior), behavior, BatchCommands.List, cancellationToken);

    private ValueTask<int> NonQueryAsync(CancellationToken cancellationToken) => CommandRunner.NonQueryAsync(
        RequireConnection(), Plan(CommandBehavior.Default), BatchCommands.List, cancellationToken);

    private ValueTask<object?> ScalarAsync(CancellationToken cancellationToken) => CommandRunner.ScalarAsync(
        RequireConnection(), Plan(CommandBehavior.Default), BatchCommands.List, cancellationToken);

    private ShardSqlConnection RequireConnection() =>
        Connection ?? throw new InvalidOperationException("The batch has no connection.");

    private CommandWork Plan(CommandBehavior behavior)
    {
        ShardSqlConnection connection = RequireConnection();
        connection.RequireOpen();
        connection.RequireIdle();
        connection.RequireTransaction(Transaction);
        if (BatchCommands.Count == 0)
        {
            throw new InvalidOperationException("The batch has no commands.");
        }

        var texts = new List<ParsedText>(BatchCommands.Count);
        var parameters = new Dictionary<string, Parameter>(StringComparer.OrdinalIgnoreCase);
        for (int i = 0; i < BatchCommands.Count; i++)
        {
            ShardSqlBatchCommand command = BatchCommands[i];
            command.ResetRecordsAffected();
            BoundText bound = BoundText.Of(TextOf(i), command.Parameters, connection.TakesTrees);
            ParameterBinder.Add(bound.Text, bound.Parameters, i, texts, parameters);
        }

        return new CommandWork
        {
            Texts = texts,
            Parameters = [.. parameters.Values],
            TimeoutSeconds = Timeout,
            Origin = this,
            DescribeOnly = behavior.HasFlag(CommandBehavior.SchemaOnly),
        };
    }

    private string TextOf(int place)
    {
        string text = BatchCommands[place].CommandText;
        return text.Length > 0
            ? text
            : throw new InvalidOperationException(string.Create(
                CultureInfo.InvariantCulture, $"CommandText of batch command {place} has not been set."));
    }
}
