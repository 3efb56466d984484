using System;
using System.Runtime.InteropServices;
using ShardSql.Primitives;
using ShardSql.Sql.Tree;

namespace ShardSql.Sql.Values;

/// <content>Equality, order and hash. The order is total: NULL above everything, NaN above every number, −0 = 0, text
/// by its UTF-8 bytes.</content>
public readonly partial struct SqlValue
{
    /// <summary>Equality as of <see cref="Compare"/>, among values of one kind; two NULLs are equal.</summary>
    public static bool operator ==(SqlValue left, SqlValue right) => left.Equals(right);

    /// <summary>The opposite of equality.</summary>
    public static bool operator !=(SqlValue left, SqlValue right) => !left.Equals(right);

    /// <summary>
    /// The order of ORDER BY, ascending with NULL last. Values must be of one kind, or both numbers: whole numbers and
    /// decimals compare exactly, with a real or double as doubles.
    /// </summary>
    public static int Compare(SqlValue left, SqlValue right)
    {
        if (left.IsNull || right.IsNull)
        {
            return left.IsNull.CompareTo(right.IsNull);
        }

        return left._kind == right._kind ? CompareSameKind(left, right) : CompareNumbers(left, right);
    }

    /// <summary>Order of texts by their UTF-8 bytes, which is the order of their code points.</summary>
    public static int CompareText(string left, string right)
    {
        int common = left.AsSpan().CommonPrefixLength(right);
        if (common == left.Length || common == right.Length)
        {
            return left.Length.CompareTo(right.Length);
        }

        // In UTF-16 the surrogates (U+10000 and above) sort below U+E000..U+FFFF; in UTF-8 above them.
        char a = left[common];
        char b = right[common];
        bool surrogateA = char.IsSurrogate(a);
        return surrogateA == char.IsSurrogate(b) ? a.CompareTo(b) : surrogateA && b >= '\uE000' ? 1
            : !surrogateA && a >= '\uE000' ? -1 : a.CompareTo(b);
    }

    /// <summary>Order of doubles with −0 = 0 and NaN equal to itself above everything.</summary>
    public static int CompareDouble(double left, double right)
    {
        if (double.IsNaN(left) || double.IsNaN(right))
        {
            return double.IsNaN(left).CompareTo(double.IsNaN(right));
        }

        return left < right ? -1 : left > right ? 1 : 0;
    }

    /// <inheritdoc />
    public bool Equals(SqlValue other)
    {
        if (!_hasValue || !other._hasValue)
        {
            return _hasValue == other._hasValue;
        }

        return _kind == other._kind && _kind switch
        {
            SqlKind.Text or SqlKind.Json => string.Equals(
                (string)_reference!, (string)other._reference!, StringComparison.Ordinal),
            SqlKind.Bytes => ((byte[])_reference!).AsSpan().SequenceEqual((byte[])other._reference!),
            SqlKind.Decimal or SqlKind.Real or SqlKind.Double => CompareSameKind(this, other) == 0,
            _ => _low == other._low && _high == other._high,
        };
    }

    /// <inheritdoc />
    public override bool Equals(object? obj) => obj is SqlValue other && Equals(other);

    /// <summary>A hash that is the same in every process.</summary>
    public override int GetHashCode()
    {
        if (!_hasValue)
        {
            return 0;
        }

        return _kind switch
        {
            SqlKind.Text or SqlKind.Json => (int)Hash64.Compute(
                MemoryMarshal.AsBytes(((string)_reference!).AsSpan())),
            SqlKind.Bytes => (int)Hash64.Compute((byte[])_reference!),
            SqlKind.Decimal => AsDecimal().GetHashCode(),
            SqlKind.Real or SqlKind.Double => (int)Hash64.Combine(
                (ulong)_kind, BitConverter.DoubleToUInt64Bits(Canonical(AsDouble()))),
            _ => (int)Hash64.Combine(_high ^ (ulong)_kind, _low),
        };
    }

    internal static double Canonical(double value) => double.IsNaN(value) ? double.NaN : value == 0 ? 0 : value;

    private static int CompareSameKind(SqlValue left, SqlValue right) => left._kind switch
    {
        SqlKind.Boolean or SqlKind.Int16 or SqlKind.Int32 or SqlKind.Int64
            or SqlKind.Date or SqlKind.Time or SqlKind.Timestamp or SqlKind.Timestamptz
            => ((long)left._low).CompareTo((long)right._low),
        SqlKind.Decimal => left.AsDecimal().CompareTo(right.AsDecimal()),
        SqlKind.Real or SqlKind.Double => CompareDouble(left.AsDouble(), right.AsDouble()),
        SqlKind.Text or SqlKind.Json => CompareText((string)left._reference!, (string)right._reference!),
        SqlKind.Bytes => ((byte[])left._reference!).AsSpan().SequenceCompareTo((byte[])right._reference!),
        SqlKind.Uuid => left._high == right._high
            ? left._low.CompareTo(right._low)
            : left._high.CompareTo(right._high),
        _ => throw new InvalidOperationException("a kind that has no order"),
    };

    private static int CompareNumbers(SqlValue left, SqlValue right)
    {
        if (!new SqlType(left._kind).IsNumeric || !new SqlType(right._kind).IsNumeric)
        {
            throw new InvalidCastException($"values of kinds {left._kind} and {right._kind} have no order");
        }

        if (left._kind is SqlKind.Real or SqlKind.Double || right._kind is SqlKind.Real or SqlKind.Double)
        {
            return CompareDouble(ToDoubleLossy(left), ToDoubleLossy(right));
        }

        return left._kind == SqlKind.Decimal || right._kind == SqlKind.Decimal
            ? left.AsDecimal().CompareTo(right.AsDecimal())
            : left.AsInt64().CompareTo(right.AsInt64());
    }

    private static double ToDoubleLossy(SqlValue value) => value._kind switch
    {
        SqlKind.Real or SqlKind.Double => value.AsDouble(),
        SqlKind.Decimal => value.AsDecimal().ToDouble(),
        _ => value.AsInt64(),
    };

    /// <summary>As SQL's text form: what CAST(v AS text) gives. NULL gives "NULL".</summary>
    public string ToText() => IsNull ? "NULL" : ValueText.Format(this);

    /// <summary>For people.</summary>
    public override string ToString() => ToText();
}
