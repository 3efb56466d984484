using System;
using System.Data;
using System.Data.Common;
using System.Threading;
using System.Threading.Tasks;
using ShardSql.Data.Commands;
using ShardSql.Sql.Parsing;
using IsolationLevel = System.Data.IsolationLevel;
using TransactionState = ShardSql.Protocol.Messages.TransactionState;

namespace ShardSql.Data;

/// <content>Transactions.</content>
public sealed partial class ShardSqlConnection
{
    private ShardSqlTransaction? _transaction;

    /// <summary>Begins a serializable transaction.</summary>
    public new ShardSqlTransaction BeginTransaction() => Begin(IsolationLevel.Serializable);

    /// <summary>
    /// Begins a transaction. Every level up to Serializable runs as Serializable; Snapshot is for transactions that
    /// only read; Chaos is refused.
    /// </summary>
    public new ShardSqlTransaction BeginTransaction(IsolationLevel isolationLevel) => Begin(isolationLevel);

    /// <summary>
    /// Begins a transaction that says what kind it is, "deposit" or "refund": at a row that spills over, kinds keep out of
    /// each other's way. It travels with BEGIN; SET TRANSACTION TYPE changes it.
    /// </summary>
    /// <param name="isolationLevel">As in the other overload.</param>
    /// <param name="transactionType">1 to 64 characters; no control characters.</param>
    /// <exception cref="ArgumentException">It is no such text.</exception>
    public ShardSqlTransaction BeginTransaction(IsolationLevel isolationLevel, string transactionType)
    {
        ArgumentNullException.ThrowIfNull(transactionType);
        return Begin(isolationLevel, transactionType);
    }

    /// <summary>Begins a serializable transaction.</summary>
    public new ValueTask<ShardSqlTransaction> BeginTransactionAsync(CancellationToken cancellationToken = default) =>
        BeginTransactionAsync(IsolationLevel.Serializable, cancellationToken);

    /// <summary>Begins a transaction; see <see cref="BeginTransaction(IsolationLevel)"/>.</summary>
    public new ValueTask<ShardSqlTransaction> BeginTransactionAsync(
        IsolationLevel isolationLevel, CancellationToken cancellationToken = default) =>
        BeginAsync(isolationLevel, transactionType: null, cancellationToken);

    /// <summary>Begins a transaction; see <see cref="BeginTransaction(IsolationLevel, string)"/>.</summary>
    public ValueTask<ShardSqlTransaction> BeginTransactionAsync(
        IsolationLevel isolationLevel, string transactionType, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(transactionType);
        return BeginAsync(isolationLevel, transactionType, cancellationToken);
    }

    /// <summary>
    /// Runs a delegate in a transaction of this open connection and commits it. The whole delegate is run again after a
    /// conflict, as <see cref="ShardSqlDataSource"/>'s method of the same name does.
    /// </summary>
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
        RequireOpen();
        return await TransactionRunner.RunAsync(
            Source,
            async (_, token) =>
            {
                if (State == ConnectionState.Broken)
                {
                    await CloseCoreAsync().ConfigureAwait(false);
                    await OpenCoreAsync(token).ConfigureAwait(false);
                }

                return this;
            },
            work,
            options,
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>As the other overload, serializable.</summary>
    public Task<T> ExecuteInTransactionAsync<T>(
        Func<ShardSqlConnection, ShardSqlTransaction, CancellationToken, Task<T>> work,
        CancellationToken cancellationToken = default) =>
        ExecuteInTransactionAsync(work, IsolationLevel.Serializable, cancellationToken);

    /// <inheritdoc />
    protected override DbTransaction BeginDbTransaction(IsolationLevel isolationLevel) => Begin(isolationLevel);

    /// <inheritdoc />
    protected override async ValueTask<DbTransaction> BeginDbTransactionAsync(
        IsolationLevel isolationLevel, CancellationToken cancellationToken) =>
        await BeginTransactionAsync(isolationLevel, cancellationToken).ConfigureAwait(false);

    internal ValueTask<ShardSqlTransaction> BeginAsync(
        IsolationLevel isolationLevel, string? transactionType, CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested
            ? ValueTask.FromCanceled<ShardSqlTransaction>(cancellationToken)
            : ValueTask.FromResult(Begin(isolationLevel, transactionType));

    internal ShardSqlTransaction? CurrentTransaction => _transaction;

    internal string TransactionIdOf(ulong sequence) =>
        _rented is { } rented ? ErrorFactory.TransactionId(rented.Session.Id, sequence) : "";

    /// <summary>Throws unless a command may run with this transaction now.</summary>
    internal void RequireTransaction(ShardSqlTransaction? given)
    {
        if (given is not null)
        {
            given.RequireUsableOn(this);
        }
        else if (_transaction is not null && _enlistment is null && !Source.Settings.IgnoreCommandTransaction)
        {
            throw new InvalidOperationException(
                "The connection has an open transaction; set the command's Transaction to it "
                + "(or Ignore Command Transaction=true).");
        }
        else
        {
            _transaction?.RequireUsableOn(this);
        }
    }

    internal void OnTransactionEnded(ShardSqlTransaction transaction)
    {
        if (ReferenceEquals(_transaction, transaction))
        {
            _transaction = null;
        }
    }

    private ShardSqlTransaction Begin(IsolationLevel isolationLevel) => Begin(isolationLevel, transactionType: null);

    private ShardSqlTransaction Begin(IsolationLevel isolationLevel, string? transactionType)
    {
        Sessions.Session session = OpenSession;
        RequireIdle();
        IsolationLevel level = isolationLevel switch
        {
            IsolationLevel.Chaos =>
                throw new NotSupportedException(
                    "IsolationLevel.Chaos is not supported; transactions are serializable."),
            IsolationLevel.Snapshot => IsolationLevel.Snapshot,
            _ => IsolationLevel.Serializable,
        };
        if (transactionType is not null && TransactionTypes.ErrorOf(transactionType) is { } error)
        {
            throw new ArgumentException(error, nameof(transactionType));
        }

        if (_transaction is not null || session.State != TransactionState.Idle)
        {
            throw new InvalidOperationException("The connection has an open transaction; transactions do not nest.");
        }

        return _transaction = new ShardSqlTransaction(this, level, transactionType, session.NextSequence());
    }
}
