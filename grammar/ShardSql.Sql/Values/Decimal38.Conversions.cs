using System;
using System.Globalization;
using System.Numerics;

namespace ShardSql.Sql.Values;

/// <content>Text, System.Decimal, whole numbers and doubles.</content>
public readonly partial struct Decimal38
{
    private const int MaxExponent = 1000;

    /// <summary>A whole number.</summary>
    public static implicit operator Decimal38(long value) => new(value, 0);

    /// <summary>Every System.Decimal fits.</summary>
    public static Decimal38 FromDecimal(decimal value)
    {
        Span<int> bits = stackalloc int[4];
        decimal.GetBits(value, bits);
        Int128 magnitude = ((Int128)(uint)bits[2] << 64) | ((Int128)(uint)bits[1] << 32) | (uint)bits[0];
        return new Decimal38(bits[3] < 0 ? -magnitude : magnitude, (bits[3] >> 16) & 0xFF);
    }

    /// <summary>The shortest decimal of 15 significant digits, as PostgreSQL converts a double; NaN is 22003.</summary>
    public static Decimal38 FromDouble(double value) => FromFloatingText(
        double.IsFinite(value) ? value.ToString("E14", CultureInfo.InvariantCulture) : null);

    /// <summary>As <see cref="FromDouble"/>, with 6 significant digits.</summary>
    public static Decimal38 FromSingle(float value) => FromFloatingText(
        float.IsFinite(value) ? value.ToString("E5", CultureInfo.InvariantCulture) : null);

    /// <summary>Reads digits with an optional sign, point and exponent. False when it is no number; 22003 when it does
    /// not fit.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out Decimal38 value)
    {
        value = default;
        int at = 0;
        bool negative = at < text.Length && text[at] == '-';
        if (negative || (at < text.Length && text[at] == '+'))
        {
            at++;
        }

        int start = at;
        int scale = 0;
        bool point = false;
        int digits = 0;
        for (; at < text.Length && (char.IsAsciiDigit(text[at]) || (text[at] == '.' && !point)); at++)
        {
            if (text[at] == '.')
            {
                point = true;
                continue;
            }

            digits++;
            scale += point ? 1 : 0;
        }

        ReadOnlySpan<char> mantissa = text[start..at];
        if (digits == 0 || !TryParseExponent(text[at..], out int exponent))
        {
            return false;
        }

        value = FromDigits(mantissa, negative, scale - exponent);
        return true;
    }

    /// <summary>Reads a decimal; 22P02 when it is none.</summary>
    public static Decimal38 Parse(ReadOnlySpan<char> text) => TryParse(text, out Decimal38 value)
        ? value
        : throw new SqlException(
            SqlStates.InvalidTextRepresentation, $"invalid input syntax for type decimal: \"{Excerpt.Of(text)}\"");

    /// <summary>As System.Decimal, fraction digits rounded to the 28 or 29 that it holds. False when the whole part
    /// does not fit.</summary>
    public bool TryToDecimal(out decimal value)
    {
        value = 0;
        Int128 limit = Int128.One << 96;
        for (int scale = Math.Min(Scale, 28); scale >= 0; scale--)
        {
            Decimal38 rounded = Round(scale);
            Int128 magnitude = Int128.Abs(rounded._unscaled);
            if (magnitude < limit)
            {
                value = new decimal(
                    (int)(uint)(magnitude & uint.MaxValue),
                    (int)(uint)((magnitude >> 32) & uint.MaxValue),
                    (int)(uint)(magnitude >> 64),
                    rounded._unscaled < 0,
                    (byte)rounded.Scale);
                return true;
            }
        }

        return false;
    }

    /// <summary>As System.Decimal; OverflowException when the whole part does not fit.</summary>
    public decimal ToDecimal() => TryToDecimal(out decimal value)
        ? value
        : throw new OverflowException($"{ToString()} does not fit System.Decimal.");

    /// <summary>The nearest double.</summary>
    public double ToDouble() => double.Parse(ToString(), NumberStyles.Float, CultureInfo.InvariantCulture);

    /// <summary>As a 64-bit whole number, rounded half away from zero; false when it does not fit.</summary>
    public bool TryToInt64(out long value)
    {
        Int128 whole = Round(0)._unscaled;
        bool fits = whole >= long.MinValue && whole <= long.MaxValue;
        value = fits ? (long)whole : 0;
        return fits;
    }

    /// <summary>Plain digits, with as many behind the point as the scale says.</summary>
    public override string ToString()
    {
        string digits = Int128.Abs(_unscaled).ToString(CultureInfo.InvariantCulture);
        if (_scale > 0)
        {
            digits = digits.PadLeft(_scale + 1, '0').Insert(Math.Max(digits.Length, _scale + 1) - _scale, ".");
        }

        return _unscaled < 0 ? "-" + digits : digits;
    }

    private static Decimal38 FromFloatingText(string? text)
    {
        if (text is null)
        {
            throw new SqlException(SqlStates.NumericOutOfRange, "NaN and infinity are not decimals");
        }

        return Parse(text).Normalize();
    }

    private static bool TryParseExponent(ReadOnlySpan<char> text, out int exponent)
    {
        exponent = 0;
        return text.IsEmpty
            || (text.Length is > 1 and < 8
                && text[0] is 'e' or 'E'
                && int.TryParse(text[1..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent)
                && Math.Abs(exponent) <= MaxExponent);
    }

    private static Decimal38 FromDigits(ReadOnlySpan<char> mantissa, bool negative, int scale)
    {
        BigInteger unscaled;
        if (mantissa.Length <= 18)
        {
            long small = 0;
            foreach (char c in mantissa)
            {
                small = c == '.' ? small : (small * 10) + (c - '0');
            }

            unscaled = small;
        }
        else
        {
            string digits = mantissa.ToString().Replace(".", string.Empty, StringComparison.Ordinal).TrimStart('0');
            if (digits.Length > MaxExponent)
            {
                throw Overflow();
            }

            unscaled = digits.Length == 0 ? 0 : BigInteger.Parse(digits, CultureInfo.InvariantCulture);
        }

        unscaled = negative ? -unscaled : unscaled;
        return unscaled.IsZero ? new Decimal38(0, Math.Clamp(scale, 0, MaxDigits))
            : scale >= 0 ? Fit(unscaled, scale)
            : scale < -MaxDigits ? throw Overflow()
            : Fit(unscaled * BigInteger.Pow(10, -scale), 0);
    }
}
