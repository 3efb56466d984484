using System;
using System.Diagnostics.CodeAnalysis;
using ShardSql.Sql.Tree;

namespace ShardSql.Data.Types;

/// <summary>Which CLR type a column of a SQL type has: stable before the first Read, the same for every row.</summary>
internal static class ColumnTypes
{
    /// <summary>What <c>GetFieldType</c> says.</summary>
    [return: DynamicallyAccessedMembers(
        DynamicallyAccessedMemberTypes.PublicFields | DynamicallyAccessedMemberTypes.PublicProperties)]
    public static Type ToClr(SqlKind kind) => kind switch
    {
        SqlKind.Boolean => typeof(bool),
        SqlKind.Int16 => typeof(short),
        SqlKind.Int32 => typeof(int),
        SqlKind.Int64 => typeof(long),
        SqlKind.Decimal => typeof(decimal),
        SqlKind.Real => typeof(float),
        SqlKind.Double => typeof(double),
        SqlKind.Text or SqlKind.Json => typeof(string),
        SqlKind.Bytes => typeof(byte[]),
        SqlKind.Uuid => typeof(Guid),
        SqlKind.Date or SqlKind.Timestamp => typeof(DateTime),
        SqlKind.Time => typeof(TimeSpan),
        SqlKind.Timestamptz => typeof(DateTimeOffset),
        _ => typeof(object),
    };
}
