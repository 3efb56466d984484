using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Threading;
using System.Threading.Tasks;

namespace ShardSql.Cluster.Tests.Processes;

/// <summary>
/// The server executable as a process of its own, known by its id. Whatever state it is in, disposing of it ends it.
/// </summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private const int LinesKept = 200;
    private static readonly TimeSpan s_readyTimeout = TimeSpan.FromSeconds(180);
    private static readonly TimeSpan s_exitTimeout = TimeSpan.FromSeconds(120);

    private readonly Process _process;
    private readonly Queue<string> _errors = new();
    private readonly TaskCompletionSource<string?> _firstLine = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _output;
    private readonly Task _errorOutput;

    private ServerProcess(Process process)
    {
        _process = process;
        Id = process.Id;
        _output = ReadOutputAsync(process.StandardOutput);
        _errorOutput = ReadErrorsAsync(process.StandardError);
    }

    /// <summary>Its process id.</summary>
    public int Id { get; }

    /// <summary>The last lines of its standard error.</summary>
    public string Errors
    {
        get
        {
            lock (_errors)
            {
                return string.Join('\n', _errors);
            }
        }
    }

    /// <summary>Whether it has ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>Starts the server with arguments; it may not be ready yet.</summary>
    public static ServerProcess Launch(
        IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "ShardSql.Gateway.dll"));
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        // These processes live for seconds, and what profiling costs would not come back.
        start.Environment["DOTNET_TieredPGO"] = "0";

        // One that is killed would leave the pipes of its diagnostics behind.
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        return new ServerProcess(
            Process.Start(start) ?? throw new InvalidOperationException("the server did not start"));
    }

    /// <summary>The ready line.</summary>
    /// <exception cref="InvalidOperationException">It ended before; the text holds its standard error.</exception>
    public async Task<string> ReadyAsync()
    {
        string? line = await _firstLine.Task.WaitAsync(s_readyTimeout);
        if (line is null)
        {
            int code = await ExitAsync();
            throw new InvalidOperationException($"the server ended with code {code}:\n{Errors}");
        }

        return line;
    }

    /// <summary>Sends a signal.</summary>
    public void Signal(int signal)
    {
        if (!_process.HasExited)
        {
            Signals.Send(Id, signal);
        }
    }

    /// <summary>SIGKILL; ends when the process is gone.</summary>
    public async Task KillAsync()
    {
        Signal(Signals.Kill);
        await ExitAsync();
    }

    /// <summary>Waits for its end.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> ExitAsync()
    {
        using var limit = new CancellationTokenSource(s_exitTimeout);
        await _process.WaitForExitAsync(limit.Token);
        await _output;
        await _errorOutput;
        return _process.ExitCode;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
    }

    private async Task ReadOutputAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            _firstLine.TrySetResult(line);
        }

        _firstLine.TrySetResult(null);
    }

    private async Task ReadErrorsAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            lock (_errors)
            {
                _errors.Enqueue(line);
                if (_errors.Count > LinesKept)
                {
                    _errors.Dequeue();
                }
            }
        }
    }
}
