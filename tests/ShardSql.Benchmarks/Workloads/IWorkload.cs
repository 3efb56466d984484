using System.Threading.Tasks;
using ShardSql.Benchmarks.Comparing;
using ShardSql.Benchmarks.Servers;

namespace ShardSql.Benchmarks.Workloads;

/// <summary>Measures that share servers and data, most of them rows of design/performance.md.</summary>
internal interface IWorkload
{
    /// <summary>Its name on the command line.</summary>
    string Name { get; }

    /// <summary>The rows that it measures; null where it is of none.</summary>
    string? Rows { get; }

    /// <summary>What it cannot do without and this machine has not; null: it can run.</summary>
    string? Missing =>
        PostgresServer.IsInstalled ? null : "PostgreSQL 15 is not installed (Debian: postgresql): nobody to compare with.";

    /// <summary>Starts the servers, measures, notes the rows and ends the servers.</summary>
    Task RunAsync(CompareRun run);
}
