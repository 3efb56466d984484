using System;

using ShardSql.Protocol.Messages;
using ShardSql.Sql;
using ShardSql.Storage.Client;

namespace ShardSql.Gateway.Sessions;

/// <summary>Every way in which a request can end badly, as the catalogued error that the client is sent.</summary>
internal static class ErrorFrames
{
    /// <summary>The error of an exception; <paramref name="isCatalogued"/> is false for one that should not
    /// be.</summary>
    public static Error From(Exception exception, out bool isCatalogued)
    {
        isCatalogued = true;
        switch (exception)
        {
            case SqlException sql:
                return From(sql);
            case GatewayException gateway:
                return new Error
                {
                    SqlState = gateway.SqlState,
                    Message = gateway.Message,
                    Detail = gateway.Detail,
                    Hint = gateway.Hint,
                    Conflict = gateway.Conflict,
                    Outcome = gateway.Outcome,
                    IsTransient = IsTransient(gateway.SqlState),
                };
            case ShardUnavailableException unavailable:
                return new Error
                {
                    SqlState = SqlStates.CannotConnectNow,
                    Message = unavailable.Message,
                    IsTransient = true,
                    Outcome = CommandOutcome.RolledBack,
                };
            default:
                isCatalogued = false;
                return new Error { SqlState = SqlStates.InternalError, Message = "internal error; the gateway's log has more" };
        }
    }

    /// <summary>The error of a failure found at a shard.</summary>
    public static SqlException ToException(StatementFailure? failure) => failure is null
        ? new SqlException(SqlStates.InternalError, "a shard refused the statement without saying why")
        : new SqlException(failure.SqlState, failure.Message)
        {
            Detail = failure.Detail,
            Hint = failure.Hint,
            Constraint = failure.Constraint,
            Table = failure.Table,
            ColumnName = failure.Column,
        };

    /// <summary>Whether the same command may succeed a moment later.</summary>
    public static bool IsTransient(string sqlState) => sqlState is SqlStates.SerializationFailure
        or SqlStates.CannotConnectNow
        or SqlStates.ConfigurationLimit
        or SqlStates.TooManyConnections
        or SqlStates.SnapshotTooOld
        or SqlStates.ConnectionFailure
        or SqlStates.AdminShutdown;

    private static Error From(SqlException sql)
    {
        bool isTransient = IsTransient(sql.SqlState);
        return new Error
        {
            SqlState = sql.SqlState,
            Message = sql.Message,
            Detail = sql.Detail ?? "",
            Hint = sql.Hint ?? "",
            Position = sql.Position,
            Line = sql.Line,
            Column = sql.Column,
            ConstraintName = sql.Constraint ?? "",
            Table = sql.Table ?? "",
            ColumnName = sql.ColumnName ?? "",
            IsTransient = isTransient,
            Outcome = isTransient || sql.SqlState == SqlStates.QueryCanceled
                ? CommandOutcome.RolledBack
                : CommandOutcome.Failed,
        };
    }
}
