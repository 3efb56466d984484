using System;

using ShardSql.Protocol.Messages;

namespace ShardSql.Gateway;

/// <summary>An error that needs more than a SQLSTATE and a text: what became of the command, and what it met.</summary>
internal sealed class GatewayException : Exception
{
    public GatewayException()
    {
    }

    public GatewayException(string message)
        : base(message)
    {
    }

    public GatewayException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    public GatewayException(string sqlState, string message, CommandOutcome outcome)
        : base(message)
    {
        SqlState = sqlState;
        Outcome = outcome;
    }

    public string SqlState { get; } = Sql.SqlStates.InternalError;

    public CommandOutcome Outcome { get; }

    public string Detail { get; init; } = "";

    public string Hint { get; init; } = "";

    public Conflict? Conflict { get; init; }
}
