using System;
using System.Collections.Generic;
using System.CommandLine;
using System.CommandLine.Parsing;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using ShardSql.Shell.Printing;

namespace ShardSql.Shell;

/// <summary>The command line of the shell.</summary>
internal static class ShellCommandLine
{
    private const string CommandName = "--command";
    private const string FileName = "--file";

    /// <summary>Reads the command line and runs what it asks for; mistakes in it are exit code 2.</summary>
    public static async Task<int> InvokeAsync(
        IReadOnlyList<string> arguments,
        string? connectionOfEnvironment,
        Func<ShellOptions, Task<int>> run,
        TextWriter output,
        TextWriter error)
    {
        var connection = new Argument<string?>("connection")
        {
            Arity = ArgumentArity.ZeroOrOne,
            Description = $"connection string; else {ShellOptions.EnvironmentVariable}, else {ShellOptions.DefaultConnectionString}",
        };
        var commands = new Option<string[]>(CommandName, "-c") { Description = "statements to run; may be repeated" };
        var files = new Option<string[]>(FileName, "-f") { Description = "file of statements, - for standard input; may be repeated" };
        var format = new Option<OutputFormat>("--format") { Description = "table, csv or json" };
        var stop = new Option<bool>("--on-error-stop") { Description = "end at the first statement that fails" };
        var expanded = new Option<bool>("--expanded", "-x") { Description = "a line for each column" };
        var timing = new Option<bool>("--timing") { Description = "how long each statement took" };
        var nullText = new Option<string>("--null") { Description = "what stands for NULL in a table", DefaultValueFactory = _ => "NULL" };
        var root = new RootCommand("shardsql: a shell for ShardSql. Without -c and -f it reads standard input.")
        {
            connection, commands, files, format, stop, expanded, timing, nullText,
        };
        root.SetAction((parsed, _) => run(new ShellOptions
        {
            ConnectionString = parsed.GetValue(connection) ?? connectionOfEnvironment ?? ShellOptions.DefaultConnectionString,
            Actions = Actions(parsed),
            Format = parsed.GetValue(format),
            OnErrorStop = parsed.GetValue(stop),
            Expanded = parsed.GetValue(expanded),
            Timing = parsed.GetValue(timing),
            NullText = parsed.GetValue(nullText) ?? string.Empty,
        }));
        ParseResult result = root.Parse(arguments);
        if (result.Errors.Count > 0)
        {
            foreach (ParseError mistake in result.Errors)
            {
                await error.WriteLineAsync($"shardsql: {mistake.Message}");
            }

            return ExitCodes.ConnectionOrUsage;
        }

        // Ctrl-C belongs to the running statement.
        return await result.InvokeAsync(new InvocationConfiguration
        {
            ProcessTerminationTimeout = null,
            EnableDefaultExceptionHandler = false,
            Output = output,
            Error = error,
        });
    }

    /// <summary>Commands and files in the order in which they were written, which option values alone do not tell.</summary>
    private static List<ShellAction> Actions(ParseResult parsed)
    {
        var actions = new List<ShellAction>();
        Token[] tokens = [.. parsed.Tokens];
        for (int i = 0; i + 1 < tokens.Length; i++)
        {
            if (tokens[i].Type == TokenType.Option && tokens[i].Value is CommandName or "-c" or FileName or "-f")
            {
                actions.Add(new ShellAction(tokens[i].Value is FileName or "-f", tokens[i + 1].Value));
            }
        }

        return actions;
    }
}
