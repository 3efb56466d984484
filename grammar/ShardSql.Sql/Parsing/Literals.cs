using System;
using System.Globalization;
using System.Text;
using Antlr4.Runtime;
using ShardSql.Sql.Generated;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Sql.Parsing;

/// <summary>Literals to values, typed as PostgreSQL types them.</summary>
internal static class Literals
{
    public static SqlValue Read(ShardSqlParser.LiteralContext context)
    {
        IToken token = context.Start;
        try
        {
            return context switch
            {
                ShardSqlParser.NullLiteralContext => SqlValue.Null,
                ShardSqlParser.BooleanLiteralContext => SqlValue.FromBoolean(token.Type == ShardSqlLexer.TRUE),
                ShardSqlParser.IntegerLiteralContext => Integer(token.Text),
                ShardSqlParser.DecimalLiteralContext => Number(token.Text),
                ShardSqlParser.TextLiteralContext => SqlValue.FromText(Text(token)),
                ShardSqlParser.BytesLiteralContext => Bytes(token),
                ShardSqlParser.TypedLiteralContext typed => Typed(typed),
                _ => throw new InvalidOperationException("an unknown literal"),
            };
        }
        catch (SqlException e) when (e.Position == 0)
        {
            throw new SqlException(e.SqlState, e.Message, token.StartIndex + 1) { Hint = e.Hint };
        }
    }

    /// <summary>A negated number literal, narrowed where only the sign makes it fit.</summary>
    public static SqlValue Negate(SqlValue value)
    {
        switch (value.Kind)
        {
            case SqlKind.Int32:
                return SqlValue.FromInt32(-value.AsInt32());
            case SqlKind.Int64:
                long number = -value.AsInt64();
                return number == int.MinValue ? SqlValue.FromInt32(int.MinValue) : SqlValue.FromInt64(number);
            case SqlKind.Double:
                return SqlValue.FromDouble(-value.AsDouble());
            default:
                Decimal38 negated = -value.AsDecimal();
                return negated.Scale == 0 && negated.Unscaled == long.MinValue
                    ? SqlValue.FromInt64(long.MinValue)
                    : SqlValue.FromDecimal(negated);
        }
    }

    /// <summary>The content of a string token.</summary>
    public static string Text(IToken token)
    {
        string text = token.Text;
        return token.Type == ShardSqlLexer.ESCAPE_STRING
            ? Unescape(text.AsSpan(2, text.Length - 3), token)
            : text[1..^1].Replace("''", "'", StringComparison.Ordinal);
    }

    private static SqlValue Integer(string digits)
    {
        if (!long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out long number))
        {
            return SqlValue.FromDecimal(Decimal38.Parse(digits));
        }

        return number <= int.MaxValue ? SqlValue.FromInt32((int)number) : SqlValue.FromInt64(number);
    }

    // An exponent may lead out of what 38 digits hold; rounded to them the number would be another.
    private static SqlValue Number(string text)
    {
        const double DecimalEnd = 1e38;
        if (text.AsSpan().IndexOfAny('e', 'E') < 0)
        {
            return SqlValue.FromDecimal(Decimal38.Parse(text));
        }

        double number = double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
        if (!double.IsFinite(number))
        {
            throw new SqlException(SqlStates.NumericOutOfRange, $"\"{Excerpt.Of(text)}\" is out of range for type double");
        }

        if (number < DecimalEnd && Decimal38.TryParse(text, out Decimal38 exact) && exact.ToDouble() == number)
        {
            return SqlValue.FromDecimal(exact);
        }

        return SqlValue.FromDouble(number);
    }

    private static SqlValue Bytes(IToken token)
    {
        string digits = token.Text[2..^1];
        return SqlCast.To(SqlValue.FromText("\\x" + digits), SqlType.Bytes, isExplicit: true);
    }

    private static SqlValue Typed(ShardSqlParser.TypedLiteralContext context)
    {
        string name = Names.Fold(context.identifier()) + (context.PRECISION() is null ? string.Empty : " precision");
        SqlType type = TypeNames.Resolve(name, context.Start.StartIndex + 1);
        return SqlCast.To(SqlValue.FromText(Text(context.STRING().Symbol)), type, isExplicit: true);
    }

    private static string Unescape(ReadOnlySpan<char> text, IToken token)
    {
        var plain = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (c == '\'')
            {
                i++;
            }

            if (c != '\\')
            {
                plain.Append(c);
                continue;
            }

            i++;
            plain.Append(text[i] switch
            {
                'b' => '\b',
                'f' => '\f',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'x' => Hex(text, ref i, 2, token),
                'u' => Hex(text, ref i, 4, token),
                char other => other,
            });
        }

        return plain.ToString();
    }

    private static char Hex(ReadOnlySpan<char> text, ref int at, int length, IToken token)
    {
        if (at + length < text.Length
            && ushort.TryParse(
                text.Slice(at + 1, length),
                NumberStyles.AllowHexSpecifier,
                CultureInfo.InvariantCulture,
                out ushort code)
            && code != 0)
        {
            at += length;
            return (char)code;
        }

        throw new SqlException(SqlStates.InvalidEscapeSequence, "invalid escape in a string", token.StartIndex + 1);
    }
}
