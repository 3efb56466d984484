using System;
using System.Numerics;
using ShardSql.Primitives;

namespace ShardSql.Sql.Values;

/// <summary>
/// A decimal of up to 38 digits: an unscaled whole number and the count of digits behind the point (0 to 38). Sums and
/// products are exact while they fit; fraction digits beyond the 38th are rounded half away from zero; a whole part
/// that does not fit is 22003. Equal values compare and hash equal whatever their scale (1.0 and 1.00).
/// </summary>
public readonly partial struct Decimal38 : IEquatable<Decimal38>, IComparable<Decimal38>
{
    /// <summary>Digits that a value can have, and the largest scale.</summary>
    public const int MaxDigits = 38;

    private static readonly Int128[] s_powers = MakePowers();

    private readonly Int128 _unscaled;
    private readonly byte _scale;

    /// <summary>unscaled × 10^−scale; 22003 beyond 38 digits.</summary>
    public Decimal38(Int128 unscaled, int scale)
    {
        if ((uint)scale > MaxDigits || Int128.Abs(unscaled) >= s_powers[MaxDigits])
        {
            throw Overflow();
        }

        _unscaled = unscaled;
        _scale = (byte)scale;
    }

    /// <summary>0</summary>
    public static Decimal38 Zero => default;

    /// <summary>1</summary>
    public static Decimal38 One => new(1, 0);

    /// <summary>All digits as one whole number.</summary>
    public Int128 Unscaled => _unscaled;

    /// <summary>How many of the digits stand behind the point.</summary>
    public int Scale => _scale;

    /// <summary>−1, 0 or 1.</summary>
    public int Sign => Int128.Sign(_unscaled);

    /// <summary>Digits of the unscaled number, 1 for zero.</summary>
    public int Digits => CountDigits(_unscaled);

    /// <summary>Sum.</summary>
    public static Decimal38 operator +(Decimal38 left, Decimal38 right)
    {
        if (left._scale == right._scale)
        {
            return Sum(left._unscaled, right._unscaled, left._scale);
        }

        int scale = Math.Max(left._scale, right._scale);
        return TryAlign(left, scale, out Int128 a) && TryAlign(right, scale, out Int128 b)
            ? Sum(a, b, scale)
            : Fit(Wide(left, scale) + Wide(right, scale), scale);
    }

    /// <summary>Difference.</summary>
    public static Decimal38 operator -(Decimal38 left, Decimal38 right) => left + -right;

    /// <summary>The negative.</summary>
    public static Decimal38 operator -(Decimal38 value) => new(-value._unscaled, value._scale);

    /// <summary>Product.</summary>
    public static Decimal38 operator *(Decimal38 left, Decimal38 right)
    {
        int scale = left._scale + right._scale;
        return scale <= MaxDigits && CountDigits(left._unscaled) + CountDigits(right._unscaled) <= MaxDigits
            ? new Decimal38(left._unscaled * right._unscaled, scale)
            : Fit((BigInteger)left._unscaled * right._unscaled, scale);
    }

    /// <summary>Quotient, with as many digits as PostgreSQL gives; 22012 by zero.</summary>
    public static Decimal38 operator /(Decimal38 left, Decimal38 right)
    {
        if (right._unscaled == 0)
        {
            throw new SqlException(SqlStates.DivisionByZero, "division by zero");
        }

        int scale = DivisionScale(left, right);
        int shift = scale + right._scale - left._scale;
        BigInteger dividend = left._unscaled;
        BigInteger divisor = right._unscaled;
        if (shift >= 0)
        {
            dividend *= BigInteger.Pow(10, shift);
        }
        else
        {
            divisor *= BigInteger.Pow(10, -shift);
        }

        return Fit(DivideRounded(dividend, divisor), scale);
    }

    /// <summary>Remainder, with the sign of the dividend; 22012 by zero.</summary>
    public static Decimal38 operator %(Decimal38 left, Decimal38 right)
    {
        if (right._unscaled == 0)
        {
            throw new SqlException(SqlStates.DivisionByZero, "division by zero");
        }

        int scale = Math.Max(left._scale, right._scale);
        return Fit(BigInteger.Remainder(Wide(left, scale), Wide(right, scale)), scale);
    }

    /// <summary>Equality of the values.</summary>
    public static bool operator ==(Decimal38 left, Decimal38 right) => left.CompareTo(right) == 0;

    /// <summary>Inequality of the values.</summary>
    public static bool operator !=(Decimal38 left, Decimal38 right) => left.CompareTo(right) != 0;

    /// <summary>Order.</summary>
    public static bool operator <(Decimal38 left, Decimal38 right) => left.CompareTo(right) < 0;

    /// <summary>Order.</summary>
    public static bool operator >(Decimal38 left, Decimal38 right) => left.CompareTo(right) > 0;

    /// <summary>Order.</summary>
    public static bool operator <=(Decimal38 left, Decimal38 right) => left.CompareTo(right) <= 0;

    /// <summary>Order.</summary>
    public static bool operator >=(Decimal38 left, Decimal38 right) => left.CompareTo(right) >= 0;

    /// <summary>The value without a sign.</summary>
    public Decimal38 Abs() => new(Int128.Abs(_unscaled), _scale);

    /// <summary>The value at another scale, rounded half away from zero; a negative scale rounds whole
    /// digits.</summary>
    public Decimal38 Round(int scale)
    {
        if (scale >= _scale)
        {
            return Fit(Wide(this, Math.Min(scale, MaxDigits)), Math.Min(scale, MaxDigits));
        }

        int dropped = _scale - scale;
        if (dropped > MaxDigits)
        {
            return new Decimal38(0, Math.Max(scale, 0));
        }

        BigInteger rounded = DivideRounded(_unscaled, BigInteger.Pow(10, dropped));
        return scale >= 0 ? Fit(rounded, scale) : Fit(rounded * BigInteger.Pow(10, -scale), 0);
    }

    /// <summary>The value cut to a scale, towards zero.</summary>
    public Decimal38 Truncate(int scale) =>
        scale >= _scale ? this : new Decimal38(_unscaled / s_powers[_scale - scale], scale);

    /// <summary>The largest whole number not above the value.</summary>
    public Decimal38 Floor()
    {
        Int128 whole = _unscaled / s_powers[_scale];
        return new Decimal38(_unscaled < 0 && _unscaled % s_powers[_scale] != 0 ? whole - 1 : whole, 0);
    }

    /// <summary>The smallest whole number not below the value.</summary>
    public Decimal38 Ceiling() => -(-this).Floor();

    /// <summary>The same value with the smallest scale.</summary>
    public Decimal38 Normalize()
    {
        Int128 unscaled = _unscaled;
        int scale = _scale;
        while (scale > 0 && unscaled % 10 == 0)
        {
            unscaled /= 10;
            scale--;
        }

        return new Decimal38(unscaled, scale);
    }

    /// <inheritdoc />
    public int CompareTo(Decimal38 other)
    {
        if (_scale == other._scale)
        {
            return _unscaled.CompareTo(other._unscaled);
        }

        int scale = Math.Max(_scale, other._scale);
        return TryAlign(this, scale, out Int128 a) && TryAlign(other, scale, out Int128 b)
            ? a.CompareTo(b)
            : Wide(this, scale).CompareTo(Wide(other, scale));
    }

    /// <inheritdoc />
    public bool Equals(Decimal38 other) => CompareTo(other) == 0;

    /// <inheritdoc />
    public override bool Equals(object? obj) => obj is Decimal38 other && Equals(other);

    /// <inheritdoc />
    public override int GetHashCode()
    {
        Decimal38 plain = Normalize();
        ulong high = Hash64.Combine(plain._scale, (ulong)(plain._unscaled >> 64));
        return (int)Hash64.Combine(high, (ulong)plain._unscaled);
    }

    internal static int CountDigits(Int128 value)
    {
        Int128 rest = Int128.Abs(value);
        if (rest < s_powers[18])
        {
            long small = (long)rest;
            int count = 1;
            while (small >= 10)
            {
                small /= 10;
                count++;
            }

            return count;
        }

        int digits = 19;
        while (digits < MaxDigits && rest >= s_powers[digits])
        {
            digits++;
        }

        return digits;
    }

    /// <summary>10 to the power, from 0 to <see cref="MaxDigits"/>.</summary>
    public static Int128 PowerOfTen(int exponent) => s_powers[exponent];

    /// <summary>A whole number of any size at a scale, rounded into 38 digits.</summary>
    internal static Decimal38 Fit(BigInteger unscaled, int scale)
    {
        while (true)
        {
            int digits = DigitsOf(unscaled);
            int excess = Math.Max(digits - MaxDigits, scale - MaxDigits);
            if (excess <= 0)
            {
                return new Decimal38((Int128)unscaled, scale);
            }

            if (excess > scale)
            {
                throw Overflow();
            }

            unscaled = DivideRounded(unscaled, BigInteger.Pow(10, excess));
            scale -= excess;
        }
    }

    internal static SqlException Overflow() =>
        new(SqlStates.NumericOutOfRange, "decimal out of range: a value has at most 38 digits");

    private static Decimal38 Sum(Int128 left, Int128 right, int scale)
    {
        // Two numbers below half of the limit cannot pass it together, nor 2^127.
        Int128 half = s_powers[MaxDigits] / 2;
        return Int128.Abs(left) < half && Int128.Abs(right) < half
            ? new Decimal38(left + right, scale)
            : Fit((BigInteger)left + right, scale);
    }

    private static bool TryAlign(Decimal38 value, int scale, out Int128 aligned)
    {
        int shift = scale - value._scale;
        if (CountDigits(value._unscaled) + shift <= MaxDigits)
        {
            aligned = value._unscaled * s_powers[shift];
            return true;
        }

        aligned = 0;
        return false;
    }

    private static BigInteger Wide(Decimal38 value, int scale) =>
        (BigInteger)value._unscaled * BigInteger.Pow(10, scale - value._scale);

    private static BigInteger DivideRounded(BigInteger dividend, BigInteger divisor)
    {
        BigInteger quotient = BigInteger.DivRem(dividend, divisor, out BigInteger remainder);
        return BigInteger.Abs(remainder) * 2 >= BigInteger.Abs(divisor)
            ? quotient + (dividend.Sign * divisor.Sign)
            : quotient;
    }

    private static int DigitsOf(BigInteger value)
    {
        BigInteger rest = BigInteger.Abs(value);
        int digits = rest.IsZero ? 1 : Math.Max(1, (int)((rest.GetBitLength() - 1) * 0.30103));
        while (rest >= BigInteger.Pow(10, digits))
        {
            digits++;
        }

        return digits;
    }

    /// <summary>PostgreSQL's select_div_scale: at least 16 significant digits, counted in groups of four.</summary>
    private static int DivisionScale(Decimal38 left, Decimal38 right)
    {
        (int leftWeight, int leftFirst) = LeadingGroup(left);
        (int rightWeight, int rightFirst) = LeadingGroup(right);
        int weight = leftWeight - rightWeight - (leftFirst <= rightFirst ? 1 : 0);
        int scale = Math.Max(16 - (weight * 4), Math.Max(left._scale, right._scale));
        return Math.Clamp(scale, 0, MaxDigits);
    }

    private static (int Weight, int First) LeadingGroup(Decimal38 value)
    {
        if (value._unscaled == 0)
        {
            return (0, 0);
        }

        int exponent = CountDigits(value._unscaled) - value._scale - 1;
        int weight = exponent >= 0 ? exponent / 4 : (exponent - 3) / 4;
        int shift = value._scale + (weight * 4);
        Int128 magnitude = Int128.Abs(value._unscaled);
        return (weight, (int)(shift >= 0 ? magnitude / s_powers[shift] : magnitude * s_powers[-shift]));
    }

    private static Int128[] MakePowers()
    {
        var powers = new Int128[MaxDigits + 1];
        powers[0] = 1;
        for (int i = 1; i < powers.Length; i++)
        {
            powers[i] = powers[i - 1] * 10;
        }

        return powers;
    }
}
