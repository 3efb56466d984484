using System;
using System.Collections.Generic;
using System.Data.Common;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Npgsql;
using ShardSql.Data;
using ShardSql.Gateway.Hosting;
using ShardSql.Sql.Parsing;

namespace ShardSql.Benchmarks.Parsing;

/// <summary>What a process pays for its first statement: measured in a fresh child process, which is this program again.
/// </summary>
internal static class ColdStart
{
    /// <summary>The command of the child.</summary>
    public const string CommandName = "cold";

    /// <summary>A cluster in the child itself.</summary>
    public const string Embedded = "embedded";

    /// <summary>A server of ours that runs.</summary>
    public const string Remote = "remote";

    /// <summary>PostgreSQL by Npgsql.</summary>
    public const string Postgres = "postgres";

    /// <summary>The parser alone.</summary>
    public const string Parser = "parser";

    /// <summary>Runs a child; gives its milliseconds, in the order in which it prints them.</summary>
    public static async Task<double[]> RunAsync(string mode, string connectionString)
    {
        using Process child = Process.Start(new ProcessStartInfo(
            "dotnet", [Path.Combine(AppContext.BaseDirectory, "ShardSql.Benchmarks.dll"), CommandName, mode, connectionString])
        {
            RedirectStandardOutput = true,
        })!;
        string output = await child.StandardOutput.ReadToEndAsync();
        await child.WaitForExitAsync();
        return child.ExitCode == 0
            ? [.. output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(text => double.Parse(text, CultureInfo.InvariantCulture))]
            : throw new BenchmarkException($"The child process {mode} ended with code {child.ExitCode}.");
    }

    /// <summary>What the child does.</summary>
    public static async Task<int> MeasureAsync(string mode, string connectionString)
    {
        List<double> measured = mode switch
        {
            Parser => Parse(),
            Embedded => await EmbeddedAsync(),
            Remote => await ClientAsync(ShardSqlDataSource.Create(connectionString)),
            Postgres => await ClientAsync(NpgsqlDataSource.Create(connectionString)),
            _ => throw new BenchmarkException($"There is no {mode}."),
        };
        Console.WriteLine(string.Join(' ', measured.Select(ms => ms.ToString("0.000", CultureInfo.InvariantCulture))));
        return 0;
    }

    private static List<double> Parse()
    {
        var measured = new List<double>();
        for (int i = 0; i < 2; i++)
        {
            var watch = Stopwatch.StartNew();
            SqlParser.Parse("SELECT 1");
            measured.Add(watch.Elapsed.TotalMilliseconds);
        }

        return measured;
    }

    private static async Task<List<double>> EmbeddedAsync()
    {
        var watch = Stopwatch.StartNew();
        await using EmbeddedCluster cluster = await EmbeddedCluster.StartAsync(
            new EmbeddedClusterOptions { Name = "cold", Nodes = 1, Shards = 3, Store = "memory" });
        double start = watch.Elapsed.TotalMilliseconds;
        List<double> measured = await ClientAsync(ShardSqlDataSource.Create(cluster.ConnectionString));
        return [.. measured, start];
    }

    /// <summary>Opening, the first statement, the second.</summary>
    private static async Task<List<double>> ClientAsync(DbDataSource source)
    {
        var measured = new List<double>();
        await using (source)
        {
            var watch = Stopwatch.StartNew();
            await using DbConnection connection = await source.OpenConnectionAsync();
            measured.Add(watch.Elapsed.TotalMilliseconds);
            for (int i = 0; i < 2; i++)
            {
                watch.Restart();
                await using DbCommand command = connection.CreateCommand();
                command.CommandText = "SELECT 1";
                await command.ExecuteScalarAsync();
                measured.Add(watch.Elapsed.TotalMilliseconds);
            }
        }

        return measured;
    }
}
