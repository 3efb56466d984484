using System.Globalization;
using System.Text;

namespace ShardSql.Shell.Editing;

/// <summary>A line and the place in it. The place is always between characters as people see them.</summary>
internal sealed class LineBuffer
{
    private readonly StringBuilder _text = new();

    public int Cursor { get; private set; }

    public string Text => _text.ToString();

    public string BeforeCursor => _text.ToString(0, Cursor);

    public void Insert(string text)
    {
        _text.Insert(Cursor, text);
        Cursor += text.Length;
    }

    public void Set(string text)
    {
        _text.Clear().Append(text);
        Cursor = _text.Length;
    }

    public void Left() => Cursor = Previous();

    public void Right() => Cursor = Following();

    public void Home() => Cursor = 0;

    public void End() => Cursor = _text.Length;

    public void WordLeft() => Cursor = WordStart();

    public void WordRight()
    {
        while (Cursor < _text.Length && !IsWord(_text[Cursor]))
        {
            Cursor++;
        }

        while (Cursor < _text.Length && IsWord(_text[Cursor]))
        {
            Cursor++;
        }
    }

    public void Backspace() => Remove(Previous(), Cursor);

    public void Delete() => Remove(Cursor, Following());

    public void DeleteWord() => Remove(WordStart(), Cursor);

    public void DeleteToStart() => Remove(0, Cursor);

    public void DeleteToEnd() => Remove(Cursor, _text.Length);

    /// <summary>Puts a text in place of what stands before the cursor from a place on.</summary>
    public void Replace(int start, string text)
    {
        Remove(start, Cursor);
        Insert(text);
    }

    private static bool IsWord(char c) => char.IsLetterOrDigit(c) || c == '_';

    private void Remove(int start, int end)
    {
        _text.Remove(start, end - start);
        Cursor = start;
    }

    private int WordStart()
    {
        int at = Cursor;
        while (at > 0 && !IsWord(_text[at - 1]))
        {
            at--;
        }

        while (at > 0 && IsWord(_text[at - 1]))
        {
            at--;
        }

        return at;
    }

    private int Following() => Cursor >= _text.Length
        ? Cursor
        : Cursor + StringInfo.GetNextTextElementLength(_text.ToString(Cursor, _text.Length - Cursor));

    /// <summary>Where a character begins is only found from the front.</summary>
    private int Previous()
    {
        string before = BeforeCursor;
        int at = 0;
        int last = 0;
        while (at < before.Length)
        {
            last = at;
            at += StringInfo.GetNextTextElementLength(before, at);
        }

        return last;
    }
}
