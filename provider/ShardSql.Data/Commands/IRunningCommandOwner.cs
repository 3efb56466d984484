using System;
using System.Threading.Tasks;
using ShardSql.Data.Options;
using ShardSql.Data.Sessions;

namespace ShardSql.Data.Commands;

/// <summary>What an execution needs of the connection that it runs on.</summary>
internal interface IRunningCommandOwner
{
    /// <summary>The clock.</summary>
    TimeProvider Time { get; }

    /// <summary>The connection's settings.</summary>
    ConnectionSettings Settings { get; }

    /// <summary>Ends what takes too long.</summary>
    Watchdog Watchdog { get; }

    /// <summary>The server took the request whole: it holds the statements that were sent with a number.</summary>
    void OnHeld(RunningCommand command);

    /// <summary>The last frame was seen, or the session is gone.</summary>
    void OnEnded(RunningCommand command);

    /// <summary>
    /// The session was lost under it: the error that the caller gets, after asking for the outcome where it matters.
    /// </summary>
    ValueTask<ShardSqlException> OnLostAsync(RunningCommand command, SessionLostException lost);
}
