using System;
using System.IO;
using ShardSql.Sql.Values;

namespace ShardSql.Data.Types;

/// <summary>
/// <c>GetFieldValue&lt;T&gt;</c> without reflection: the JIT and the AOT compiler keep only the branch of each T that
/// the program uses.
/// </summary>
internal static class FieldConverter
{
    public static T To<T>(in ColumnReader column, bool isNull)
    {
        if (isNull && IsNullable<T>())
        {
            return default!;
        }

        object? converted = Convert(typeof(T), column);
        return converted is T typed ? typed : throw column.Refused(typeof(T).Name);
    }

    private static bool IsNullable<T>() =>
        default(T) is null && typeof(T).IsValueType;

    private static object? Convert(Type type, in ColumnReader column)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return Type.GetTypeCode(type) switch
        {
            _ when type.IsEnum => Enum.ToObject(type, Convert(Enum.GetUnderlyingType(type), column)!),
            TypeCode.Boolean => column.ToBoolean(),
            TypeCode.SByte => (sbyte)column.ToInteger("SByte", sbyte.MinValue, sbyte.MaxValue),
            TypeCode.Byte => column.ToByte(),
            TypeCode.Int16 => column.ToInt16(),
            TypeCode.UInt16 => (ushort)column.ToInteger("UInt16", ushort.MinValue, ushort.MaxValue),
            TypeCode.Int32 => column.ToInt32(),
            TypeCode.UInt32 => (uint)column.ToInteger("UInt32", uint.MinValue, uint.MaxValue),
            TypeCode.Int64 => column.ToInt64(),
            TypeCode.UInt64 => (ulong)column.ToInteger("UInt64", 0, long.MaxValue),
            TypeCode.Decimal => column.ToDecimal(),
            TypeCode.Single => column.ToSingle(),
            TypeCode.Double => column.ToDouble(),
            TypeCode.String => column.ToText(),
            TypeCode.Char => column.ToChar(),
            TypeCode.DateTime => column.ToDateTime(),
            _ => ConvertOther(type, column),
        };
    }

    private static object? ConvertOther(Type type, in ColumnReader column) => type switch
    {
        _ when type == typeof(object) => column.ToObject(),
        _ when type == typeof(Guid) => column.ToGuid(),
        _ when type == typeof(byte[]) => column.ToBytes(),
        _ when type == typeof(DateTimeOffset) => column.ToDateTimeOffset(),
        _ when type == typeof(DateOnly) => column.ToDateOnly(),
        _ when type == typeof(TimeOnly) => column.ToTimeOnly(),
        _ when type == typeof(TimeSpan) => column.ToTimeSpan(),
        _ when type == typeof(Decimal38) => column.ToDecimal38(),
        _ when type == typeof(Stream) || type == typeof(MemoryStream) => column.ToStream(),
        _ when type == typeof(TextReader) || type == typeof(StringReader) => column.ToTextReader(),
        _ when type == typeof(char[]) => column.ToText().ToCharArray(),
        _ => null,
    };
}
