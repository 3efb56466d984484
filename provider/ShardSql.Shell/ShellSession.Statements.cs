using System;
using System.Collections.Generic;
using System.Data;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using ShardSql.Data;
using ShardSql.Shell.Printing;
using ShardSql.Shell.Progress;
using ShardSql.Sql.Tree;

namespace ShardSql.Shell;

/// <content>Statements: run, written out, their errors shown.</content>
internal sealed partial class ShellSession
{
    private async Task<StepResult> RunStatementAsync(ScriptStatement statement, Script script)
    {
        if (_connection is not { } connection)
        {
            await _error.WriteLineAsync("There is no connection; \\c makes one.");
            return StepResult.Disconnected;
        }

        StatementInfo info = StatementInfo.Of(statement.Text);
        long start = _time.GetTimestamp();
        try
        {
            await RunInterruptiblyAsync(token => PrintAsync(connection, statement.Text, info, token));
            Transaction = info.Follow(Transaction);
        }
        catch (Exception failure) when (failure is ShardSqlException or OperationCanceledException or InvalidOperationException)
        {
            Transaction = Transaction == TransactionState.None ? TransactionState.None : TransactionState.Failed;
            await WriteErrorAsync(failure, statement.Text, script.Name, statement.Line);
            return connection.State == ConnectionState.Open
                ? failure is OperationCanceledException ? StepResult.Interrupted : StepResult.Failed
                : await ReconnectAsync(connection);
        }

        await WriteTimeAsync(start);
        if (info.ChangesNames)
        {
            NamesChanged();
        }

        return StepResult.Ok;
    }

    private async Task PrintAsync(
        ShardSqlConnection connection, string text, StatementInfo info, CancellationToken cancellationToken)
    {
        await using var command = new ShardSqlCommand(text, connection) { CommandTimeout = 0 };
        await using ShardSqlDataReader reader = await ExecuteAsync(command, info, cancellationToken);
        if (reader.FieldCount == 0)
        {
            // The count is whole when the last frame was seen.
            await reader.NextResultAsync(cancellationToken);
            await WriteTagAsync(info.Tree is null ? string.Empty : info.Tag(Math.Max(0, reader.RecordsAffected)));
            return;
        }

        if (info.Kind == Statement.KindOneofCase.Explain && reader.FieldCount == 1 && _print is { Format: OutputFormat.Table, Expanded: false })
        {
            await WriteLinesAsync(ExplainTree.Draw(await LinesAsync(reader, cancellationToken)));
        }
        else
        {
            await ResultPrinter.PrintAsync(reader, _print, _output, cancellationToken);
        }

        await reader.NextResultAsync(cancellationToken);
        if (info.Writes)
        {
            await WriteTagAsync(info.Tag(Math.Max(0, reader.RecordsAffected)));
        }
    }

    /// <summary>Runs a command; while it waits for a job, who looks sees how far that is.</summary>
    private async Task<ShardSqlDataReader> ExecuteAsync(
        ShardSqlCommand command, StatementInfo info, CancellationToken cancellationToken)
    {
        if (info.WaitsFor is not { } job || _source is not { } source)
        {
            return await command.ExecuteReaderAsync(cancellationToken);
        }

        await _output.FlushAsync(cancellationToken);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task following = new JobProgress(job, Terminal, _error, _time).FollowAsync(source, over.Token);
        try
        {
            return await command.ExecuteReaderAsync(cancellationToken);
        }
        finally
        {
            await over.CancelAsync();
            await following;
        }
    }

    /// <summary>Tags are for people: data formats hold data only.</summary>
    private Task WriteTagAsync(string tag) => tag.Length > 0 && _print.Format == OutputFormat.Table
        ? _output.WriteLineAsync(tag)
        : Task.CompletedTask;

    private static async Task<List<string>> LinesAsync(ShardSqlDataReader reader, CancellationToken cancellationToken)
    {
        var lines = new List<string>();
        while (await reader.ReadAsync(cancellationToken))
        {
            lines.AddRange((CellText.Of(reader, 0) ?? string.Empty).Split('\n'));
        }

        return lines;
    }

    private async Task WriteLinesAsync(IEnumerable<string> lines)
    {
        foreach (string line in lines)
        {
            await _output.WriteLineAsync(line);
        }
    }

    private Task WriteTimeAsync(long start) => _timing
        ? _output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture, $"Time: {_time.GetElapsedTime(start).TotalMilliseconds:F3} ms"))
        : Task.CompletedTask;

    private async Task WriteErrorAsync(Exception failure, string statement, string? scriptName, int scriptLine)
    {
        await _output.FlushAsync();
        string[] lines = failure switch
        {
            ShardSqlException error => [.. ErrorText.Lines(error, statement)],
            OperationCanceledException => ["Cancelled."],
            _ => [$"ERROR:  {failure.Message}"],
        };
        if (scriptName is not null)
        {
            int line = scriptLine + (failure is ShardSqlException error ? ErrorText.LineOf(error, statement) - 1 : 0);
            lines[0] = string.Create(CultureInfo.InvariantCulture, $"{scriptName}:{line}: {lines[0]}");
        }

        foreach (string line in lines)
        {
            await _error.WriteLineAsync(line);
        }
    }

    /// <summary>Who types gets a new connection; a script must not go on in another transaction.</summary>
    private async Task<StepResult> ReconnectAsync(ShardSqlConnection lost)
    {
        Transaction = TransactionState.None;
        if (!IsInteractive)
        {
            return StepResult.Disconnected;
        }

        try
        {
            await lost.CloseAsync();
            await lost.OpenAsync();
            await _error.WriteLineAsync("The connection was lost; there is a new one now.");
            return StepResult.Failed;
        }
        catch (ShardSqlException failure)
        {
            await WriteErrorAsync(failure, string.Empty, null, 0);
            await _error.WriteLineAsync("There is no connection; \\c makes one.");
            return StepResult.Disconnected;
        }
    }
}
