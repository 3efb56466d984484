using System;
using System.Collections.Generic;
using System.Globalization;

namespace ShardSql.Data.Commands;

/// <summary>
/// A list of parameters in a text, as Dapper writes it: the items of an IN or = ANY, all of one name with rising numbers
/// behind it.
/// </summary>
/// <param name="Start">Place of the first @ in the text.</param>
/// <param name="End">Place behind the last name.</param>
/// <param name="Prefix">The name without number and @.</param>
/// <param name="First">The first number.</param>
/// <param name="Count">How many they are.</param>
internal readonly record struct ListRun(int Start, int End, string Prefix, int First, int Count)
{
    private const int MaxDigits = 6;

    /// <summary>The name of an item.</summary>
    public string Name(int item) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{First + item}");

    /// <summary>The lists of a text. What looks like one inside of a string or a comment is among them.</summary>
    public static List<ListRun> Find(string text)
    {
        var runs = new List<ListRun>();
        int at = 0;
        while ((at = text.IndexOf('(', at)) >= 0)
        {
            int items = SkipBlanks(text, ++at);
            if (items < text.Length && text[items] == '@' && IsListBefore(text, at - 1)
                && Read(text, items) is { } run)
            {
                runs.Add(run);
                at = run.End;
            }
        }

        return runs;
    }

    private static bool IsListBefore(string text, int parenthesis)
    {
        ReadOnlySpan<char> before = text.AsSpan(0, parenthesis).TrimEnd();
        if (IsWord(before, "in"))
        {
            return true;
        }

        // Dapper writes ANY (@ids) as ANY ((@ids1,@ids2)).
        before = before.EndsWith('(') ? before[..^1].TrimEnd() : before;
        return IsWord(before, "any") || IsWord(before, "all");
    }

    private static bool IsWord(ReadOnlySpan<char> text, string word) =>
        text.EndsWith(word, StringComparison.OrdinalIgnoreCase)
        && (text.Length == word.Length || !IsNamePart(text[^(word.Length + 1)]));

    private static ListRun? Read(string text, int start)
    {
        int at = start;
        ReadOnlySpan<char> name = NameAt(text, ref at);
        int digits = name.Length - name.TrimEnd("0123456789").Length;
        if (digits is 0 or > MaxDigits || (digits > 1 && name[^digits] == '0'))
        {
            return null;
        }

        ReadOnlySpan<char> prefix = name[..^digits];
        int first = int.Parse(name[^digits..], CultureInfo.InvariantCulture);
        Span<char> number = stackalloc char[MaxDigits + 1];
        int count = 1;
        int end = at;
        for (at = SkipBlanks(text, at); at < text.Length && text[at] == ','; at = SkipBlanks(text, at))
        {
            at = SkipBlanks(text, at + 1);
            if (at >= text.Length || text[at] != '@')
            {
                return null;
            }

            ReadOnlySpan<char> next = NameAt(text, ref at);
            (first + count).TryFormat(number, out int length, default, CultureInfo.InvariantCulture);
            if (!next.StartsWith(prefix, StringComparison.Ordinal) || !next[prefix.Length..].SequenceEqual(number[..length]))
            {
                return null;
            }

            end = at;
            count++;
        }

        return at < text.Length && text[at] == ')' ? new ListRun(start, end, prefix.ToString(), first, count) : null;
    }

    /// <summary>The name behind the @.</summary>
    private static ReadOnlySpan<char> NameAt(string text, ref int at)
    {
        int start = ++at;
        while (at < text.Length && IsNamePart(text[at]))
        {
            at++;
        }

        return text.AsSpan(start, at - start);
    }

    private static int SkipBlanks(string text, int at)
    {
        while (at < text.Length && char.IsWhiteSpace(text[at]))
        {
            at++;
        }

        return at;
    }

    private static bool IsNamePart(char c) => char.IsLetterOrDigit(c) || c is '_' or '$' or '#' or '@';
}
