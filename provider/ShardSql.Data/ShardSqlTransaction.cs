using System;
using System.Data;
using System.Data.Common;
using System.Threading;
using System.Threading.Tasks;
using ShardSql.Data.Commands;

namespace ShardSql.Data;

/// <summary>
/// A transaction of a connection. BEGIN travels with its first statement; one that never ran a statement costs nothing.
/// Disposing it rolls back what was not committed.
/// </summary>
public sealed partial class ShardSqlTransaction : DbTransaction
{
    private ShardSqlConnection _connection;
    private TransactionStatus _status = TransactionStatus.Pending;

    internal ShardSqlTransaction(
        ShardSqlConnection connection, IsolationLevel isolationLevel, string? transactionType, ulong sequence)
    {
        _connection = connection;
        IsolationLevel = isolationLevel;
        TransactionType = transactionType;
        Sequence = sequence;
    }

    /// <summary>The level that the transaction runs at: Serializable, or Snapshot for one that only reads.</summary>
    public override IsolationLevel IsolationLevel { get; }

    /// <summary>What kind of transaction it was begun as; null: nothing was said.</summary>
    public string? TransactionType { get; }

    /// <summary>The connection; null once the transaction has ended.</summary>
    public new ShardSqlConnection? Connection => IsOpen ? _connection : null;

    /// <summary>What a lost reply can be asked about by: session and sequence.</summary>
    public string TransactionId => _connection.TransactionIdOf(Sequence);

    /// <inheritdoc />
    protected override DbConnection? DbConnection => Connection;

    internal ulong Sequence { get; }

    /// <summary>Whether neither Commit nor Rollback has ended it yet.</summary>
    internal bool IsOpen =>
        _status is TransactionStatus.Pending or TransactionStatus.Active or TransactionStatus.EndedByServer;

    /// <summary>Whether BEGIN has not been sent yet.</summary>
    internal bool IsPending => _status == TransactionStatus.Pending;

    /// <summary>The text that begins it.</summary>
    internal ParsedText BeginText => IsolationLevel == IsolationLevel.Snapshot
        ? StatementTexts.BeginSnapshot
        : StatementTexts.Begin;

    /// <inheritdoc />
    public override void Commit() =>
        SyncFacade.Run(CommitCoreAsync(CancellationToken.None), _connection.MaxPoolSize);

    /// <inheritdoc />
    public override Task CommitAsync(CancellationToken cancellationToken = default) =>
        cancellationToken.IsCancellationRequested
            ? Task.FromCanceled(cancellationToken)
            : CommitCoreAsync(cancellationToken).AsTask();

    /// <inheritdoc />
    public override void Rollback() =>
        SyncFacade.Run(RollbackCoreAsync(CancellationToken.None), _connection.MaxPoolSize);

    /// <inheritdoc />
    public override Task RollbackAsync(CancellationToken cancellationToken = default) =>
        cancellationToken.IsCancellationRequested
            ? Task.FromCanceled(cancellationToken)
            : RollbackCoreAsync(cancellationToken).AsTask();

    /// <inheritdoc />
    public override async ValueTask DisposeAsync()
    {
        await RollbackIfOpenAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Throws when a command may not run in it.</summary>
    internal void RequireUsableOn(ShardSqlConnection connection)
    {
        if (!ReferenceEquals(connection, _connection))
        {
            throw new InvalidOperationException("The command's transaction belongs to another connection.");
        }

        RequireOpen();
        if (_status == TransactionStatus.EndedByServer)
        {
            throw Aborted();
        }
    }

    /// <summary>It goes on with another connection, which has taken over the session.</summary>
    internal void MoveTo(ShardSqlConnection connection) => _connection = connection;

    /// <summary>BEGIN is on its way.</summary>
    internal void OnBegun() => _status = TransactionStatus.Active;

    /// <summary>The server ended it, or the session under it is gone.</summary>
    internal void OnEndedByServer()
    {
        if (IsOpen)
        {
            _status = TransactionStatus.EndedByServer;
        }
    }

    /// <inheritdoc />
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            SyncFacade.Run(RollbackIfOpenAsync(), _connection.MaxPoolSize);
        }

        base.Dispose(disposing);
    }

    private static ShardSqlException Aborted() => new(
        Sql.SqlStates.InFailedTransaction, "transaction aborted, ROLLBACK first", ShardSqlOutcome.RolledBack);

    private async ValueTask CommitCoreAsync(CancellationToken cancellationToken)
    {
        RequireOpen();
        _connection.RequireIdle();
        switch (_status)
        {
            case TransactionStatus.Pending:
                End(TransactionStatus.Committed);
                return;
            case TransactionStatus.EndedByServer:
                throw Aborted();
            default:
                break;
        }

        try
        {
            await _connection.RunControlAsync(StatementTexts.Commit, cancellationToken).ConfigureAwait(false);
            End(TransactionStatus.Committed);
        }
        catch (ShardSqlException error) when (error.WasCommitted)
        {
            // The reply was lost, and the outcome was asked for: it is committed.
            End(TransactionStatus.Committed);
        }
    }

    private async ValueTask RollbackCoreAsync(CancellationToken cancellationToken)
    {
        RequireOpen();
        if (_status == TransactionStatus.Active && _connection.HasLiveSession)
        {
            await _connection.FinishRunningAsync(discard: true).ConfigureAwait(false);
            await RunRollbackAsync(cancellationToken).ConfigureAwait(false);
        }

        End(TransactionStatus.RolledBack);
    }

    private async ValueTask RunRollbackAsync(CancellationToken cancellationToken)
    {
        // Ending the command that was still running may have ended the transaction.
        if (_status != TransactionStatus.Active)
        {
            return;
        }

        try
        {
            await _connection.RunControlAsync(StatementTexts.Rollback, cancellationToken).ConfigureAwait(false);
        }
        catch (ShardSqlException) when (!_connection.HasLiveSession)
        {
            // A session that is gone has rolled back what it had open.
        }
    }

    private ValueTask RollbackIfOpenAsync() =>
        IsOpen ? RollbackCoreAsync(CancellationToken.None) : ValueTask.CompletedTask;

    private void End(TransactionStatus status)
    {
        _status = status;
        _connection.OnTransactionEnded(this);
    }

    private void RequireOpen()
    {
        switch (_status)
        {
            case TransactionStatus.Committed:
                throw new InvalidOperationException("The transaction was already committed.");
            case TransactionStatus.RolledBack:
                throw new InvalidOperationException("The transaction was already rolled back.");
            default:
                break;
        }
    }
}
