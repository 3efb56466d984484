using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using ShardSql.Data;

namespace ShardSql.Shell.Printing;

/// <summary>An error as lines: SQLSTATE and message, the statement's line with a caret, detail and hint.</summary>
internal static class ErrorText
{
    /// <summary>Columns of a statement's line that are shown; of a longer one the part around the place.</summary>
    public const int ShownColumns = 100;

    private const string Cut = "...";

    /// <summary>The 1-based line of a statement on which the error is; the first where it has no place.</summary>
    public static int LineOf(ShardSqlException error, string statement) =>
        1 + statement.AsSpan(0, Math.Clamp(error.Position - 1, 0, statement.Length)).Count('\n');

    /// <summary>The lines for an error of a statement; its text is empty where there is none.</summary>
    public static IEnumerable<string> Lines(ShardSqlException error, string statement)
    {
        yield return $"ERROR:  {error.SqlState}: {error.Message}";
        if (error.Position > 0 && error.Position <= statement.Length + 1)
        {
            foreach (string line in Place(statement, error.Position - 1, LineOf(error, statement)))
            {
                yield return line;
            }
        }

        if (error.Detail is { } detail)
        {
            yield return $"DETAIL:  {detail}";
        }

        if (error.Hint is { } hint)
        {
            yield return $"HINT:  {hint}";
        }

        if (error.ConstraintName is { } constraint)
        {
            yield return $"CONSTRAINT:  {constraint}";
        }

        if (error.Outcome == ShardSqlOutcome.Unknown)
        {
            yield return "OUTCOME:  unknown; the statement may have been committed";
        }
    }

    /// <summary>The line of a place, and a caret under it.</summary>
    private static string[] Place(string statement, int index, int number)
    {
        int start = index == 0 ? 0 : statement.LastIndexOf('\n', index - 1) + 1;
        int end = statement.IndexOf('\n', index);
        string before = Visible(statement[start..index]);
        string after = Visible(statement[index..(end < 0 ? statement.Length : end)].TrimEnd('\r'));
        string head = string.Create(CultureInfo.InvariantCulture, $"LINE {number}: ");
        if (TextWidth.Of(before) + TextWidth.Of(after) > ShownColumns)
        {
            before = KeepEnd(before, ShownColumns / 2);
            after = KeepStart(after, ShownColumns / 2);
        }

        return [head + before + after, new string(' ', head.Length + TextWidth.Of(before)) + "^"];
    }

    /// <summary>A tab is as wide as its place says, which a caret cannot follow.</summary>
    private static string Visible(string text) => string.Concat(CellText.Lines(text));

    private static string KeepStart(string text, int columns)
    {
        var kept = new StringBuilder();
        int width = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            width += TextWidth.Of(rune);
            if (width > columns)
            {
                return kept.Append(Cut).ToString();
            }

            kept.Append(rune);
        }

        return text;
    }

    private static string KeepEnd(string text, int columns)
    {
        int excess = TextWidth.Of(text) - columns;
        if (excess <= 0)
        {
            return text;
        }

        int at = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            excess -= TextWidth.Of(rune);
            at += rune.Utf16SequenceLength;
            if (excess <= 0)
            {
                break;
            }
        }

        return Cut + text[at..];
    }
}
