using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using ShardSql.Data;
using ShardSql.Shell.Editing;
using ShardSql.Shell.Printing;

namespace ShardSql.Shell;

/// <summary>
/// The shell without terminal and process: lines in, text out. One connection at a time; everything that runs on it
/// can be broken off by <see cref="Interrupt"/> from any thread and leaves it usable.
/// </summary>
internal sealed partial class ShellSession : IAsyncDisposable
{
    private readonly ShellOptions _options;
    private readonly TextWriter _output;
    private readonly TextWriter _error;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly PrintSettings _print;
    private CancellationTokenSource? _running;
    private ShardSqlDataSource? _source;
    private ShardSqlConnection? _connection;
    private bool _timing;

    public ShellSession(ShellOptions options, TextWriter output, TextWriter error, TimeProvider time)
    {
        _options = options;
        _output = output;
        _error = error;
        _time = time;
        _timing = options.Timing;
        _print = new PrintSettings
        {
            Format = options.Format, Expanded = options.Expanded, NullText = options.NullText,
        };
    }

    /// <summary>Whether somebody types: then a lost connection is replaced, and \i and \c say what they do.</summary>
    public bool IsInteractive { get; init; }

    /// <summary>Where progress is drawn; null: output is no terminal.</summary>
    public ITerminal? Terminal { get; init; }

    /// <summary>The transaction as the statements so far made it.</summary>
    public TransactionState Transaction { get; private set; }

    /// <summary>The database's name, for the prompt.</summary>
    public string Database => _connection?.Database ?? string.Empty;

    /// <summary>The way to the cluster, for completion on a connection of its own; null before the first connection.</summary>
    public ShardSqlDataSource? Source => _source;

    /// <summary>Called when names of tables and columns may be others.</summary>
    public Action NamesChanged { get; set; } = static () => { };

    /// <summary>Connects, in place of the connection before; the old one stays where the new one fails.</summary>
    public async Task<bool> ConnectAsync(string connectionString)
    {
        ShardSqlDataSource? source = null;
        try
        {
            source = ShardSqlDataSource.Create(connectionString);
            ShardSqlConnection connection = await source.OpenConnectionAsync();
            await CloseAsync();
            (_source, _connection, Transaction) = (source, connection, TransactionState.None);
            NamesChanged();
            return true;
        }
        catch (Exception failure) when (failure is ShardSqlException or ArgumentException)
        {
            await (source?.DisposeAsync() ?? ValueTask.CompletedTask);
            await WriteErrorAsync(failure, string.Empty, null, 0);
            return false;
        }
    }

    /// <summary>Breaks off what runs; false when nothing does.</summary>
    public bool Interrupt()
    {
        lock (_lock)
        {
            _running?.Cancel();
            return _running is not null;
        }
    }

    /// <summary>Runs a whole source of lines.</summary>
    public async Task<StepResult> RunAsync(TextReader lines, Script script)
    {
        StepResult worst = StepResult.Ok;
        while (await lines.ReadLineAsync() is { } line)
        {
            StepResult step = await RunLineAsync(line, script);
            if (Ends(step))
            {
                return step == StepResult.Quit ? worst : step;
            }

            worst = Worse(worst, step);
        }

        return Worse(worst, await RunRestAsync(script));
    }

    /// <summary>Takes a line: a command of the shell, or a piece of a statement.</summary>
    public async Task<StepResult> RunLineAsync(string line, Script script)
    {
        script.Line++;
        if (script.Splitter.State == SplitterState.Outside && line.AsSpan().TrimStart() is ['\\', ..])
        {
            return await RunMetaAsync(line.Trim(), script);
        }

        script.Splitter.AddLine(line, script.Line);
        StepResult worst = StepResult.Ok;
        while (script.Splitter.TryTake(out ScriptStatement statement))
        {
            StepResult step = await RunStatementAsync(statement, script);
            worst = Worse(worst, step);
            if (Ends(step))
            {
                script.Splitter.Clear();
                return step;
            }
        }

        return worst;
    }

    /// <summary>Runs a statement that has no semicolon at the end of its source.</summary>
    public Task<StepResult> RunRestAsync(Script script)
    {
        bool isPending = script.Splitter.IsPending;
        ScriptStatement rest = script.Splitter.TakeRest();
        return isPending && rest.Text.Length > 0 ? RunStatementAsync(rest, script) : Task.FromResult(StepResult.Ok);
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => CloseAsync();

    /// <summary>Whether a script ends here.</summary>
    private bool Ends(StepResult step) => step switch
    {
        StepResult.Quit => true,
        StepResult.Failed => _options.OnErrorStop && !IsInteractive,
        StepResult.Interrupted or StepResult.Disconnected => !IsInteractive,
        _ => false,
    };

    private static StepResult Worse(StepResult left, StepResult right) => left > right ? left : right;

    private async ValueTask CloseAsync()
    {
        if (_connection is not null)
        {
            await _connection.DisposeAsync();
        }

        if (_source is not null)
        {
            await _source.DisposeAsync();
        }
    }

    /// <summary>Does something that <see cref="Interrupt"/> can break off.</summary>
    private async Task RunInterruptiblyAsync(Func<CancellationToken, Task> work)
    {
        using var running = new CancellationTokenSource();
        lock (_lock)
        {
            _running = running;
        }

        try
        {
            await work(running.Token);
        }
        finally
        {
            lock (_lock)
            {
                _running = null;
            }
        }
    }
}
