using System.Diagnostics;
using System.IO;
using System.Runtime.CompilerServices;
using System.Threading.Tasks;

namespace ShardSql.Tests.Protocol;

/// <summary>Runs <c>python/client.py</c>, a client made of grpcio and the published .proto files.</summary>
public static class StockClient
{
    /// <summary>Debian's Python, which has Debian's grpcio.</summary>
    public const string Interpreter = "/usr/bin/python3";

    /// <summary>Runs the client to its end: <c>health ADDRESS [SERVICE]</c> or <c>query ADDRESS SQL</c>.</summary>
    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo(Interpreter) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Path.Combine(Folder(), "python", "client.py"));
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        // A proxy of the environment is not for loopback.
        start.Environment["no_proxy"] = "*";
        using var python = Process.Start(start)!;
        var output = python.StandardOutput.ReadToEndAsync();
        var error = python.StandardError.ReadToEndAsync();
        await python.WaitForExitAsync();
        return (python.ExitCode, await output, await error);
    }

    private static string Folder([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}
