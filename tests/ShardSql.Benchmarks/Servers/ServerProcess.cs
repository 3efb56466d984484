using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Threading;
using System.Threading.Tasks;

namespace ShardSql.Benchmarks.Servers;

/// <summary>A server that was started here: its output goes to a file, and it ends by its process id.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan s_politeEnd = TimeSpan.FromSeconds(15);

    private readonly Process _process;
    private readonly StreamWriter _log;
    private readonly Lock _logLock = new();
    private readonly TaskCompletionSource<string> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string? _readyText;

    private ServerProcess(Process process, string logPath, string? readyText)
    {
        _process = process;
        _readyText = readyText;
        LogPath = logPath;
        _log = new StreamWriter(logPath, append: true);
    }

    /// <summary>The process id.</summary>
    public int Id => _process.Id;

    /// <summary>Where its output is.</summary>
    public string LogPath { get; }

    /// <summary>Starts it; <paramref name="readyText"/> is what the line contains that says that it serves.</summary>
    public static ServerProcess Start(
        string file,
        IEnumerable<string> arguments,
        string logPath,
        string? readyText = null,
        string? workingFolder = null)
    {
        var start = new ProcessStartInfo(file, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = workingFolder ?? "",
        };
        var process = new Process { StartInfo = start, EnableRaisingEvents = true };
        var server = new ServerProcess(process, logPath, readyText);
        process.OutputDataReceived += (_, line) => server.Take(line.Data);
        process.ErrorDataReceived += (_, line) => server.Take(line.Data);
        process.Exited += (_, _) => server.Fail("ended before it was ready");
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return server;
    }

    /// <summary>Waits for the ready line and gives it.</summary>
    public async Task<string> ReadyAsync(TimeSpan limit)
    {
        try
        {
            return await _ready.Task.WaitAsync(limit);
        }
        catch (TimeoutException)
        {
            throw new BenchmarkException($"Not ready in {limit.TotalSeconds:F0} s: {Describe()}");
        }
    }

    /// <summary>Whether it still runs; the error that says why not.</summary>
    public void RequireRunning()
    {
        if (_process.HasExited)
        {
            throw new BenchmarkException($"Ended with code {_process.ExitCode}: {Describe()}");
        }
    }

    /// <summary>SIGINT, and SIGKILL when that was not enough.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _ = NativeSignals.Send(_process.Id, NativeSignals.Interrupt);
            using var limit = new CancellationTokenSource(s_politeEnd);
            try
            {
                await _process.WaitForExitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                _process.Kill(entireProcessTree: true);
                await _process.WaitForExitAsync(CancellationToken.None);
            }
        }

        _process.Dispose();
        lock (_logLock)
        {
            _log.Dispose();
        }
    }

    private string Describe() => $"{_process.StartInfo.FileName} {string.Join(' ', _process.StartInfo.ArgumentList)}"
        + $"; its output is in {LogPath}";

    private void Take(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_logLock)
        {
            if (_log.BaseStream is { CanWrite: true })
            {
                _log.WriteLine(line);
                _log.Flush();
            }
        }

        if (_readyText is not null && line.Contains(_readyText, StringComparison.Ordinal))
        {
            _ready.TrySetResult(line);
        }
    }

    private void Fail(string why) => _ready.TrySetException(new BenchmarkException($"{why}: {Describe()}"));
}
