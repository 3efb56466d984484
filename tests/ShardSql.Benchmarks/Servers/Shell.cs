using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading.Tasks;

namespace ShardSql.Benchmarks.Servers;

/// <summary>Programs that run to their end, and who runs them.</summary>
internal static class Shell
{
    private const string PostgresUser = "postgres";

    /// <summary>Runs a program; its output is the error's text when it fails.</summary>
    public static async Task RunAsync(string file, params IReadOnlyList<string> arguments)
    {
        using var process = new Process
        {
            StartInfo = new ProcessStartInfo(file, arguments)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
        process.Start();
        string[] output = await Task.WhenAll(
            process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new BenchmarkException(
                $"{file} {string.Join(' ', arguments)} ended with code {process.ExitCode}: {string.Concat(output)}");
        }
    }

    /// <summary>A command as PostgreSQL runs it: by its own user where we are root, in the same process.</summary>
    public static (string File, IReadOnlyList<string> Arguments) AsPostgres(
        string file, IReadOnlyList<string> arguments) =>
        Environment.IsPrivilegedProcess
            ? ("setpriv", ["--reuid=" + PostgresUser, "--regid=" + PostgresUser, "--clear-groups", file, .. arguments])
            : (file, arguments);

    /// <summary>Gives a folder to PostgreSQL's user where we are root.</summary>
    public static async Task GiveToPostgresAsync(string folder)
    {
        if (Environment.IsPrivilegedProcess)
        {
            await RunAsync("chown", PostgresUser + ":", folder);
        }
    }
}
