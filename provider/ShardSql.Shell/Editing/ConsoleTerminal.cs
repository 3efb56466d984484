using System;

namespace ShardSql.Shell.Editing;

/// <summary>The process's own terminal. While a line is edited, Ctrl-C is a key like others.</summary>
internal sealed class ConsoleTerminal : ITerminal
{
    private const int WidthIfUnknown = 80;

    /// <inheritdoc />
    public int Width => Console.WindowWidth > 0 ? Console.WindowWidth : WidthIfUnknown;

    /// <inheritdoc />
    public ConsoleKeyInfo ReadKey()
    {
        Console.TreatControlCAsInput = true;
        try
        {
            return Console.ReadKey(intercept: true);
        }
        finally
        {
            Console.TreatControlCAsInput = false;
        }
    }

    /// <inheritdoc />
    public void Write(string text) => Console.Out.Write(text);
}
