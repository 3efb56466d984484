using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using System.Threading.Tasks;
using ShardSql.Data;
using ShardSql.Shell.Editing;

namespace ShardSql.Shell;

/// <summary>The process: terminal or streams, signals, exit codes.</summary>
internal static class ShellProgram
{
    private const string HistoryFile = ".shardsql_history";

    public static async Task<int> RunAsync(ShellOptions options)
    {
        bool isInteractive = options.Actions.Count == 0 && !Console.IsInputRedirected && !Console.IsOutputRedirected;
        await using var output = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false)) { AutoFlush = isInteractive };
        await using var session = new ShellSession(options, output, Console.Error, TimeProvider.System)
        {
            IsInteractive = isInteractive,
            Terminal = isInteractive ? new ConsoleTerminal() : null,
        };
        Console.CancelKeyPress += (_, pressed) => pressed.Cancel = session.Interrupt();
        return !await session.ConnectAsync(options.ConnectionString)
            ? ExitCodes.ConnectionOrUsage
            : isInteractive
                ? await TypeAsync(session, output)
                : await RunActionsAsync(options, session, Console.In);
    }

    /// <summary>Runs texts and files in their order, or a stream of lines where there are none.</summary>
    public static async Task<int> RunActionsAsync(ShellOptions options, ShellSession session, TextReader input)
    {
        IReadOnlyList<ShellAction> actions = options.Actions.Count > 0 ? options.Actions : [new ShellAction(IsFile: true, "-")];
        int code = ExitCodes.Ok;
        foreach (ShellAction action in actions)
        {
            StepResult result = await RunActionAsync(action, session, input);
            if (result == StepResult.Disconnected)
            {
                return ExitCodes.ConnectionOrUsage;
            }

            code = result > StepResult.Quit ? ExitCodes.StatementFailed : code;
            if (result == StepResult.Interrupted || (code != ExitCodes.Ok && options.OnErrorStop))
            {
                break;
            }
        }

        return code;
    }

    private static async Task<StepResult> RunActionAsync(ShellAction action, ShellSession session, TextReader input)
    {
        if (!action.IsFile)
        {
            return await session.RunAsync(new StringReader(action.Text), new Script(name: null, depth: 0));
        }

        if (action.Text == "-")
        {
            return await session.RunAsync(input, new Script("stdin", depth: 0));
        }

        try
        {
            using StreamReader file = File.OpenText(action.Text);
            return await session.RunAsync(file, new Script(action.Text, depth: 0));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"shardsql: {failure.Message}");
            return StepResult.Failed;
        }
    }

    private static async Task<int> TypeAsync(ShellSession session, TextWriter output)
    {
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        var history = new History(home.Length == 0 ? null : Path.Combine(home, HistoryFile));
        var completer = new SqlCompleter(() => ReadNames(session));
        session.NamesChanged = completer.Forget;
        var editor = new LineEditor(new ConsoleTerminal(), history, completer);
        await output.WriteLineAsync($"shardsql, connected to {session.Database}. \\? lists the commands, \\q ends.");
        try
        {
            return await new InteractiveShell(session, editor, history, output).RunAsync();
        }
        finally
        {
            if (history.TrySave() is { } why)
            {
                await Console.Error.WriteLineAsync($"shardsql: the history is not kept: {why}");
            }
        }
    }

    /// <summary>On a connection of its own, so that completion takes no part in the transaction of who types.</summary>
    private static Dictionary<string, IReadOnlyList<string>> ReadNames(ShellSession session)
    {
        if (session.Source is not { } source)
        {
            return [];
        }

        using ShardSqlConnection connection = source.OpenConnection();
        return SchemaLists.NamesAsync(connection, default).GetAwaiter().GetResult();
    }
}
