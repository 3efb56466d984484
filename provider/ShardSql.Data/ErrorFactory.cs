using System;
using System.Globalization;
using ShardSql.Data.Sessions;
using ShardSql.Primitives;
using ShardSql.Protocol.Messages;
using ShardSql.Sql;

namespace ShardSql.Data;

/// <summary>Makes the errors that callers see from those of the layers below.</summary>
internal static class ErrorFactory
{
    /// <summary>An error that the server sent.</summary>
    /// <param name="error">The message.</param>
    /// <param name="skipped">Statements that the provider put before those of the command.</param>
    public static ShardSqlException FromMessage(Error error, int skipped = 0)
    {
        ShardSqlOutcome outcome = error.Outcome switch
        {
            CommandOutcome.RolledBack => ShardSqlOutcome.RolledBack,
            CommandOutcome.Unknown => ShardSqlOutcome.Unknown,
            _ => ShardSqlOutcome.Failed,
        };
        Conflict? conflict = error.Conflict;
        return new ShardSqlException(new ErrorDetails(
            error.SqlState, error.Message, outcome, IsTransient(error, outcome))
        {
            Reason = NullIfEmpty(conflict?.Reason),
            Shard = conflict?.Shard,
            Table = NullIfEmpty(conflict?.Table) ?? NullIfEmpty(error.Table),
            Key = NullIfEmpty(conflict?.Key),
            OtherTransactionId = NullIfEmpty(conflict?.OtherTransactionId),
            Pi = ToTimestamp(conflict?.Pi),
            Eta = ToTimestamp(conflict?.Eta),
            RetryAfter = conflict is { RetryAfterMs: > 0 } ? TimeSpan.FromMilliseconds(conflict.RetryAfterMs) : null,
            Position = error.Position,
            Line = error.Line,
            Column = error.Column,
            Detail = NullIfEmpty(error.Detail),
            Hint = NullIfEmpty(error.Hint),
            ConstraintName = NullIfEmpty(error.ConstraintName),
            ColumnName = NullIfEmpty(error.ColumnName),
            StatementIndex = Math.Max(0, (int)error.StatementIndex - skipped),
        });
    }

    /// <summary>A text that the parser refused, before anything was sent.</summary>
    public static ShardSqlException FromParser(SqlException error) => new(
        new ErrorDetails(error.SqlState, error.Message, ShardSqlOutcome.Failed, IsTransient: false)
        {
            Position = error.Position,
            Line = error.Line,
            Column = error.Column,
            Detail = error.Detail,
            Hint = error.Hint,
            Table = error.Table,
            ColumnName = error.ColumnName,
            ConstraintName = error.Constraint,
        },
        error);

    /// <summary>The connection was lost and nothing of the work can have been committed.</summary>
    public static ShardSqlException Lost(SessionLostException lost) => new(
        SqlStates.ConnectionFailure,
        lost.NothingSent
            ? $"connection lost before the command was sent: {lost.Message}"
            : $"connection lost: {lost.Message}",
        ShardSqlOutcome.RolledBack,
        lost.InnerException);

    /// <summary>The connection was lost and whether the work was committed cannot be found out.</summary>
    public static ShardSqlException OutcomeUnknown(string transactionId, Exception? cause) => new(
        SqlStates.StatementCompletionUnknown,
        $"commit outcome unknown, id={transactionId}",
        ShardSqlOutcome.Unknown,
        cause);

    /// <summary>The connection was lost, the work is committed, and only its result is gone.</summary>
    public static ShardSqlException CommittedButLost(string transactionId, Exception? cause) => new(
        new ErrorDetails(
            SqlStates.StatementCompletionUnknown,
            $"connection lost after the command was committed; its result is lost, id={transactionId}",
            ShardSqlOutcome.Unknown,
            IsTransient: false)
        {
            WasCommitted = true,
        },
        cause);

    /// <summary>A transaction's id as errors show it.</summary>
    public static string TransactionId(ReadOnlySpan<byte> sessionId, ulong sequence) => string.Create(
        CultureInfo.InvariantCulture, $"{Convert.ToHexStringLower(sessionId)}-{sequence}");

    /// <summary>
    /// What the server calls transient is so, except where that would replay work of unknown outcome.
    /// </summary>
    private static bool IsTransient(Error error, ShardSqlOutcome outcome) => outcome != ShardSqlOutcome.Unknown
        && (error.IsTransient || TransientStates.IsTransient(error.SqlState, outcome));

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static HlcTimestamp? ToTimestamp(Stamp? stamp) =>
        stamp is null ? null : StampWatermark.ToTimestamp(stamp);
}
