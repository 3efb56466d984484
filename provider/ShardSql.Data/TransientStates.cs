using ShardSql.Sql;

namespace ShardSql.Data;

/// <summary>Which errors another attempt may get over.</summary>
internal static class TransientStates
{
    /// <summary>
    /// An unknown outcome is never transient, whatever its SQLSTATE: what may have been done must not be run again.
    /// 08006 is transient only where nothing can have been committed, which its outcome says.
    /// </summary>
    public static bool IsTransient(string sqlState, ShardSqlOutcome outcome) => outcome != ShardSqlOutcome.Unknown
        && sqlState switch
        {
            SqlStates.SerializationFailure
                or SqlStates.CannotConnectNow
                or SqlStates.AdminShutdown
                or SqlStates.TooManyConnections
                or SqlStates.ConfigurationLimit
                or SqlStates.WritePauseExceeded
                or SqlStates.CannotConnect => true,
            SqlStates.ConnectionFailure => outcome == ShardSqlOutcome.RolledBack,
            _ => false,
        };
}
