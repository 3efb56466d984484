using System;
using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using System.Threading;
using System.Threading.Tasks;
using ShardSql.Data.Commands;

namespace ShardSql.Data;

/// <summary>
/// One text of one or more statements, with its parameters. The text is parsed here, once for all commands that share
/// it; the server sees it once per session.
/// </summary>
public sealed partial class ShardSqlCommand : DbCommand
{
    private string _commandText = "";
    private int? _commandTimeout;
    private ShardSqlConnection? _connection;
    private ShardSqlDataReader? _reader;
    private bool _disposed;

    /// <summary>A command without text and connection.</summary>
    public ShardSqlCommand()
    {
    }

    /// <summary>A command of a text.</summary>
    public ShardSqlCommand(
        string? commandText, ShardSqlConnection? connection = null, ShardSqlTransaction? transaction = null)
    {
        _commandText = commandText ?? "";
        _connection = connection;
        Transaction = transaction;
    }

    /// <inheritdoc />
    [AllowNull]
    public override string CommandText
    {
        get => _commandText;
        set
        {
            RequireNoReader();
            _commandText = value ?? "";
        }
    }

    /// <summary>Seconds, then 57014; 0 leaves it to the server. From the connection string unless set.</summary>
    public override int CommandTimeout
    {
        get => _commandTimeout ?? _connection?.DefaultCommandTimeout ?? 30;
        set => _commandTimeout = value >= 0
            ? value
            : throw new ArgumentException($"CommandTimeout must be 0 or more, was {value}", nameof(value));
    }

    /// <summary>Only <see cref="CommandType.Text"/> exists.</summary>
    public override CommandType CommandType
    {
        get => CommandType.Text;
        set
        {
            if (value != CommandType.Text)
            {
                throw new NotSupportedException($"CommandType.{value} is not supported; write the statement as text.");
            }
        }
    }

    /// <inheritdoc />
    public override bool DesignTimeVisible { get; set; }

    /// <inheritdoc />
    public override UpdateRowSource UpdatedRowSource { get; set; } = UpdateRowSource.Both;

    /// <summary>The connection that it runs on.</summary>
    public new ShardSqlConnection? Connection
    {
        get => _connection;
        set
        {
            RequireNoReader();
            _connection = value;
        }
    }

    /// <summary>The transaction that it runs in; required while the connection has one open.</summary>
    public new ShardSqlTransaction? Transaction { get; set; }

    /// <summary>Its parameters.</summary>
    public new ShardSqlParameterCollection Parameters { get; } = new();

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

    /// <inheritdoc />
    protected override DbParameterCollection DbParameterCollection => Parameters;

    /// <summary>Asks the server to end what the command runs now (57014); from any thread.</summary>
    public override void Cancel() => _connection?.CancelRunning(this);

    /// <summary>Parses the text now, so that a mistake in it shows here. Execution prepares by itself.</summary>
    public override void Prepare()
    {
        RequireConnection().RequireOpen();
        _ = ParseText();
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
    protected override DbParameter CreateDbParameter() => new ShardSqlParameter();

    /// <inheritdoc />
    protected override void Dispose(bool disposing)
    {
        // The base class raises Disposed each time.
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        base.Dispose(disposing);
    }

    internal void OnReaderClosed(ShardSqlDataReader reader)
    {
        if (ReferenceEquals(_reader, reader))
        {
            _reader = null;
        }
    }

    private ShardSqlConnection RequireConnection()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _connection ?? throw new InvalidOperationException("The command has no connection.");
    }

    private void RequireNoReader()
    {
        if (_reader is not null)
        {
            throw new InvalidOperationException("The command cannot be changed while its reader is open.");
        }
    }

    private ParsedText ParseText() => _commandText.Length > 0
        ? StatementTexts.Get(_commandText)
        : throw new InvalidOperationException("CommandText has not been set.");

    /// <summary>
    /// Checks everything that can be checked here, in the order of how sure the mistake is the caller's.
    /// </summary>
    private CommandWork Plan(CommandBehavior behavior, bool waitsItsTurn = false)
    {
        ShardSqlConnection connection = RequireConnection();
        connection.RequireOpen();
        if (_commandText.Length == 0)
        {
            throw new InvalidOperationException("CommandText has not been set.");
        }

        if (!waitsItsTurn)
        {
            connection.RequireIdle();
        }

        connection.RequireTransaction(Transaction);
        BoundText bound = BoundText.Of(_commandText, Parameters, connection.TakesTrees);
        return new CommandWork
        {
            Texts = [bound.Text],
            Parameters = bound.Parameters,
            Folded = bound.Folded,
            TimeoutSeconds = CommandTimeout,
            Origin = this,
            DescribeOnly = behavior.HasFlag(CommandBehavior.SchemaOnly),
        };
    }
}
