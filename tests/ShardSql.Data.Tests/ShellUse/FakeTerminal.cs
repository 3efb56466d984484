using System;
using System.Collections.Generic;
using System.Text;
using ShardSql.Shell.Editing;

namespace ShardSql.Data.Tests.ShellUse;

/// <summary>A terminal whose keys are given beforehand, and that shows what a real one would.</summary>
internal sealed class FakeTerminal(int width = 40) : ITerminal
{
    private readonly Queue<ConsoleKeyInfo> _keys = new();
    private readonly StringBuilder _written = new();

    public int Width => width;

    public string Written => _written.ToString();

    /// <summary>The line on the screen now, without what came before the last carriage return that drew it.</summary>
    public string Shown
    {
        get
        {
            string text = Written;
            int clear = text.LastIndexOf("\u001b[K", StringComparison.Ordinal);
            int start = text.LastIndexOf('\r', clear);
            return text[(start + 1)..clear];
        }
    }

    public FakeTerminal Type(string text)
    {
        foreach (char c in text)
        {
            _keys.Enqueue(new ConsoleKeyInfo(c, c == '\t' ? ConsoleKey.Tab : 0, shift: false, alt: false, control: false));
        }

        return this;
    }

    public FakeTerminal Press(ConsoleKey key, ConsoleModifiers modifiers = ConsoleModifiers.None)
    {
        char c = key == ConsoleKey.Enter ? '\r' : modifiers == ConsoleModifiers.Control ? (char)(key - ConsoleKey.A + 1) : '\0';
        _keys.Enqueue(new ConsoleKeyInfo(
            c, key, shift: false, modifiers.HasFlag(ConsoleModifiers.Alt), modifiers.HasFlag(ConsoleModifiers.Control)));
        return this;
    }

    public FakeTerminal Enter() => Press(ConsoleKey.Enter);

    public ConsoleKeyInfo ReadKey() =>
        _keys.TryDequeue(out ConsoleKeyInfo key) ? key : throw new InvalidOperationException("No key is left.");

    public void Write(string text) => _written.Append(text);
}
