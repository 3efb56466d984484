using System;
using System.Globalization;
using ShardSql.Sql.Tree;

namespace ShardSql.Sql.Values;

/// <summary>
/// A SQL type: its kind, the length of varchar(n) (0: no limit), precision and scale of decimal(p, s) (precision 0: up
/// to 38 digits of any scale). The kind <see cref="SqlKind.Null"/> is the type of NULL and of a parameter with no type.
/// </summary>
public readonly record struct SqlType(SqlKind Kind, int Length = 0, int Precision = 0, int Scale = 0)
{
    /// <summary>The type of NULL.</summary>
    public static SqlType Null => new(SqlKind.Null);

    /// <summary>boolean</summary>
    public static SqlType Boolean => new(SqlKind.Boolean);

    /// <summary>smallint</summary>
    public static SqlType Int16 => new(SqlKind.Int16);

    /// <summary>integer</summary>
    public static SqlType Int32 => new(SqlKind.Int32);

    /// <summary>bigint</summary>
    public static SqlType Int64 => new(SqlKind.Int64);

    /// <summary>decimal of any precision up to 38 digits</summary>
    public static SqlType Decimal => new(SqlKind.Decimal);

    /// <summary>real</summary>
    public static SqlType Real => new(SqlKind.Real);

    /// <summary>double precision</summary>
    public static SqlType Double => new(SqlKind.Double);

    /// <summary>text</summary>
    public static SqlType Text => new(SqlKind.Text);

    /// <summary>bytes</summary>
    public static SqlType Bytes => new(SqlKind.Bytes);

    /// <summary>uuid</summary>
    public static SqlType Uuid => new(SqlKind.Uuid);

    /// <summary>date</summary>
    public static SqlType Date => new(SqlKind.Date);

    /// <summary>time</summary>
    public static SqlType Time => new(SqlKind.Time);

    /// <summary>timestamp</summary>
    public static SqlType Timestamp => new(SqlKind.Timestamp);

    /// <summary>timestamptz</summary>
    public static SqlType TimestampTz => new(SqlKind.Timestamptz);

    /// <summary>json</summary>
    public static SqlType Json => new(SqlKind.Json);

    /// <summary>Whether it is a number.</summary>
    public bool IsNumeric => Kind is >= SqlKind.Int16 and <= SqlKind.Double;

    /// <summary>Whether it is a whole number.</summary>
    public bool IsInteger => Kind is >= SqlKind.Int16 and <= SqlKind.Int64;

    /// <summary>Whether it is a date, a time or a point in time.</summary>
    public bool IsTemporal => Kind is >= SqlKind.Date and <= SqlKind.Timestamptz;

    /// <summary>varchar(n)</summary>
    public static SqlType Varchar(int length) => new(SqlKind.Text, length);

    /// <summary>decimal(p, s)</summary>
    public static SqlType DecimalOf(int precision, int scale) => new(SqlKind.Decimal, 0, precision, scale);

    /// <summary>From the message; 08P01 for a kind that is not known.</summary>
    public static SqlType FromMessage(SqlTypeName? name) => name is null ? Null
        : name.Kind > SqlKind.Json ? throw new SqlException(SqlStates.ProtocolViolation, "unknown kind of type")
        : new SqlType(name.Kind, (int)name.Length, (int)name.Precision, (int)name.Scale);

    /// <summary>As a message.</summary>
    public SqlTypeName ToMessage() => new()
    {
        Kind = Kind,
        Length = (uint)Length,
        Precision = (uint)Precision,
        Scale = (uint)Scale,
    };

    /// <summary>As SQL.</summary>
    public override string ToString() => Kind switch
    {
        SqlKind.Null => "unknown",
        SqlKind.Boolean => "boolean",
        SqlKind.Int16 => "smallint",
        SqlKind.Int32 => "integer",
        SqlKind.Int64 => "bigint",
        SqlKind.Decimal => Precision == 0
            ? "decimal"
            : string.Create(CultureInfo.InvariantCulture, $"decimal({Precision},{Scale})"),
        SqlKind.Real => "real",
        SqlKind.Double => "double precision",
        SqlKind.Text => Length == 0 ? "text" : string.Create(CultureInfo.InvariantCulture, $"varchar({Length})"),
        SqlKind.Bytes => "bytes",
        SqlKind.Uuid => "uuid",
        SqlKind.Date => "date",
        SqlKind.Time => "time",
        SqlKind.Timestamp => "timestamp",
        SqlKind.Timestamptz => "timestamptz",
        SqlKind.Json => "json",
        _ => throw new InvalidOperationException("an unknown kind of type"),
    };
}
