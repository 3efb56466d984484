using System;
using System.Data;
using ShardSql.Sql.Tree;

namespace ShardSql.Data.Types;

/// <summary>DbType and SQL type, both ways.</summary>
internal static class DbTypes
{
    /// <summary>The SQL type that a parameter of a DbType gets.</summary>
    public static SqlKind ToKind(DbType type, ShardSqlParameter parameter) => type switch
    {
        DbType.Boolean => SqlKind.Boolean,
        DbType.SByte or DbType.Byte or DbType.Int16 => SqlKind.Int16,
        DbType.UInt16 or DbType.Int32 => SqlKind.Int32,
        DbType.UInt32 or DbType.Int64 or DbType.UInt64 => SqlKind.Int64,
        DbType.Decimal or DbType.Currency or DbType.VarNumeric => SqlKind.Decimal,
        DbType.Single => SqlKind.Real,
        DbType.Double => SqlKind.Double,
        DbType.String or DbType.AnsiString or DbType.StringFixedLength or DbType.AnsiStringFixedLength => SqlKind.Text,
        DbType.Binary => SqlKind.Bytes,
        DbType.Guid => SqlKind.Uuid,
        DbType.Date => SqlKind.Date,
        DbType.Time => SqlKind.Time,
        DbType.DateTime or DbType.DateTime2 => SqlKind.Timestamp,
        DbType.DateTimeOffset => SqlKind.Timestamptz,
        DbType.Object => SqlKind.Null,
        _ => throw new NotSupportedException(
            $"Parameter '@{parameter.BareName}' has DbType.{type}, which has no SQL type."),
    };

    /// <summary>The DbType of a column's CLR type.</summary>
    public static DbType OfClr(Type type) => Type.GetTypeCode(type) switch
    {
        TypeCode.Boolean => DbType.Boolean,
        TypeCode.Int16 => DbType.Int16,
        TypeCode.Int32 => DbType.Int32,
        TypeCode.Int64 => DbType.Int64,
        TypeCode.Decimal => DbType.Decimal,
        TypeCode.Single => DbType.Single,
        TypeCode.Double => DbType.Double,
        TypeCode.DateTime => DbType.DateTime,
        _ when type == typeof(byte[]) => DbType.Binary,
        _ when type == typeof(Guid) => DbType.Guid,
        _ when type == typeof(TimeSpan) => DbType.Time,
        _ when type == typeof(DateTimeOffset) => DbType.DateTimeOffset,
        _ => DbType.String,
    };

    /// <summary>The DbType of a CLR value, as a parameter shows it when none was set.</summary>
    public static DbType OfValue(object? value) => value switch
    {
        bool => DbType.Boolean,
        sbyte => DbType.SByte,
        byte => DbType.Byte,
        short => DbType.Int16,
        ushort => DbType.UInt16,
        int => DbType.Int32,
        uint => DbType.UInt32,
        long => DbType.Int64,
        ulong => DbType.UInt64,
        decimal => DbType.Decimal,
        float => DbType.Single,
        double => DbType.Double,
        byte[] => DbType.Binary,
        Guid => DbType.Guid,
        DateOnly => DbType.Date,
        TimeOnly or TimeSpan => DbType.Time,
        DateTime => DbType.DateTime,
        DateTimeOffset => DbType.DateTimeOffset,
        _ => DbType.String,
    };
}
