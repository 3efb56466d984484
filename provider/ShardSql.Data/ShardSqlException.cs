using System;
using System.Data.Common;
using ShardSql.Primitives;
using ShardSql.Sql;

namespace ShardSql.Data;

/// <summary>An error of a ShardSql cluster or of the way to it, with its SQLSTATE.</summary>
public sealed class ShardSqlException : DbException
{
    private readonly bool _isTransient;
    private readonly string _sqlState = SqlStates.InternalError;
    private DbBatchCommand? _batchCommand;

    /// <summary>An internal error without a text.</summary>
    public ShardSqlException()
        : this("internal error")
    {
    }

    /// <summary>An internal error.</summary>
    public ShardSqlException(string message)
        : base(message)
    {
    }

    /// <summary>An internal error with its cause.</summary>
    public ShardSqlException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>An error with its SQLSTATE; whether it is transient follows from SQLSTATE and outcome.</summary>
    public ShardSqlException(
        string sqlState,
        string message,
        ShardSqlOutcome outcome = ShardSqlOutcome.Failed,
        Exception? innerException = null)
        : this(
            new ErrorDetails(sqlState, message, outcome, TransientStates.IsTransient(sqlState, outcome)),
            innerException)
    {
    }

    internal ShardSqlException(ErrorDetails details, Exception? innerException = null)
        : base(details.Message, innerException)
    {
        _sqlState = details.SqlState;
        _isTransient = details.IsTransient;
        Outcome = details.Outcome;
        Reason = details.Reason;
        Shard = details.Shard;
        Table = details.Table;
        Key = details.Key;
        OtherTransactionId = details.OtherTransactionId;
        Pi = details.Pi;
        Eta = details.Eta;
        RetryAfter = details.RetryAfter;
        Position = details.Position;
        Line = details.Line;
        Column = details.Column;
        Detail = details.Detail;
        Hint = details.Hint;
        ConstraintName = details.ConstraintName;
        ColumnName = details.ColumnName;
        StatementIndex = details.StatementIndex;
        WasCommitted = details.WasCommitted;
    }

    /// <inheritdoc />
    public override string SqlState => _sqlState;

    /// <inheritdoc />
    public override bool IsTransient => _isTransient;

    /// <summary>What became of the work.</summary>
    public ShardSqlOutcome Outcome { get; }

    /// <summary>Why a conflict ended the transaction: window, late, busy, phantom, snapshot_too_old, ...</summary>
    public string? Reason { get; }

    /// <summary>The shard that refused.</summary>
    public uint? Shard { get; }

    /// <summary>The table concerned.</summary>
    public string? Table { get; }

    /// <summary>The key of the row in conflict.</summary>
    public string? Key { get; }

    /// <summary>The transaction that this one was in conflict with.</summary>
    public string? OtherTransactionId { get; }

    /// <summary>DSSN's π: the lowest stamp of a transaction that must come after this one.</summary>
    public HlcTimestamp? Pi { get; }

    /// <summary>DSSN's η: the highest stamp of a transaction that must come before this one.</summary>
    public HlcTimestamp? Eta { get; }

    /// <summary>How long the server asks to wait before another attempt.</summary>
    public TimeSpan? RetryAfter { get; }

    /// <summary>1-based character in the statement's text; 0: none.</summary>
    public int Position { get; }

    /// <summary>1-based line of <see cref="Position"/>; 0: none.</summary>
    public int Line { get; }

    /// <summary>1-based column in <see cref="Line"/>; 0: none.</summary>
    public int Column { get; }

    /// <summary>More about this occurrence.</summary>
    public string? Detail { get; }

    /// <summary>What to do about it.</summary>
    public string? Hint { get; }

    /// <summary>The constraint that was violated.</summary>
    public string? ConstraintName { get; }

    /// <summary>The column concerned.</summary>
    public string? ColumnName { get; }

    /// <summary>Which statement of the command or batch failed, from 0.</summary>
    public int StatementIndex { get; }

    /// <summary>Whether the work is committed and only its reply was lost.</summary>
    internal bool WasCommitted { get; }

    /// <summary>Whether running the whole transaction again is safe and may succeed.</summary>
    internal bool MayRunAgain => Outcome == ShardSqlOutcome.RolledBack;

    /// <inheritdoc />
    protected override DbBatchCommand? DbBatchCommand => _batchCommand;

    /// <summary>Names the command of a batch that failed.</summary>
    internal void For(DbBatchCommand? command) => _batchCommand = command;
}
