using System.Collections.Generic;
using ShardSql.Shell.Printing;

namespace ShardSql.Shell;

/// <summary>What the command line asks for.</summary>
internal sealed record ShellOptions
{
    /// <summary>Where to connect when nothing is said.</summary>
    public const string DefaultConnectionString = "Server=127.0.0.1:7400";

    /// <summary>Variable of the environment that holds the connection string.</summary>
    public const string EnvironmentVariable = "SHARDSQL_CONNECTION";

    public string ConnectionString { get; init; } = DefaultConnectionString;

    public IReadOnlyList<ShellAction> Actions { get; init; } = [];

    public OutputFormat Format { get; init; } = OutputFormat.Table;

    /// <summary>Whether a script ends at its first error.</summary>
    public bool OnErrorStop { get; init; }

    public bool Expanded { get; init; }

    public bool Timing { get; init; }

    /// <summary>Shown in place of NULL by the format table.</summary>
    public string NullText { get; init; } = "NULL";
}
