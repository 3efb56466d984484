using System;
using System.Collections;
using System.Collections.Generic;
using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using System.Threading;
using System.Threading.Tasks;
using ShardSql.Data.Commands;
using ShardSql.Data.Types;
using ShardSql.Protocol.Messages;
using ShardSql.Sql.Values;

namespace ShardSql.Data;

/// <summary>
/// The results of a command, row by row as they arrive. The server sends ahead at most the Receive Window; closing the
/// reader early reads the rest away, or ends the command where that cannot lose anything.
/// </summary>
[SuppressMessage("Naming", "CA1710", Justification = "ADO.NET's readers are named so.")]
public sealed partial class ShardSqlDataReader : DbDataReader
{
    private readonly ShardSqlConnection _connection;
    private readonly RunningCommand _running;
    private readonly CommandBehavior _behavior;
    private readonly IReadOnlyList<ShardSqlBatchCommand>? _commands;
    private readonly ResultRows _rows = new();
    private ResultColumn[] _columns = [];
    private ReaderState _state = ReaderState.BetweenResults;
    private long _recordsAffected = -1;
    private int _results;

    internal ShardSqlDataReader(
        ShardSqlConnection connection,
        RunningCommand running,
        CommandBehavior behavior,
        IReadOnlyList<ShardSqlBatchCommand>? commands)
    {
        _connection = connection;
        _running = running;
        _behavior = behavior;
        _commands = commands;
        connection.CurrentReader = this;
    }

    /// <inheritdoc />
    public override int Depth => 0;

    /// <inheritdoc />
    public override int FieldCount
    {
        get
        {
            RequireOpen();
            return _columns.Length;
        }
    }

    /// <summary>Whether the current result has a row, read or not.</summary>
    public override bool HasRows
    {
        get
        {
            RequireOpen();
            return _hasRows;
        }
    }

    /// <inheritdoc />
    public override bool IsClosed => _state == ReaderState.Closed;

    /// <summary>Rows that the statements so far have written; −1 when none of them writes.</summary>
    public override int RecordsAffected => (int)Math.Min(_recordsAffected, int.MaxValue);

    internal ShardSqlCommand? Command { get; set; }

    private bool _hasRows;

    /// <inheritdoc />
    public override bool Read() => TryReadBuffered(out bool hasRow)
        ? hasRow
        : SyncFacade.Run(ReadSlowAsync(CancellationToken.None), _connection.MaxPoolSize);

    /// <inheritdoc />
    public override Task<bool> ReadAsync(CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<bool>(cancellationToken);
        }

        return TryReadBuffered(out bool hasRow) ? Task.FromResult(hasRow) : ReadSlowAsync(cancellationToken).AsTask();
    }

    /// <inheritdoc />
    public override bool NextResult() =>
        SyncFacade.Run(NextResultCoreAsync(CancellationToken.None), _connection.MaxPoolSize);

    /// <inheritdoc />
    public override Task<bool> NextResultAsync(CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested
            ? Task.FromCanceled<bool>(cancellationToken)
            : NextResultCoreAsync(cancellationToken).AsTask();

    /// <inheritdoc />
    public override void Close() => SyncFacade.Run(CloseCoreAsync(), _connection.MaxPoolSize);

    /// <inheritdoc />
    public override Task CloseAsync() => CloseCoreAsync().AsTask();

    /// <inheritdoc />
    public override async ValueTask DisposeAsync()
    {
        await CloseCoreAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    /// <inheritdoc />
    public override IEnumerator GetEnumerator() => new DbEnumerator(this, closeReader: false);

    /// <summary>The connection is being closed, which ends what still runs.</summary>
    internal void Abandon()
    {
        _state = ReaderState.Closed;
        _rows.Drop();
        _connection.CurrentReader = null;
        Command?.OnReaderClosed(this);
    }

    /// <summary>Goes to the first result.</summary>
    internal async ValueTask OpenAsync(CancellationToken cancellationToken)
    {
        try
        {
            await AdvanceToResultAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            _state = _running.HasEnded ? ReaderState.Closed : _state;
            throw;
        }
    }

    /// <summary>Reads everything away.</summary>
    internal async ValueTask ReadToEndAsync(CancellationToken cancellationToken)
    {
        Credit();
        while (!_running.HasEnded)
        {
            ServerFrame frame = await _running.NextAsync(cancellationToken).ConfigureAwait(false);
            Observe(frame);
        }

        _state = ReaderState.Closed;
    }

    /// <inheritdoc />
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Close();
        }

        base.Dispose(disposing);
    }

    private async ValueTask CloseCoreAsync()
    {
        if (_state == ReaderState.Closed)
        {
            return;
        }

        try
        {
            await EndEarlyAsync().ConfigureAwait(false);
        }
        finally
        {
            _state = ReaderState.Closed;
            _rows.Drop();
            Command?.OnReaderClosed(this);
            if (_behavior.HasFlag(CommandBehavior.CloseConnection))
            {
                await _connection.CloseAsync().ConfigureAwait(false);
            }
        }
    }

    /// <summary>
    /// Comes to the command's end: by cancelling it where that loses nothing, else by reading the rest away.
    /// </summary>
    private async ValueTask EndEarlyAsync()
    {
        if (!_running.HasEnded && LosesNothing())
        {
            _running.Cancel(CancelCause.ReaderClosed);
        }

        try
        {
            await ReadToEndAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (ShardSqlException error) when (
            _running.Cause == CancelCause.ReaderClosed && error.SqlState == Sql.SqlStates.QueryCanceled)
        {
            // As it was asked to.
        }
    }

    /// <summary>
    /// Whether the rest may be cancelled instead of read: it only reads, and it is in no transaction, which a cancelled
    /// statement would fail.
    /// </summary>
    private bool LosesNothing() => !_running.StartedInTransaction
        && _running.Work.Texts.Count == 1
        && _running.Work.Texts[0].ReadsOnlyFrom(_running.StatementsDone);

    private void RequireOpen()
    {
        if (_state == ReaderState.Closed)
        {
            throw new InvalidOperationException("The reader is closed.");
        }
    }
}
