using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading.Tasks;

using Npgsql;

namespace ShardSql.Tests.Fuzz;

/// <summary>A PostgreSQL of this machine's with empty data in a folder of its own, on a private socket; gone with its
/// folder when disposed of. As root it runs under PostgreSQL's own user.</summary>
internal sealed class PostgresOnSocket : IAsyncDisposable
{
    private const string Versions = "/usr/lib/postgresql";
    private const string User = "postgres";

    private readonly Process _process;
    private readonly string _folder;

    private PostgresOnSocket(Process process, string folder)
    {
        _process = process;
        _folder = folder;
        DataSource = NpgsqlDataSource.Create($"Host={folder};Username={User};Database={User};Pooling=false;Command Timeout=120");
    }

    /// <summary>Where the newest of its programs are; null where it is not installed.</summary>
    public static string? Programs => Directory.Exists(Versions)
        ? Directory.GetDirectories(Versions).Order(StringComparer.Ordinal).Select(version => Path.Combine(version, "bin"))
            .LastOrDefault(folder => File.Exists(Path.Combine(folder, "initdb")))
        : null;

    public NpgsqlDataSource DataSource { get; }

    /// <summary>Makes and starts one.</summary>
    public static async Task<PostgresOnSocket> StartAsync()
    {
        string folder = Directory.CreateTempSubdirectory("pg-").FullName;
        string data = Path.Combine(folder, "data");
        if (Environment.IsPrivilegedProcess)
        {
            await RunAsync("chown", User + ":", folder);
        }

        (string file, IEnumerable<string> arguments) = Command("initdb", "-D", data, "-U", User, "-A", "trust", "-E", "UTF8", "--lc-collate=C", "--lc-ctype=C.UTF-8", "-N");
        await RunAsync(file, [.. arguments]);
        (file, arguments) = Command(
            "postgres", "-D", data, "-k", folder, "-c", "listen_addresses=", "-c", "fsync=off", "-c", "shared_buffers=16MB");
        Process process = Process.Start(new ProcessStartInfo(file, arguments) { RedirectStandardError = true })!;
        while (await process.StandardError.ReadLineAsync() is { } line)
        {
            if (line.Contains("ready to accept", StringComparison.Ordinal))
            {
                _ = process.StandardError.ReadToEndAsync();
                return new PostgresOnSocket(process, folder);
            }
        }

        throw new InvalidOperationException("PostgreSQL did not start");
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await DataSource.DisposeAsync();
        await RunAsync("kill", "-INT", _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture));
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static (string File, IEnumerable<string> Arguments) Command(string program, params string[] arguments)
    {
        string file = Path.Combine(Programs!, program);
        return Environment.IsPrivilegedProcess
            ? ("setpriv", ["--reuid=" + User, "--regid=" + User, "--clear-groups", file, .. arguments])
            : (file, arguments);
    }

    private static async Task RunAsync(string file, params string[] arguments)
    {
        using Process process = Process.Start(
            new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        string[] said = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{file} ended with {process.ExitCode}: {string.Concat(said)}");
        }
    }
}
