using System;
using System.Diagnostics;
using System.IO;
using System.Text.Json;
using System.Threading.Tasks;

using ShardSql.Data;

namespace ShardSql.Cluster.Tests.Processes;

/// <summary>
/// An application as a process of its own, which reads the rows of a query one after another and measures what that
/// takes: this assembly's <c>Main</c>. Both sides of it are here.
/// </summary>
internal sealed class ReadingClient : IAsyncDisposable
{
    private const string Ready = "ready";
    private const int RowsBetweenSamples = 5_000;

    private readonly Process _process;

    private ReadingClient(Process process) => _process = process;

    /// <summary>Starts it; it has connected and read once when this returns.</summary>
    /// <param name="connectionString">Where to.</param>
    /// <param name="warmUp">What it reads first, so that code is compiled and buffers are there.</param>
    /// <param name="query">What it reads when told to.</param>
    public static async Task<ReadingClient> StartAsync(string connectionString, string warmUp, string query)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
            ArgumentList = { typeof(ReadingClient).Assembly.Location, connectionString, warmUp, query },
        };
        var client = new ReadingClient(
            Process.Start(start) ?? throw new InvalidOperationException("the client did not start"));
        string? line = await client._process.StandardOutput.ReadLineAsync();
        if (line != Ready)
        {
            await client.DisposeAsync();
            throw new InvalidOperationException($"the client said {line ?? "nothing"}");
        }

        return client;
    }

    /// <summary>Lets it read.</summary>
    public async Task<ReadFigures> ReadAsync()
    {
        await _process.StandardInput.WriteLineAsync();
        await _process.StandardInput.FlushAsync();
        string line = await _process.StandardOutput.ReadLineAsync()
            ?? throw new InvalidOperationException("the client ended without figures");
        return JsonSerializer.Deserialize<ReadFigures>(line)!;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            Signals.Send(_process.Id, Signals.Kill);
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    /// <summary>The process itself.</summary>
    public static async Task<int> Main(string[] arguments)
    {
        await using ShardSqlDataSource source = ShardSqlDataSource.Create(arguments[0]);
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        await ReadAsync(connection, arguments[1], () => { });
        await Console.Out.WriteLineAsync(Ready);
        await Console.In.ReadLineAsync();

        var memory = new ProcessMemory(Environment.ProcessId);
        long managed = GC.GetTotalMemory(forceFullCollection: true);
        long managedPeak = managed;
        memory.ResetPeak();
        long resident = memory.Resident;
        long began = Stopwatch.GetTimestamp();
        long rows = await ReadAsync(
            connection, arguments[2], () => managedPeak = Math.Max(managedPeak, GC.GetTotalMemory(false)));
        var figures = new ReadFigures(
            rows,
            (long)Stopwatch.GetElapsedTime(began).TotalMilliseconds,
            managedPeak - managed,
            memory.Peak - resident);
        await Console.Out.WriteLineAsync(JsonSerializer.Serialize(figures));
        return 0;
    }

    private static async Task<long> ReadAsync(ShardSqlConnection connection, string query, Action sample)
    {
        await using var command = new ShardSqlCommand(query, connection);
        await using ShardSqlDataReader reader = await command.ExecuteReaderAsync();
        long rows = 0;
        long sum = 0;
        while (await reader.ReadAsync())
        {
            sum += reader.GetInt64(0);
            if (++rows % RowsBetweenSamples == 0)
            {
                sample();
            }
        }

        return sum == rows * (rows - 1) / 2 ? rows : throw new InvalidDataException($"{rows} rows with the sum {sum}");
    }
}
