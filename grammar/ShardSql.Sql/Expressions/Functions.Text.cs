using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Sql.Expressions;

/// <content>Functions of text. Characters are code points.</content>
internal static partial class Functions
{
    private static IEnumerable<Function> TextFunctions()
    {
        SqlType text = SqlType.Text;
        SqlType number = SqlType.Int32;
        FunctionTyper oneText = Fixed(text, text);
        FunctionBody length = a => SqlValue.FromInt32(CountCharacters(a[0].AsText()));
        FunctionBody substring = a => Substring(a[0].AsText(), a[1].AsInt32(), a.Length > 2 ? a[2].AsInt32() : null);
        FunctionBody trim = a => SqlValue.FromText(a[0].AsText().Trim(TrimSet(a)));
        yield return new Function("lower", 1, 1, oneText, a => SqlValue.FromText(a[0].AsText().ToLowerInvariant()));
        yield return new Function("upper", 1, 1, oneText, a => SqlValue.FromText(a[0].AsText().ToUpperInvariant()));
        yield return new Function("length", 1, 1, LengthType, a => a[0].Kind == SqlKind.Bytes
            ? SqlValue.FromInt32(a[0].AsBytes().Length) : length(a));
        yield return new Function("char_length", 1, 1, Fixed(number, text), length);
        yield return new Function("character_length", 1, 1, Fixed(number, text), length);
        yield return new Function("octet_length", 1, 1, LengthType, a => SqlValue.FromInt32(a[0].Kind == SqlKind.Bytes
            ? a[0].AsBytes().Length : Encoding.UTF8.GetByteCount(a[0].AsText())));
        yield return new Function("substring", 2, 3, Fixed(text, text, number), substring);
        yield return new Function("substr", 2, 3, Fixed(text, text, number), substring);
        yield return new Function("trim", 1, 2, oneText, trim);
        yield return new Function("btrim", 1, 2, oneText, trim);
        yield return new Function(
            "ltrim", 1, 2, oneText, a => SqlValue.FromText(a[0].AsText().TrimStart(TrimSet(a))));
        yield return new Function("rtrim", 1, 2, oneText, a => SqlValue.FromText(a[0].AsText().TrimEnd(TrimSet(a))));
        yield return new Function("replace", 3, 3, oneText, Replace);
        yield return new Function("concat", 1, Many, ConcatType, Concat, TakesNulls: true);
        yield return new Function("left", 2, 2, Fixed(text, text, number), a => Left(a[0].AsText(), a[1].AsInt32()));
        yield return new Function("right", 2, 2, Fixed(text, text, number), a => Right(a[0].AsText(), a[1].AsInt32()));
        yield return new Function(
            "position", 2, 2, Fixed(number, text), a => Position(a[1].AsText(), a[0].AsText()));
        yield return new Function("strpos", 2, 2, Fixed(number, text), a => Position(a[0].AsText(), a[1].AsText()));
        yield return new Function("starts_with", 2, 2, Fixed(SqlType.Boolean, text), a => SqlValue.FromBoolean(
            a[0].AsText().StartsWith(a[1].AsText(), StringComparison.Ordinal)));
        yield return new Function("reverse", 1, 1, oneText, a => SqlValue.FromText(
            string.Concat(a[0].AsText().EnumerateRunes().Reverse().Select(r => r.ToString()))));
        yield return new Function("repeat", 2, 2, Fixed(text, text, number), Repeat);
        yield return new Function("lpad", 2, 3, Fixed(text, text, number, text), a => Pad(a, atStart: true));
        yield return new Function("rpad", 2, 3, Fixed(text, text, number, text), a => Pad(a, atStart: false));
    }

    private static SqlType? LengthType(Node[] arguments) =>
        arguments[0] is { IsUntyped: false, Type.Kind: SqlKind.Bytes }
            ? SqlType.Int32
            : Fixed(SqlType.Int32, SqlType.Text)(arguments);

    private static SqlType? ConcatType(Node[] arguments)
    {
        for (int i = 0; i < arguments.Length; i++)
        {
            arguments[i] = Coercion.To(arguments[i], SqlType.Text, CastContext.Explicit);
        }

        return SqlType.Text;
    }

    private static SqlValue Concat(ReadOnlySpan<SqlValue> arguments)
    {
        var text = new StringBuilder();
        foreach (SqlValue argument in arguments)
        {
            text.Append(argument.IsNull ? string.Empty : argument.AsText());
            CheckLength(text.Length);
        }

        return SqlValue.FromText(text.ToString());
    }

    private static SqlValue Replace(ReadOnlySpan<SqlValue> a)
    {
        string text = a[0].AsText();
        string from = a[1].AsText();
        string to = a[2].AsText();
        if (from.Length == 0)
        {
            return a[0];
        }

        CheckLength((long)text.AsSpan().Count(from) * to.Length);
        return SqlValue.FromText(text.Replace(from, to, StringComparison.Ordinal));
    }

    private static SqlValue Repeat(ReadOnlySpan<SqlValue> a)
    {
        string text = a[0].AsText();
        int count = Math.Max(a[1].AsInt32(), 0);
        CheckLength((long)text.Length * count);
        return SqlValue.FromText(new StringBuilder().Insert(0, text, text.Length == 0 ? 0 : count).ToString());
    }

    private static SqlValue Pad(ReadOnlySpan<SqlValue> a, bool atStart)
    {
        string text = a[0].AsText();
        int width = Math.Max(a[1].AsInt32(), 0);
        string fill = a.Length > 2 ? a[2].AsText() : " ";
        CheckLength(width);
        int missing = width - CountCharacters(text);
        if (missing <= 0 || fill.Length == 0)
        {
            return SqlValue.FromText(text[..Offset(text, width)]);
        }

        Rune[] runes = [.. fill.EnumerateRunes()];
        var padding = new StringBuilder();
        for (int i = 0; i < missing; i++)
        {
            padding.Append(runes[i % runes.Length].ToString());
        }

        return SqlValue.FromText(atStart ? padding + text : text + padding);
    }

    /// <summary>SQL's substring: positions count from 1 and may lie outside of the text.</summary>
    private static SqlValue Substring(string text, int start, int? length)
    {
        if (length < 0)
        {
            throw new SqlException(SqlStates.SubstringError, "negative substring length not allowed");
        }

        long end = length is null ? long.MaxValue : (long)start + length.Value;
        int from = Offset(text, Math.Max(start, 1) - 1L);
        int to = Offset(text, Math.Max(end, 1) - 1);
        return SqlValue.FromText(to > from ? text[from..to] : string.Empty);
    }

    private static SqlValue Left(string text, int count) =>
        SqlValue.FromText(text[..Offset(text, count >= 0 ? count : CountCharacters(text) + (long)count)]);

    private static SqlValue Right(string text, int count)
    {
        long skipped = count >= 0 ? (long)CountCharacters(text) - count : -(long)count;
        return SqlValue.FromText(text[Offset(text, skipped)..]);
    }

    private static SqlValue Position(string text, string part)
    {
        int index = text.IndexOf(part, StringComparison.Ordinal);
        return SqlValue.FromInt32(index < 0 ? 0 : CountCharacters(text.AsSpan(0, index)) + 1);
    }

    private static char[] TrimSet(ReadOnlySpan<SqlValue> a) => a.Length > 1 ? a[1].AsText().ToCharArray() : [' '];

    private static int CountCharacters(ReadOnlySpan<char> text)
    {
        int count = 0;
        foreach (char c in text)
        {
            count += char.IsLowSurrogate(c) ? 0 : 1;
        }

        return count;
    }

    /// <summary>Index of the character after so many; the text's length when it has fewer.</summary>
    private static int Offset(string text, long characters)
    {
        int at = 0;
        for (long i = 0; i < characters && at < text.Length; i++)
        {
            at += at + 1 < text.Length && char.IsSurrogatePair(text[at], text[at + 1]) ? 2 : 1;
        }

        return at;
    }
}
