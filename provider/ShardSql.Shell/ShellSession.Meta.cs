using System;
using System.Data;
using System.Data.Common;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using ShardSql.Data;
using ShardSql.Shell.Printing;

namespace ShardSql.Shell;

/// <content>Commands of the shell itself: lines that begin with a backslash.</content>
internal sealed partial class ShellSession
{
    private Task<StepResult> RunMetaAsync(string line, Script script)
    {
        int blank = line.IndexOfAny([' ', '\t']);
        string name = blank < 0 ? line : line[..blank];
        string argument = blank < 0 ? string.Empty : line[blank..].Trim();
        return name switch
        {
            "\\q" => Task.FromResult(StepResult.Quit),
            "\\?" => SayAsync(MetaCommands.Help),
            "\\d" when argument.Length > 0 => DescribeAsync(Unquoted(argument.TrimEnd(';')), script),
            "\\d" or "\\ds" or "\\dt" or "\\dv" => ListAsync(name, script),
            "\\x" => SwitchAsync(argument, _print.Expanded, on => _print.Expanded = on, "Expanded display"),
            "\\timing" => SwitchAsync(argument, _timing, on => _timing = on, "Timing"),
            "\\format" => FormatAsync(argument),
            "\\null" => NullAsync(argument),
            "\\i" => IncludeAsync(argument, script),
            "\\c" => ReconnectAsync(argument),
            "\\r" => ResetAsync(script),
            _ => RefuseAsync($"There is no command {name}; \\? lists them."),
        };
    }

    private async Task<StepResult> SayAsync(string text)
    {
        await _output.WriteLineAsync(text);
        return StepResult.Ok;
    }

    private async Task<StepResult> RefuseAsync(string why)
    {
        await _output.FlushAsync();
        await _error.WriteLineAsync(why);
        return StepResult.Failed;
    }

    private Task<StepResult> SwitchAsync(string argument, bool now, Action<bool> set, string what)
    {
        bool? wanted = argument switch { "" => !now, "on" => true, "off" => false, _ => null };
        if (wanted is not { } on)
        {
            return RefuseAsync($"{what} is on or off, not '{argument}'.");
        }

        set(on);
        return SayAsync($"{what} is {(on ? "on" : "off")}.");
    }

    private Task<StepResult> FormatAsync(string argument)
    {
        OutputFormat[] formats = Enum.GetValues<OutputFormat>();
        int at = Array.FindIndex(formats, format => format.ToString().Equals(argument, StringComparison.OrdinalIgnoreCase));
        if (at < 0)
        {
            return RefuseAsync($"The format is table, csv or json, not '{argument}'.");
        }

        _print.Format = formats[at];
        return Task.FromResult(StepResult.Ok);
    }

    private Task<StepResult> NullAsync(string argument)
    {
        _print.NullText = argument is ['\'', .. var inner, '\''] ? inner : argument;
        return Task.FromResult(StepResult.Ok);
    }

    private static Task<StepResult> ResetAsync(Script script)
    {
        script.Splitter.Clear();
        return Task.FromResult(StepResult.Ok);
    }

    private async Task<StepResult> IncludeAsync(string path, Script script)
    {
        if (script.Depth >= Script.MaxDepth)
        {
            return await RefuseAsync($"{path}: files inside one another exceed {Script.MaxDepth}.");
        }

        try
        {
            using StreamReader file = File.OpenText(path);
            return await RunAsync(file, new Script(path, script.Depth + 1));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return await RefuseAsync($"{path}: {failure.Message}");
        }
    }

    private async Task<StepResult> ReconnectAsync(string connectionString)
    {
        bool connected = await ConnectAsync(connectionString.Length > 0 ? connectionString : _options.ConnectionString);
        if (!connected)
        {
            return IsInteractive && _connection is not null ? StepResult.Failed : StepResult.Disconnected;
        }

        return await SayAsync($"Connected to {_connection!.Database} at {_connection.DataSource}.");
    }

    private Task<StepResult> ListAsync(string name, Script script) => WithSchemaAsync(script, async (connection, token) =>
    {
        using DataTable list = await SchemaLists.RelationsAsync(
            connection,
            withTables: name is "\\d" or "\\dt",
            withViews: name is "\\d" or "\\dv",
            withSequences: name is "\\d" or "\\ds",
            token);
        await PrintTableAsync(list, token);
    });

    private Task<StepResult> DescribeAsync(string table, Script script) => WithSchemaAsync(script, async (connection, token) =>
    {
        using DataTable columns = await SchemaLists.ColumnsAsync(connection, table, token);
        if (columns.Rows.Count == 0)
        {
            throw new InvalidOperationException($"There is no table or view named \"{table}\".");
        }

        await PrintTableAsync(columns, token);
        if (_print.Format != OutputFormat.Table)
        {
            return;
        }

        foreach (string line in await SchemaLists.FactsAsync(connection, table, token))
        {
            await _output.WriteLineAsync(line);
        }
    });

    private async Task PrintTableAsync(DataTable table, CancellationToken cancellationToken)
    {
        using DbDataReader reader = table.CreateDataReader();
        await ResultPrinter.PrintAsync(reader, _print, _output, cancellationToken);
    }

    private async Task<StepResult> WithSchemaAsync(Script script, Func<ShardSqlConnection, CancellationToken, Task> work)
    {
        if (_connection is not { } connection)
        {
            return await RefuseAsync("There is no connection; \\c makes one.");
        }

        try
        {
            await RunInterruptiblyAsync(token => work(connection, token));
            return StepResult.Ok;
        }
        catch (Exception failure) when (failure is ShardSqlException or OperationCanceledException or InvalidOperationException)
        {
            Transaction = Transaction == TransactionState.None || failure is not ShardSqlException ? Transaction : TransactionState.Failed;
            await WriteErrorAsync(failure, string.Empty, script.Name, script.Line);
            return connection.State == ConnectionState.Open ? StepResult.Failed : await ReconnectAsync(connection);
        }
    }

    /// <summary>A name as the dialect reads it: in quotes as it is, else in lower case.</summary>
    private static string Unquoted(string name) => name is ['"', .. var inner, '"']
        ? inner.Replace("\"\"", "\"", StringComparison.Ordinal)
        : name.ToLowerInvariant();
}
