using System.Text;

namespace ShardSql.Shell;

/// <summary>
/// Cuts a text that comes in pieces into statements at each semicolon that is not inside of a string, a quoted name or
/// a comment. Every character is looked at once, so a statement may be as long as it likes.
/// </summary>
internal sealed class StatementSplitter
{
    private readonly StringBuilder _text = new();
    private int _at;
    private int _line;
    private int _commentStart;
    private SplitterState _state = SplitterState.Outside;

    /// <summary>Whether a statement was begun.</summary>
    public bool IsPending => _state != SplitterState.Outside || !IsBlank();

    /// <summary>Where the end of the text stands.</summary>
    public SplitterState State => _state;

    /// <summary>Adds a line, its number in its file with it.</summary>
    public void AddLine(string line, int number)
    {
        if (_text.Length == 0)
        {
            _line = number;
        }

        _text.Append(line).Append('\n');
    }

    /// <summary>Takes the next whole statement, without its semicolon.</summary>
    public bool TryTake(out ScriptStatement statement)
    {
        while (_at < _text.Length)
        {
            char c = _text[_at++];
            if (_state == SplitterState.Outside && c == ';')
            {
                statement = Cut(_at - 1);
                _text.Remove(0, _at);
                _at = 0;
                if (statement.Text.Length > 0)
                {
                    return true;
                }

                continue;
            }

            Step(c);
        }

        statement = default;
        return false;
    }

    /// <summary>Takes what is left, whole or not; empty: nothing.</summary>
    public ScriptStatement TakeRest()
    {
        ScriptStatement rest = Cut(_text.Length);
        Clear();
        return rest;
    }

    /// <summary>Forgets what was begun.</summary>
    public void Clear()
    {
        _text.Clear();
        _at = 0;
        _state = SplitterState.Outside;
    }

    private bool IsBlank()
    {
        for (int i = 0; i < _text.Length; i++)
        {
            if (!char.IsWhiteSpace(_text[i]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The text up to an end, without blanks around it; the lines that leave are counted.</summary>
    private ScriptStatement Cut(int end)
    {
        int start = 0;
        while (start < end && char.IsWhiteSpace(_text[start]))
        {
            _line += _text[start++] == '\n' ? 1 : 0;
        }

        string text = _text.ToString(start, end - start);
        int line = _line;
        foreach (char c in text)
        {
            _line += c == '\n' ? 1 : 0;
        }

        return new ScriptStatement(text.TrimEnd(), line);
    }

    private void Step(char c)
    {
        // A doubled quote ends a string and begins the next at once, which comes to the same.
        _state = (_state, c) switch
        {
            (SplitterState.Outside, '\'') => IsEscapeString() ? SplitterState.EscapeString : SplitterState.String,
            (SplitterState.Outside, '"') => SplitterState.Name,
            (SplitterState.Outside, '[') => SplitterState.BracketName,
            (SplitterState.Outside, '-') when Next() == '-' => SplitterState.LineComment,
            (SplitterState.Outside, '/') when Next() == '*' => EnterBlockComment(),
            (SplitterState.String, '\'') => SplitterState.Outside,
            (SplitterState.EscapeString, '\\') => SkipOne(),
            (SplitterState.EscapeString, '\'') => Next() == '\'' ? SkipOne() : SplitterState.Outside,
            (SplitterState.Name, '"') => SplitterState.Outside,
            (SplitterState.BracketName, ']') => SplitterState.Outside,
            (SplitterState.LineComment, '\n') => SplitterState.Outside,
            (SplitterState.BlockComment, '/') when EndsComment() => SplitterState.Outside,
            _ => _state,
        };
    }

    private char Next() => _at < _text.Length ? _text[_at] : '\0';

    private SplitterState SkipOne()
    {
        _at = int.Min(_at + 1, _text.Length);
        return _state;
    }

    /// <summary>The star that begins a comment cannot end it too, so it is passed over.</summary>
    private SplitterState EnterBlockComment()
    {
        _at++;
        _commentStart = _at;
        return SplitterState.BlockComment;
    }

    private bool EndsComment() => _at - 2 >= _commentStart && _text[_at - 2] == '*';

    private bool IsEscapeString() =>
        _at >= 2 && _text[_at - 2] is 'e' or 'E'
        && (_at < 3 || !(char.IsLetterOrDigit(_text[_at - 3]) || _text[_at - 3] is '_' or '$' or '#' or '@'));
}
