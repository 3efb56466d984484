using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using ShardSql.Shell.Printing;

namespace ShardSql.Shell.Editing;

/// <summary>
/// Edits one line with the keys that shells share (Emacs's), history and completion. A line that is wider than the
/// terminal scrolls sideways, so the editor never has to know how the terminal breaks lines.
/// </summary>
internal sealed class LineEditor(ITerminal terminal, History history, ICompleter completer)
{
    /// <summary>Candidates that are listed; of more the number is said.</summary>
    public const int MaxListed = 100;

    private readonly LineBuffer _buffer = new();
    private string _prompt = string.Empty;
    private int _place;
    private string _draft = string.Empty;

    /// <summary>Reads a line.</summary>
    public EditedLine Read(string prompt)
    {
        _prompt = prompt;
        _buffer.Set(string.Empty);
        _place = history.Lines.Count;
        _draft = string.Empty;
        while (true)
        {
            Draw();
            ConsoleKeyInfo key = terminal.ReadKey();
            if (EndOf(key) is { } end)
            {
                _buffer.End();
                Draw();
                terminal.Write(end == LineEnd.Abandoned ? "^C\r\n" : "\r\n");
                return new EditedLine(end, end == LineEnd.Entered ? _buffer.Text : string.Empty);
            }

            Press(key);
        }
    }

    private LineEnd? EndOf(ConsoleKeyInfo key) => (Normal(key), key.Modifiers) switch
    {
        (ConsoleKey.Enter, _) => LineEnd.Entered,
        (ConsoleKey.C, ConsoleModifiers.Control) => LineEnd.Abandoned,
        (ConsoleKey.D, ConsoleModifiers.Control) when _buffer.Text.Length == 0 => LineEnd.EndOfInput,
        _ => null,
    };

    /// <summary>Terminals say Enter as either of two characters, and some say control characters without their key.</summary>
    private static ConsoleKey Normal(ConsoleKeyInfo key) => key.KeyChar is '\r' or '\n' ? ConsoleKey.Enter : key.Key;

    private void Press(ConsoleKeyInfo key)
    {
        Action? act = key.Modifiers switch
        {
            ConsoleModifiers.Control => OfControl(key.Key),
            ConsoleModifiers.Alt => OfAlt(key.Key),
            _ => OfPlain(key.Key),
        };
        if (act is not null)
        {
            act();
        }
        else if (!char.IsControl(key.KeyChar) && !key.Modifiers.HasFlag(ConsoleModifiers.Control))
        {
            _buffer.Insert(key.KeyChar.ToString());
        }
    }

    private Action? OfPlain(ConsoleKey key) => key switch
    {
        ConsoleKey.LeftArrow => _buffer.Left,
        ConsoleKey.RightArrow => _buffer.Right,
        ConsoleKey.Home => _buffer.Home,
        ConsoleKey.End => _buffer.End,
        ConsoleKey.UpArrow => () => Recall(-1),
        ConsoleKey.DownArrow => () => Recall(1),
        ConsoleKey.Backspace => _buffer.Backspace,
        ConsoleKey.Delete => _buffer.Delete,
        ConsoleKey.Escape => () => _buffer.Set(string.Empty),
        ConsoleKey.Tab => Complete,
        _ => null,
    };

    private Action? OfControl(ConsoleKey key) => key switch
    {
        ConsoleKey.A => _buffer.Home,
        ConsoleKey.E => _buffer.End,
        ConsoleKey.B => _buffer.Left,
        ConsoleKey.F => _buffer.Right,
        ConsoleKey.LeftArrow => _buffer.WordLeft,
        ConsoleKey.RightArrow => _buffer.WordRight,
        ConsoleKey.P => () => Recall(-1),
        ConsoleKey.N => () => Recall(1),
        ConsoleKey.D => _buffer.Delete,
        ConsoleKey.H => _buffer.Backspace,
        ConsoleKey.K => _buffer.DeleteToEnd,
        ConsoleKey.U => _buffer.DeleteToStart,
        ConsoleKey.W => _buffer.DeleteWord,
        ConsoleKey.I => Complete,
        ConsoleKey.L => () => terminal.Write("\u001b[H\u001b[2J"),
        _ => null,
    };

    private Action? OfAlt(ConsoleKey key) => key switch
    {
        ConsoleKey.B => _buffer.WordLeft,
        ConsoleKey.F => _buffer.WordRight,
        ConsoleKey.Backspace => _buffer.DeleteWord,
        _ => null,
    };

    private void Recall(int step)
    {
        int place = _place + step;
        if (place < 0 || place > history.Lines.Count)
        {
            return;
        }

        if (_place == history.Lines.Count)
        {
            _draft = _buffer.Text;
        }

        _place = place;
        _buffer.Set(place == history.Lines.Count ? _draft : history.Lines[place]);
    }

    /// <summary>One candidate is taken; of several what they begin with, and if that is no more than there was, they are
    /// listed.</summary>
    private void Complete()
    {
        Completion completion = completer.Complete(_buffer.Text, _buffer.Cursor);
        IReadOnlyList<string> candidates = completion.Candidates;
        if (candidates.Count == 0)
        {
            terminal.Write("\a");
            return;
        }

        string common = candidates.Aggregate(CommonStart);
        if (candidates.Count == 1)
        {
            _buffer.Replace(completion.Start, common.EndsWith('.') ? common : common + " ");
        }
        else if (common.Length > _buffer.Cursor - completion.Start)
        {
            _buffer.Replace(completion.Start, common);
        }
        else
        {
            List(candidates);
        }
    }

    private static string CommonStart(string left, string right)
    {
        int length = 0;
        while (length < left.Length && length < right.Length
            && char.ToLowerInvariant(left[length]) == char.ToLowerInvariant(right[length]))
        {
            length++;
        }

        return left[..length];
    }

    private void List(IReadOnlyList<string> candidates)
    {
        if (candidates.Count > MaxListed)
        {
            terminal.Write($"\r\n({candidates.Count} possibilities)\r\n");
            return;
        }

        int width = candidates.Max(TextWidth.Of) + 2;
        int perLine = Math.Max(1, terminal.Width / width);
        var text = new StringBuilder("\r\n");
        for (int i = 0; i < candidates.Count; i++)
        {
            bool isLast = i + 1 == candidates.Count || (i + 1) % perLine == 0;
            text.Append(isLast ? candidates[i] + "\r\n" : TextWidth.Pad(candidates[i], width, right: false));
        }

        terminal.Write(text.ToString());
    }

    private void Draw()
    {
        int room = Math.Max(1, terminal.Width - TextWidth.Of(_prompt) - 1);
        (string shown, int cursor) = Window(_buffer.Text, _buffer.Cursor, room);
        int column = TextWidth.Of(_prompt) + cursor;
        string move = column > 0 ? $"\r\u001b[{column}C" : "\r";
        terminal.Write($"\r{_prompt}{shown}\u001b[K{move}");
    }

    /// <summary>The part of a line around the cursor that fits, and the cursor's column in it.</summary>
    private static (string Shown, int Cursor) Window(string text, int cursor, int room)
    {
        int start = 0;
        int before = TextWidth.Of(text[..cursor]);
        while (before > room)
        {
            Rune rune = Rune.GetRuneAt(text, start);
            before -= TextWidth.Of(rune);
            start += rune.Utf16SequenceLength;
        }

        int end = cursor;
        int width = before;
        while (end < text.Length && Rune.TryGetRuneAt(text, end, out Rune next) && width + TextWidth.Of(next) <= room)
        {
            width += TextWidth.Of(next);
            end += next.Utf16SequenceLength;
        }

        return (text[start..end], before);
    }
}
