using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Threading.Tasks;
using ShardSql.Data.Tests.Cluster;
using ShardSql.Gateway.Hosting;
using Xunit;

namespace ShardSql.Data.Tests.ShellUse;

/// <summary>The real process: arguments, streams, exit codes.</summary>
public sealed class ShellProcessTests(ShellFixture fixture) : IClassFixture<ShellFixture>
{
    private const string Nowhere = "Server=127.0.0.1:1;Timeout=5";

    [Fact]
    public async Task Exit_code_and_streams_tell_what_happened()
    {
        await using GatewayHost host = await SharedStorage.ListenAsync(fixture.Cluster);
        string server = $"Server={host.Endpoint}";
        string file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, "SELECT 3 AS c;\n");
            (int code, string output, string error) =
                await RunAsync([server, "-c", "SELECT 1 AS a; SELECT 2 AS b", "-f", file, "--format", "csv"], null);
            Assert.Equal((0, "a\n1\nb\n2\nc\n3\n", string.Empty), (code, output, error));

            (code, output, error) = await RunAsync([server, "--format", "json"], "SELECT 1 AS a;\nSELECT nothing;\nSELECT 'é' AS b");
            Assert.Equal((1, "[\n{\"a\":1}\n]\n[\n{\"b\":\"é\"}\n]\n"), (code, output));
            Assert.StartsWith("stdin:2: ERROR:  42703: ", error, StringComparison.Ordinal);

            (code, output, error) = await RunAsync(
                [server, "--on-error-stop", "--format=csv", "-c", "SELECT nothing; SELECT 1 AS a", "-f", file], null);
            Assert.Equal((1, string.Empty), (code, output));
            Assert.Contains("\nLINE 1: SELECT nothing\n               ^\n", error, StringComparison.Ordinal);

            (code, output, _) = await RunAsync([server, "-f", file, "-c", "SELECT nothing", "-f", file + ".not", "--format=csv"], null);
            Assert.Equal((1, "c\n3\n"), (code, output));

            (code, output, _) = await RunAsync(["--format=csv"], "SELECT 5 AS e;", server);
            Assert.Equal((0, "e\n5\n"), (code, output));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData(Nowhere, "-c", "SELECT 1")]
    [InlineData("Server=x;Nonsense=1", "-c", "SELECT 1")]
    [InlineData(Nowhere, "--nonsense")]
    [InlineData(Nowhere, "--format", "xml")]
    [InlineData(Nowhere, "-c")]
    public async Task Exit_code_without_connection_or_with_a_wrong_command_line_is_2(params string[] arguments)
    {
        (int code, string output, string error) = await RunAsync(arguments, null);
        Assert.Equal((2, string.Empty), (code, output));
        Assert.NotEmpty(error);
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(
        IEnumerable<string> arguments, string? input, string? environment = null)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "shardsql.dll"));
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["SHARDSQL_CONNECTION"] = environment ?? "Server=127.0.0.1:2";
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await error);
    }
}
