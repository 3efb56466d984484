using System.Collections.Generic;

namespace ShardSql.Shell;

/// <summary>The shell's own commands.</summary>
internal static class MetaCommands
{
    /// <summary>What \? says.</summary>
    public const string Help = """
        A statement ends with a semicolon and may take several lines.
          \d                 tables, views and sequences
          \d NAME            columns, keys and place of a table
          \ds                sequences
          \dt                tables
          \dv                views
          \format FORMAT     table, csv or json
          \x [on|off]        a line for each column
          \null TEXT         what stands for NULL in a table
          \timing [on|off]   how long each statement took
          \i FILE            runs the statements of a file
          \c [CONNECTION]    connects to another cluster
          \r                 forgets the statement that was begun
          \q                 ends the shell
          \?                 this list
        Ctrl-C cancels the running statement. Tab completes names, the arrows up and down show what was typed before.
        """;

    /// <summary>Their names.</summary>
    public static IReadOnlyList<string> Names { get; } =
        ["\\?", "\\c", "\\d", "\\ds", "\\dt", "\\dv", "\\format", "\\i", "\\null", "\\q", "\\r", "\\timing", "\\x"];
}
