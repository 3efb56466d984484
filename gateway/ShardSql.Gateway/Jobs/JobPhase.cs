namespace ShardSql.Gateway.Jobs;

/// <summary>The phases of a job, as SHOW JOBS names them (sharding.md §1).</summary>
internal static class JobPhase
{
    public const string Planned = "planned";

    public const string Creating = "creating";

    public const string Copying = "copying";

    public const string CatchingUp = "catching_up";

    /// <summary>What was copied is compared with what it was copied from.</summary>
    public const string Verifying = "verifying";

    public const string Switching = "switching";

    /// <summary>What was begun is taken back.</summary>
    public const string Cleaning = "cleaning";

    public const string Done = "done";
}
