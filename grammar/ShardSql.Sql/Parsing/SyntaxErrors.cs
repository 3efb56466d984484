using System;
using System.Collections.Generic;
using System.Globalization;
using Antlr4.Runtime;
using ShardSql.Sql.Generated;
using ShardSql.Sql.Values;

namespace ShardSql.Sql.Parsing;

/// <summary>The words for what is no statement of ours: 42601, or 0A000 where it is SQL that we do not have.</summary>
internal static class SyntaxErrors
{
    private static readonly string[] s_heads =
    [
        "SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "DROP", "BEGIN", "START", "COMMIT", "ROLLBACK", "EXPLAIN",
        "SHOW", "SET", "END", "ABORT",
    ];

    private static readonly string[] s_clauses =
        ["FROM", "WHERE", "GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET", "VALUES", "INTO", "TABLE", "RETURNING"];

    /// <summary>42601 with the place and the offending text.</summary>
    public static SqlException Syntax(ReadOnlySpan<char> text, int index, string what, ReadOnlySpan<char> offending)
    {
        (int line, int column) = SqlException.Locate(text.ToString(), index + 1);
        string near = offending.IsEmpty ? "at the end of the text" : $"near \"{Excerpt.Of(offending)}\"";
        return new SqlException(
            SqlStates.SyntaxError,
            string.Create(CultureInfo.InvariantCulture, $"{what} at {line}:{column} {near}"),
            index + 1)
        {
            Line = line,
            Column = column,
        };
    }

    /// <summary>0A000 with what to write instead.</summary>
    public static SqlException NotSupported(string what, int index, string? hint) =>
        new(SqlStates.FeatureNotSupported, $"{what} is not supported", index + 1) { Hint = hint };

    /// <summary>The error for a token that the parser did not expect.</summary>
    public static SqlException At(
        string text, int statementStart, List<string> before, IToken offending, List<string> expected)
    {
        bool atEnd = offending.Type == TokenConstants.EOF;
        string word = atEnd ? string.Empty : offending.Text;
        if (Unsupported.FindHead([.. before, word]) is { } head)
        {
            return NotSupported(head.What, statementStart, head.Hint);
        }

        if (!atEnd && Unsupported.FindInside(before, word) is { } inside)
        {
            return NotSupported(inside.What, offending.StartIndex, inside.Hint);
        }

        string what = expected.Count == 0 ? "syntax error" : $"syntax error, expected {string.Join(" or ", expected)}";
        SqlException error = Syntax(text, offending.StartIndex, what, word);
        return Hint(before, offending, word) is { } hint
            ? new SqlException(error.SqlState, error.Message, error.Position)
            {
                Line = error.Line,
                Column = error.Column,
                Hint = hint,
            }
            : error;
    }

    private static string? Hint(List<string> before, IToken offending, string word)
    {
        if (before.Count == 0 && word.Length > 1)
        {
            string? head = Spelling.Nearest(word.ToUpperInvariant(), s_heads);
            return head is null ? $"A statement begins with {string.Join(", ", s_heads)}." : $"Did you mean {head}?";
        }

        // In "SELECT a FRM t" the misspelt word passes as an alias, and the error is at the word after it.
        if (before.Count > 1 && before[^1].Length > 2 && !Keywords.IsReserved(before[^1])
            && Spelling.Nearest(before[^1].ToUpperInvariant(), s_clauses) is { } clause)
        {
            return $"Did you mean {clause} instead of {before[^1]}?";
        }

        return offending.Type switch
        {
            ShardSqlLexer.UNEXPECTED when word is "?" or ":" or "$" => "Parameters are written @name.",
            ShardSqlLexer.UNEXPECTED when word is "^" => "Use POWER(a, b).",
            ShardSqlLexer.UNEXPECTED when word is "~" => "Use LIKE.",
            ShardSqlLexer.NUMBER_WITH_LETTERS => "A name does not begin with a digit unless it is quoted.",
            _ when Keywords.IsReserved(word) =>
                $"{word.ToUpperInvariant()} is a reserved word; quote it to use it as a name.",
            _ => null,
        };
    }
}
