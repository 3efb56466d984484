using System;
using System.Collections.Generic;

namespace ShardSql.Sql.Expressions;

/// <summary>
/// A LIKE pattern: % is any run of characters, _ one character (a code point), the escape character takes the next one
/// as it stands. On a mismatch only the latest % takes one character more, so the time is at most text × pattern.
/// </summary>
internal sealed class LikePattern
{
    private const char Literal = 'L';
    private const char AnyOne = '_';
    private const char AnyRun = '%';

    private readonly (char Kind, char Value)[] _steps;
    private readonly bool _ignoreCase;

    private LikePattern((char Kind, char Value)[] steps, bool ignoreCase)
    {
        _steps = steps;
        _ignoreCase = ignoreCase;
    }

    /// <summary>Compiles; the escape is a backslash unless given, and an empty one means none.</summary>
    public static LikePattern Compile(string pattern, string? escape, bool ignoreCase)
    {
        if (escape is { Length: > 1 })
        {
            throw new SqlException(SqlStates.InvalidEscapeCharacter, "the ESCAPE of LIKE is one character");
        }

        char? mark = escape is null ? '\\' : escape.Length == 0 ? null : escape[0];
        var steps = new List<(char, char)>(pattern.Length);
        for (int i = 0; i < pattern.Length; i++)
        {
            char c = pattern[i];
            if (c == mark)
            {
                if (++i == pattern.Length)
                {
                    throw new SqlException(
                        SqlStates.InvalidEscapeSequence, "a LIKE pattern must not end with its escape character");
                }

                steps.Add((Literal, Fold(pattern[i], ignoreCase)));
            }
            else
            {
                steps.Add(c is AnyOne or AnyRun ? (c, c) : (Literal, Fold(c, ignoreCase)));
            }
        }

        return new LikePattern([.. steps], ignoreCase);
    }

    /// <summary>Whether the whole text fits.</summary>
    public bool Matches(ReadOnlySpan<char> text)
    {
        int at = 0;
        int step = 0;
        int runStep = -1;
        int runAt = 0;
        while (at < text.Length)
        {
            if (step < _steps.Length && _steps[step].Kind == AnyRun)
            {
                runStep = step++;
                runAt = at;
            }
            else if (step < _steps.Length && Take(text, at, step) is > 0 and int taken)
            {
                at += taken;
                step++;
            }
            else if (runStep >= 0)
            {
                step = runStep + 1;
                at = ++runAt;
            }
            else
            {
                return false;
            }
        }

        while (step < _steps.Length && _steps[step].Kind == AnyRun)
        {
            step++;
        }

        return step == _steps.Length;
    }

    private int Take(ReadOnlySpan<char> text, int at, int step)
    {
        (char kind, char value) = _steps[step];
        if (kind == Literal)
        {
            return Fold(text[at], _ignoreCase) == value ? 1 : 0;
        }

        return char.IsHighSurrogate(text[at]) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]) ? 2 : 1;
    }

    private static char Fold(char c, bool ignoreCase) => ignoreCase ? char.ToLowerInvariant(c) : c;
}
