using System;

namespace ShardSql.Data.Sessions;

/// <summary>
/// The stream under a session ended while something waited on it. Never reaches callers: whoever knows what was asked
/// turns it into a <see cref="ShardSqlException"/> with the right outcome.
/// </summary>
internal sealed class SessionLostException : Exception
{
    public SessionLostException(string message, bool nothingSent, Exception? innerException)
        : base(message, innerException) => NothingSent = nothingSent;

    /// <summary>Whether the request surely never left this process.</summary>
    public bool NothingSent { get; }
}
