using System;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using ShardSql.Sql.Tree;

namespace ShardSql.Sql.Values;

/// <summary>
/// One SQL value of any type, or NULL, in 32 bytes. The default is the NULL of no type; a NULL may also carry a type,
/// as a parameter does. Dates are days since 1970, times microseconds since midnight, timestamps microseconds since
/// 1970 (timestamptz: UTC), all within the years 1 to 9999. Reading as another kind is a programming error and throws
/// InvalidCastException; <see cref="SqlCast"/> converts.
/// </summary>
public readonly partial struct SqlValue : IEquatable<SqlValue>
{
    private readonly object? _reference;
    private readonly ulong _low;
    private readonly ulong _high;
    private readonly SqlKind _kind;
    private readonly byte _scale;
    private readonly bool _hasValue;

    private SqlValue(SqlKind kind, ulong low, ulong high = 0, byte scale = 0, object? reference = null)
    {
        _kind = kind;
        _low = low;
        _high = high;
        _scale = scale;
        _reference = reference;
        _hasValue = true;
    }

    private SqlValue(SqlKind kind)
    {
        _kind = kind;
        _low = 0;
        _high = 0;
        _scale = 0;
        _reference = null;
        _hasValue = false;
    }

    /// <summary>NULL of no type.</summary>
    public static SqlValue Null => default;

    /// <summary>true</summary>
    public static SqlValue True => FromBoolean(true);

    /// <summary>false</summary>
    public static SqlValue False => FromBoolean(false);

    /// <summary>The kind of type; of a NULL, the kind that it was given, or <see cref="SqlKind.Null"/>.</summary>
    public SqlKind Kind => _kind;

    /// <summary>Whether it is NULL.</summary>
    public bool IsNull => !_hasValue;

    /// <summary>Whether it is the boolean true: neither false nor NULL.</summary>
    public bool IsTrue => _hasValue && _kind == SqlKind.Boolean && _low != 0;

    /// <summary>Whether it is the boolean false: neither true nor NULL.</summary>
    public bool IsFalse => _hasValue && _kind == SqlKind.Boolean && _low == 0;

    /// <summary>NULL of a kind.</summary>
    public static SqlValue NullOf(SqlKind kind) => new(kind);

    /// <summary>A boolean.</summary>
    public static SqlValue FromBoolean(bool value) => new(SqlKind.Boolean, value ? 1UL : 0UL);

    /// <summary>A smallint.</summary>
    public static SqlValue FromInt16(short value) => new(SqlKind.Int16, (ulong)(long)value);

    /// <summary>An integer.</summary>
    public static SqlValue FromInt32(int value) => new(SqlKind.Int32, (ulong)(long)value);

    /// <summary>A bigint.</summary>
    public static SqlValue FromInt64(long value) => new(SqlKind.Int64, (ulong)value);

    /// <summary>A decimal.</summary>
    public static SqlValue FromDecimal(Decimal38 value) => new(
        SqlKind.Decimal, (ulong)value.Unscaled, (ulong)(value.Unscaled >> 64), (byte)value.Scale);

    /// <summary>A decimal.</summary>
    public static SqlValue FromDecimal(decimal value) => FromDecimal(Decimal38.FromDecimal(value));

    /// <summary>A real; every NaN becomes the one NaN.</summary>
    public static SqlValue FromReal(float value) =>
        new(SqlKind.Real, BitConverter.SingleToUInt32Bits(float.IsNaN(value) ? float.NaN : value));

    /// <summary>A double; every NaN becomes the one NaN.</summary>
    public static SqlValue FromDouble(double value) =>
        new(SqlKind.Double, BitConverter.DoubleToUInt64Bits(double.IsNaN(value) ? double.NaN : value));

    /// <summary>A text.</summary>
    public static SqlValue FromText(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return new SqlValue(SqlKind.Text, 0, reference: value);
    }

    /// <summary>A byte string; the array is not copied and must not change.</summary>
    public static SqlValue FromBytes(byte[] value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return new SqlValue(SqlKind.Bytes, 0, reference: value);
    }

    /// <summary>A uuid.</summary>
    public static SqlValue FromUuid(Guid value)
    {
        Span<byte> bytes = stackalloc byte[16];
        value.TryWriteBytes(bytes, bigEndian: true, out _);
        return new SqlValue(
            SqlKind.Uuid,
            BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]),
            BinaryPrimitives.ReadUInt64BigEndian(bytes));
    }

    /// <summary>A json document, as its text.</summary>
    public static SqlValue FromJson(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return new SqlValue(SqlKind.Json, 0, reference: value);
    }

    /// <summary>As a boolean.</summary>
    public bool AsBoolean() => Integer(SqlKind.Boolean) != 0;

    /// <summary>As a smallint.</summary>
    public short AsInt16() => (short)Integer(SqlKind.Int16);

    /// <summary>As an integer.</summary>
    public int AsInt32() => (int)Integer(SqlKind.Int32);

    /// <summary>As a bigint; a smallint and an integer widen.</summary>
    public long AsInt64() => _hasValue && _kind is SqlKind.Int16 or SqlKind.Int32 ? (long)_low : Integer(SqlKind.Int64);

    /// <summary>As a decimal; whole numbers widen.</summary>
    public Decimal38 AsDecimal()
    {
        if (_hasValue && _kind is SqlKind.Int16 or SqlKind.Int32 or SqlKind.Int64)
        {
            return new Decimal38((long)_low, 0);
        }

        Require(SqlKind.Decimal);
        return new Decimal38(new Int128(_high, _low), _scale);
    }

    /// <summary>As a real.</summary>
    public float AsReal()
    {
        Require(SqlKind.Real);
        return BitConverter.UInt32BitsToSingle((uint)_low);
    }

    /// <summary>As a double; a real widens.</summary>
    public double AsDouble()
    {
        if (_hasValue && _kind == SqlKind.Real)
        {
            return BitConverter.UInt32BitsToSingle((uint)_low);
        }

        Require(SqlKind.Double);
        return BitConverter.UInt64BitsToDouble(_low);
    }

    /// <summary>As a text; a json document gives its text.</summary>
    public string AsText()
    {
        if (!_hasValue || _kind != SqlKind.Json)
        {
            Require(SqlKind.Text);
        }

        return (string)_reference!;
    }

    /// <summary>As a byte string, not copied.</summary>
    public byte[] AsBytes()
    {
        Require(SqlKind.Bytes);
        return (byte[])_reference!;
    }

    /// <summary>As a uuid.</summary>
    public Guid AsUuid()
    {
        Require(SqlKind.Uuid);
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, _high);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], _low);
        return new Guid(bytes, bigEndian: true);
    }

    /// <summary>As the text of a json document.</summary>
    public string AsJson()
    {
        Require(SqlKind.Json);
        return (string)_reference!;
    }

    /// <summary>Bytes that it takes in memory, for the memory accounts.</summary>
    public int EstimateBytes() => Unsafe.SizeOf<SqlValue>() + _reference switch
    {
        string text => 24 + (2 * text.Length),
        byte[] bytes => 24 + bytes.Length,
        _ => 0,
    };

    private long Integer(SqlKind kind)
    {
        Require(kind);
        return (long)_low;
    }

    private void Require(SqlKind kind)
    {
        if (!_hasValue || _kind != kind)
        {
            ThrowOtherKind(kind);
        }
    }

    private void ThrowOtherKind(SqlKind kind) => throw new InvalidCastException(
        _hasValue ? $"a value of kind {_kind} is not of kind {kind}" : $"NULL has no value of kind {kind}");
}
