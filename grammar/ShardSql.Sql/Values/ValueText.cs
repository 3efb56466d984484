using System;
using System.Buffers;
using System.Globalization;
using ShardSql.Sql.Tree;

namespace ShardSql.Sql.Values;

/// <summary>Values to text and back, as PostgreSQL's output and input functions do.</summary>
internal static class ValueText
{
    private static readonly SearchValues<char> s_hexDigits = SearchValues.Create("0123456789abcdefABCDEF");

    public static string Format(SqlValue value) => value.Kind switch
    {
        SqlKind.Boolean => value.AsBoolean() ? "true" : "false",
        SqlKind.Int16 or SqlKind.Int32 or SqlKind.Int64 => value.AsInt64().ToString(CultureInfo.InvariantCulture),
        SqlKind.Decimal => value.AsDecimal().ToString(),
        SqlKind.Real => FormatFloating(value.AsReal().ToString("R", CultureInfo.InvariantCulture)),
        SqlKind.Double => FormatFloating(value.AsDouble().ToString("R", CultureInfo.InvariantCulture)),
        SqlKind.Text or SqlKind.Json => value.AsText(),
        SqlKind.Bytes => "\\x" + Convert.ToHexStringLower(value.AsBytes()),
        SqlKind.Uuid => value.AsUuid().ToString("D"),
        SqlKind.Date => TemporalText.FormatDate(value.AsDate()),
        SqlKind.Time => TemporalText.FormatTime(value.AsTime()),
        SqlKind.Timestamp => TemporalText.FormatTimestamp(value.AsTimestamp()),
        SqlKind.Timestamptz => TemporalText.FormatTimestamp(value.AsTimestampTz()) + "+00",
        _ => throw new InvalidOperationException("a kind that has no text"),
    };

    /// <summary>Reads a value of a kind; 22P02, 22003 or 22007 when the text is none.</summary>
    public static SqlValue Parse(string text, SqlKind kind)
    {
        ReadOnlySpan<char> trimmed = text.AsSpan().Trim();
        return kind switch
        {
            SqlKind.Boolean => ParseBoolean(trimmed, text),
            SqlKind.Int16 => SqlValue.FromInt16((short)ParseInteger(trimmed, short.MinValue, short.MaxValue, kind)),
            SqlKind.Int32 => SqlValue.FromInt32((int)ParseInteger(trimmed, int.MinValue, int.MaxValue, kind)),
            SqlKind.Int64 => SqlValue.FromInt64(ParseInteger(trimmed, long.MinValue, long.MaxValue, kind)),
            SqlKind.Decimal => SqlValue.FromDecimal(Decimal38.Parse(trimmed)),
            SqlKind.Real => SqlValue.FromReal(ParseSingle(trimmed)),
            SqlKind.Double => SqlValue.FromDouble(ParseDouble(trimmed, kind)),
            SqlKind.Text => SqlValue.FromText(text),
            SqlKind.Json => SqlValue.FromJson(JsonText.Check(text)),
            SqlKind.Bytes => SqlValue.FromBytes(ParseBytes(text)),
            SqlKind.Uuid => Guid.TryParse(trimmed, out Guid id) ? SqlValue.FromUuid(id) : throw Invalid(kind, text),
            SqlKind.Date => SqlValue.FromDate(TemporalText.ParseDate(trimmed)),
            SqlKind.Time => SqlValue.FromTime(TemporalText.ParseTime(trimmed)),
            SqlKind.Timestamp => SqlValue.FromTimestamp(TemporalText.ParseTimestamp(trimmed)),
            SqlKind.Timestamptz => SqlValue.FromTimestampTz(TemporalText.ParseTimestampTz(trimmed)),
            _ => throw Invalid(kind, text),
        };
    }

    public static SqlException Invalid(SqlKind kind, ReadOnlySpan<char> text) => new(
        SqlStates.InvalidTextRepresentation,
        $"invalid input syntax for type {new SqlType(kind)}: \"{Excerpt.Of(text)}\"");

    private static SqlValue ParseBoolean(ReadOnlySpan<char> trimmed, string text)
    {
        Span<char> lower = stackalloc char[8];
        int length = trimmed.Length <= lower.Length ? trimmed.ToLowerInvariant(lower) : 0;
        return lower[..Math.Max(length, 0)] switch
        {
            "t" or "true" or "y" or "yes" or "on" or "1" => SqlValue.True,
            "f" or "false" or "n" or "no" or "off" or "0" => SqlValue.False,
            _ => throw Invalid(SqlKind.Boolean, text),
        };
    }

    private static long ParseInteger(ReadOnlySpan<char> text, long min, long max, SqlKind kind)
    {
        if (!Int128.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out Int128 value))
        {
            throw IsDigits(text) ? OutOfRange(kind, text) : Invalid(kind, text);
        }

        return value >= min && value <= max ? (long)value : throw OutOfRange(kind, text);
    }

    private static bool IsDigits(ReadOnlySpan<char> text)
    {
        ReadOnlySpan<char> digits = text.TrimStart("+-");
        return text.Length - digits.Length <= 1 && !digits.IsEmpty && !digits.ContainsAnyExceptInRange('0', '9');
    }

    private static SqlException OutOfRange(SqlKind kind, ReadOnlySpan<char> text) => new(
        SqlStates.NumericOutOfRange, $"value \"{Excerpt.Of(text)}\" is out of range for type {new SqlType(kind)}");

    private static float ParseSingle(ReadOnlySpan<char> text)
    {
        double wide = ParseDouble(text, SqlKind.Real);
        float value = float.IsFinite((float)wide) && double.IsFinite(wide)
            ? float.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture)
            : (float)wide;
        return float.IsInfinity(value) && !double.IsInfinity(wide) ? throw OutOfRange(SqlKind.Real, text) : value;
    }

    private static double ParseDouble(ReadOnlySpan<char> text, SqlKind kind)
    {
        const StringComparison IgnoreCase = StringComparison.OrdinalIgnoreCase;
        ReadOnlySpan<char> name = text.TrimStart("+-");
        bool negative = text.Length > 0 && text[0] == '-';
        if (text.Length - name.Length <= 1
            && (name.Equals("infinity", IgnoreCase) || name.Equals("inf", IgnoreCase)))
        {
            return negative ? double.NegativeInfinity : double.PositiveInfinity;
        }

        if (text.Equals("nan", IgnoreCase))
        {
            return double.NaN;
        }

        bool plain = !name.IsEmpty && (char.IsAsciiDigit(name[0]) || name[0] == '.');
        if (!plain || !double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value))
        {
            throw Invalid(kind, text);
        }

        return double.IsFinite(value) ? value : throw OutOfRange(kind, text);
    }

    private static byte[] ParseBytes(string text)
    {
        if (!text.StartsWith("\\x", StringComparison.Ordinal))
        {
            return System.Text.Encoding.UTF8.GetBytes(text);
        }

        ReadOnlySpan<char> digits = text.AsSpan(2);
        return digits.Length % 2 == 0 && !digits.ContainsAnyExcept(s_hexDigits)
            ? Convert.FromHexString(digits)
            : throw Invalid(SqlKind.Bytes, text);
    }

    /// <summary>.NET writes 1E+20 where PostgreSQL writes 1e+20, and "NaN", "Infinity" alike.</summary>
    private static string FormatFloating(string text) => text switch
    {
        "∞" => "Infinity",
        "-∞" => "-Infinity",
        "-0" => "-0",
        _ => text.Contains('E', StringComparison.Ordinal) && text[^1] != 'y'
            ? text.Replace('E', 'e')
            : text,
    };
}
