namespace ShardSql.Shell;

/// <summary>What the process says at its end.</summary>
internal static class ExitCodes
{
    /// <summary>Every statement ran.</summary>
    public const int Ok = 0;

    /// <summary>At least one statement failed.</summary>
    public const int StatementFailed = 1;

    /// <summary>No connection, a lost one, or a command line that cannot be understood.</summary>
    public const int ConnectionOrUsage = 2;
}
