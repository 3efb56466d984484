using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using ShardSql.Sql.Values;

namespace ShardSql.Sql.Parsing;

/// <summary>
/// One pass over the characters before the parser sees them: refuses what is too long, is not Unicode, never ends, or
/// nests too deep, in time linear in the text and without recursion. So the parser's own stack is safe.
/// </summary>
internal ref struct TextScan
{
    private readonly ReadOnlySpan<char> _text;
    private readonly List<(bool IsCase, int Run)> _open = [];
    private int _at;
    private int _runs;
    private int _run;
    private int _deepest;
    private int _deepestAt;

    private TextScan(ReadOnlySpan<char> text) => _text = text;

    /// <summary>Passes, or throws 54000, 54001, 22021 or 42601.</summary>
    public static void Check(string text)
    {
        CheckCharacters(text);
        int bytes = Encoding.UTF8.GetByteCount(text);
        if (bytes > SqlLimits.MaxTextBytes)
        {
            throw new SqlException(SqlStates.ProgramLimitExceeded, string.Create(
                CultureInfo.InvariantCulture, $"text of {bytes} bytes exceeds {SqlLimits.MaxTextBytes}"));
        }

        var scan = new TextScan(text);
        scan.Run();
    }

    private static void CheckCharacters(string text)
    {
        int nul = text.IndexOf('\0', StringComparison.Ordinal);
        if (nul >= 0)
        {
            throw new SqlException(SqlStates.InvalidCharacter, string.Create(
                CultureInfo.InvariantCulture, $"NUL character at position {nul + 1}"), nul + 1);
        }

        Utf8Text.CountBytes(text);
    }

    private void Run()
    {
        while (_at < _text.Length)
        {
            Step(_text[_at]);
        }

        if (_deepest > SqlLimits.MaxNesting)
        {
            throw new SqlException(
                SqlStates.StatementTooComplex,
                string.Create(CultureInfo.InvariantCulture, $"nesting {_deepest} exceeds {SqlLimits.MaxNesting}"),
                _deepestAt + 1);
        }
    }

    private void Step(char c)
    {
        char next = _at + 1 < _text.Length ? _text[_at + 1] : '\0';
        switch (c)
        {
            case '\'':
                SkipQuoted('\'', "string");
                break;
            case '"':
                SkipQuoted('"', "quoted identifier");
                break;
            case '[':
                SkipTo("]", "quoted identifier");
                break;
            case '-' when next == '-':
                int line = _text[_at..].IndexOfAny('\r', '\n');
                _at = line < 0 ? _text.Length : _at + line;
                break;
            case '/' when next == '*':
                SkipTo("*/", "comment");
                break;
            case '(':
                Open(isCase: false);
                _at++;
                break;
            case ')':
                Close(isCase: false);
                _at++;
                break;
            case '-' or '+':
                Deepen();
                _at++;
                break;
            default:
                StepWord(c);
                break;
        }
    }

    private void StepWord(char c)
    {
        if (!IsWordPart(c))
        {
            _run = char.IsWhiteSpace(c) ? _run : 0;
            _at++;
            return;
        }

        int start = _at;
        while (_at < _text.Length && IsWordPart(_text[_at]))
        {
            _at++;
        }

        ReadOnlySpan<char> word = _text[start.._at];
        if (word.Equals("not", StringComparison.OrdinalIgnoreCase))
        {
            Deepen();
        }
        else if (word.Equals("case", StringComparison.OrdinalIgnoreCase))
        {
            Open(isCase: true);
        }
        else if (word.Equals("end", StringComparison.OrdinalIgnoreCase))
        {
            Close(isCase: true);
        }
        else if (word is "e" or "E" && _at < _text.Length && _text[_at] == '\'')
        {
            SkipEscaped();
        }
        else
        {
            _run = 0;
        }
    }

    private void Deepen()
    {
        _run++;
        Note();
    }

    private void Open(bool isCase)
    {
        _open.Add((isCase, _run));
        _runs += _run;
        _run = 0;
        Note();
    }

    private void Close(bool isCase)
    {
        _run = 0;

        // An END closes only a CASE that stands innermost; a parenthesis also closes CASEs left open inside it.
        while (_open.Count > 0 && (!isCase || _open[^1].IsCase))
        {
            (bool wasCase, int run) = _open[^1];
            _open.RemoveAt(_open.Count - 1);
            _runs -= run;
            if (wasCase == isCase)
            {
                break;
            }
        }
    }

    private void Note()
    {
        int depth = _open.Count + _runs + _run;
        if (depth > _deepest)
        {
            _deepest = depth;
            _deepestAt = depth <= SqlLimits.MaxNesting + 1 ? _at : _deepestAt;
        }
    }

    private void SkipQuoted(char quote, string what)
    {
        int start = _at++;
        while (true)
        {
            int end = _text[_at..].IndexOf(quote);
            if (end < 0)
            {
                throw Unterminated(what, start);
            }

            _at += end + 1;
            if (_at >= _text.Length || _text[_at] != quote)
            {
                break;
            }

            _at++;
        }

        _run = 0;
    }

    private void SkipEscaped()
    {
        int start = _at++;
        for (; _at < _text.Length; _at++)
        {
            if (_text[_at] == '\\')
            {
                _at++;
            }
            else if (_text[_at] == '\'')
            {
                if (_at + 1 >= _text.Length || _text[_at + 1] != '\'')
                {
                    _at++;
                    _run = 0;
                    return;
                }

                _at++;
            }
        }

        throw Unterminated("string", start);
    }

    private void SkipTo(string mark, string what)
    {
        int length = mark.Length;
        int end = _at + length > _text.Length ? -1 : _text[(_at + length)..].IndexOf(mark, StringComparison.Ordinal);
        if (end < 0)
        {
            throw Unterminated(what, _at);
        }

        _at += end + (2 * length);
    }

    private readonly SqlException Unterminated(string what, int start) => SyntaxErrors.Syntax(
        _text, start, $"unterminated {what}", _text[start..]);

    private static bool IsWordPart(char c) => char.IsLetterOrDigit(c) || c is '_' or '$' or '#' or '@' || c > '\u00FF';
}
