using System;
using System.Globalization;
using System.Text;
using ShardSql.Sql.Tree;

namespace ShardSql.Sql.Values;

/// <summary>
/// Conversions between types, as PostgreSQL's casts and assignments. An assignment is stricter than an explicit cast:
/// text longer than varchar(n) is 22001 (a cast cuts it), fraction digits beyond the scale of a decimal(p, s) are 22003
/// (a cast rounds), and pairs that only an explicit cast may join are 42804.
/// </summary>
public static class SqlCast
{
    /// <summary>Converts a value. NULL stays NULL and takes the type.</summary>
    public static SqlValue To(SqlValue value, SqlType type, bool isExplicit)
    {
        if (type.Kind == SqlKind.Null)
        {
            return value;
        }

        if (value.IsNull)
        {
            return SqlValue.NullOf(type.Kind);
        }

        if (value.Kind == type.Kind)
        {
            return Fit(value, type, isExplicit);
        }

        CastContext context = isExplicit ? CastContext.Explicit : CastContext.Assignment;
        if (!IsAllowed(value.Kind, type.Kind, context))
        {
            throw NotAllowed(new SqlType(value.Kind), type, context);
        }

        return Fit(Convert(value, type.Kind), type, isExplicit || type.Kind == SqlKind.Decimal);
    }

    /// <summary>Whether values of one kind may become another in a context.</summary>
    public static bool IsAllowed(SqlKind from, SqlKind to, CastContext context)
    {
        if (from == to || from == SqlKind.Null || to == SqlKind.Null)
        {
            return true;
        }

        CastContext? needed = Needed(from, to);
        return needed is not null && context >= needed;
    }

    /// <summary>The error for a pair that does not go together: 42846 for a cast, 42804 for an assignment.</summary>
    public static SqlException NotAllowed(SqlType from, SqlType to, CastContext context, int position = 0) =>
        context == CastContext.Explicit
            ? new SqlException(SqlStates.CannotCoerce, $"cannot cast type {from} to {to}", position)
            : new SqlException(
                SqlStates.DatatypeMismatch, $"a value of type {from} does not fit type {to}", position)
            {
                Hint = Needed(from.Kind, to.Kind) is null ? null : "Write an explicit CAST.",
            };

    /// <summary>The number type that two number types meet in.</summary>
    public static SqlKind PromoteNumeric(SqlKind left, SqlKind right)
    {
        // PostgreSQL: decimal with real or double is double, real with real is real.
        if (left is SqlKind.Real or SqlKind.Double || right is SqlKind.Real or SqlKind.Double)
        {
            return left == SqlKind.Real && right == SqlKind.Real ? SqlKind.Real : SqlKind.Double;
        }

        return left > right ? left : right;
    }

    /// <summary>The narrowest context in which a pair converts; null: never.</summary>
    private static CastContext? Needed(SqlKind from, SqlKind to)
    {
        bool fromNumber = new SqlType(from).IsNumeric;
        bool toNumber = new SqlType(to).IsNumeric;
        if (fromNumber && toNumber)
        {
            return from < to ? CastContext.Implicit : CastContext.Assignment;
        }

        return (from, to) switch
        {
            (_, SqlKind.Text) => CastContext.Assignment,
            (SqlKind.Text, SqlKind.Json) => CastContext.Assignment,
            (SqlKind.Text, _) => CastContext.Explicit,
            (SqlKind.Boolean, SqlKind.Int32) or (SqlKind.Int32, SqlKind.Boolean) => CastContext.Explicit,
            (SqlKind.Date, SqlKind.Timestamp or SqlKind.Timestamptz) => CastContext.Implicit,
            (SqlKind.Timestamp, SqlKind.Timestamptz) => CastContext.Implicit,
            (SqlKind.Timestamp or SqlKind.Timestamptz, SqlKind.Date or SqlKind.Time) => CastContext.Assignment,
            (SqlKind.Timestamptz, SqlKind.Timestamp) => CastContext.Assignment,
            (SqlKind.Bytes, SqlKind.Uuid) or (SqlKind.Uuid, SqlKind.Bytes) => CastContext.Explicit,
            _ => null,
        };
    }

    private static SqlValue Convert(SqlValue value, SqlKind to) => to switch
    {
        SqlKind.Text => SqlValue.FromText(value.ToText()),
        _ when value.Kind == SqlKind.Text => ValueText.Parse(value.AsText(), to),
        SqlKind.Boolean => SqlValue.FromBoolean(value.AsInt32() != 0),
        SqlKind.Int16 or SqlKind.Int32 or SqlKind.Int64 => ToInteger(value, to),
        SqlKind.Decimal => SqlValue.FromDecimal(ToDecimal(value)),
        SqlKind.Real => SqlValue.FromReal(ToReal(value)),
        SqlKind.Double => SqlValue.FromDouble(ToDouble(value)),
        SqlKind.Uuid => ToUuid(value.AsBytes()),
        SqlKind.Bytes => SqlValue.FromBytes(value.AsUuid().ToByteArray(bigEndian: true)),
        _ => ToTemporal(value, to),
    };

    private static SqlValue ToInteger(SqlValue value, SqlKind to)
    {
        long number = value.Kind switch
        {
            SqlKind.Boolean => value.AsBoolean() ? 1 : 0,
            SqlKind.Decimal => value.AsDecimal().TryToInt64(out long whole) ? whole : throw OutOfRange(to),
            SqlKind.Real or SqlKind.Double => Whole(value.AsDouble(), to),
            _ => value.AsInt64(),
        };
        return to switch
        {
            SqlKind.Int16 => number is >= short.MinValue and <= short.MaxValue
                ? SqlValue.FromInt16((short)number) : throw OutOfRange(to),
            SqlKind.Int32 => number is >= int.MinValue and <= int.MaxValue
                ? SqlValue.FromInt32((int)number) : throw OutOfRange(to),
            _ => SqlValue.FromInt64(number),
        };
    }

    private static long Whole(double value, SqlKind to)
    {
        double rounded = Math.Round(value, MidpointRounding.ToEven);
        return rounded is >= -9223372036854775808.0 and < 9223372036854775808.0 ? (long)rounded : throw OutOfRange(to);
    }

    private static Decimal38 ToDecimal(SqlValue value) => value.Kind switch
    {
        SqlKind.Real => Decimal38.FromSingle(value.AsReal()),
        SqlKind.Double => Decimal38.FromDouble(value.AsDouble()),
        _ => value.AsDecimal(),
    };

    private static double ToDouble(SqlValue value) => value.Kind switch
    {
        SqlKind.Real => value.AsReal(),
        SqlKind.Decimal => value.AsDecimal().ToDouble(),
        _ => value.AsInt64(),
    };

    private static float ToReal(SqlValue value)
    {
        double wide = value.Kind == SqlKind.Double ? value.AsDouble() : ToDouble(value);
        float narrow = (float)wide;
        return float.IsInfinity(narrow) && !double.IsInfinity(wide) ? throw OutOfRange(SqlKind.Real) : narrow;
    }

    private static SqlValue ToUuid(byte[] bytes) => bytes.Length == 16
        ? SqlValue.FromUuid(new Guid(bytes, bigEndian: true))
        : throw new SqlException(SqlStates.InvalidBinaryRepresentation, "a uuid has 16 bytes");

    private static SqlValue ToTemporal(SqlValue value, SqlKind to)
    {
        long microseconds = value.Kind switch
        {
            SqlKind.Date => value.AsDate() * TemporalText.MicrosecondsPerDay,
            SqlKind.Timestamp => value.AsTimestamp(),
            _ => value.AsTimestampTz(),
        };
        return to switch
        {
            SqlKind.Date => SqlValue.FromDate(TemporalText.Split(microseconds).Days),
            SqlKind.Time => SqlValue.FromTime(TemporalText.Split(microseconds).Time),
            SqlKind.Timestamp => SqlValue.FromTimestamp(microseconds),
            _ => SqlValue.FromTimestampTz(microseconds),
        };
    }

    private static SqlValue Fit(SqlValue value, SqlType type, bool mayLose)
    {
        if (type.Kind == SqlKind.Text && type.Length > 0)
        {
            return FitText(value, type, mayLose);
        }

        return type.Kind == SqlKind.Decimal && type.Precision > 0 ? FitDecimal(value, type, mayLose) : value;
    }

    private static SqlValue FitText(SqlValue value, SqlType type, bool mayLose)
    {
        string text = value.AsText();
        if (text.Length <= type.Length)
        {
            return value;
        }

        int end = 0;
        int count = 0;
        for (; end < text.Length && count < type.Length; count++)
        {
            Rune.DecodeFromUtf16(text.AsSpan(end), out _, out int consumed);
            end += consumed;
        }

        // As in PostgreSQL, spaces beyond the length are cut silently.
        return end == text.Length ? value
            : mayLose || text.AsSpan(end).Trim(' ').IsEmpty ? SqlValue.FromText(text[..end])
            : throw new SqlException(SqlStates.StringTooLong, $"value too long for type {type}");
    }

    private static SqlValue FitDecimal(SqlValue value, SqlType type, bool mayLose)
    {
        Decimal38 number = value.AsDecimal();
        Decimal38 rounded = number.Round(type.Scale);
        if (!mayLose && rounded != number)
        {
            throw new SqlException(
                SqlStates.NumericOutOfRange, $"value {number} has more fraction digits than {type} keeps")
            {
                Hint = $"Use ROUND(..., {type.Scale.ToString(CultureInfo.InvariantCulture)}) or CAST.",
            };
        }

        if (rounded.Scale != type.Scale || (rounded.Sign != 0 && rounded.Digits > type.Precision))
        {
            throw new SqlException(SqlStates.NumericOutOfRange, $"value {number} is out of range for type {type}");
        }

        return SqlValue.FromDecimal(rounded);
    }

    private static SqlException OutOfRange(SqlKind to) =>
        new(SqlStates.NumericOutOfRange, $"value out of range for type {new SqlType(to)}");
}
