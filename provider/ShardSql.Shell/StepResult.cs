namespace ShardSql.Shell;

/// <summary>What became of a line or a statement, from best to worst for the exit code.</summary>
internal enum StepResult
{
    /// <summary>It ran.</summary>
    Ok,

    /// <summary>\q was said.</summary>
    Quit,

    /// <summary>A statement failed.</summary>
    Failed,

    /// <summary>It was broken off with Ctrl-C.</summary>
    Interrupted,

    /// <summary>There is no connection any more.</summary>
    Disconnected,
}
