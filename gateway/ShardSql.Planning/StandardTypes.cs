using System;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning;

/// <summary>The names that <c>information_schema</c> has for types, as PostgreSQL gives them.</summary>
internal static class StandardTypes
{
    private const int LongestText = 1_073_741_824;
    private const int BytesOfCharacter = 4;

    /// <summary>The standard's name.</summary>
    public static string NameOf(SqlType type) => type.Kind switch
    {
        SqlKind.Decimal => "numeric",
        SqlKind.Text when type.Length > 0 => "character varying",
        SqlKind.Bytes => "bytea",
        SqlKind.Time => "time without time zone",
        SqlKind.Timestamp => "timestamp without time zone",
        SqlKind.Timestamptz => "timestamp with time zone",
        _ => new SqlType(type.Kind).ToString(),
    };

    /// <summary>PostgreSQL's own name.</summary>
    public static string ShortNameOf(SqlType type) => type.Kind switch
    {
        SqlKind.Boolean => "bool",
        SqlKind.Int16 => "int2",
        SqlKind.Int32 => "int4",
        SqlKind.Int64 => "int8",
        SqlKind.Decimal => "numeric",
        SqlKind.Real => "float4",
        SqlKind.Double => "float8",
        SqlKind.Text when type.Length > 0 => "varchar",
        SqlKind.Bytes => "bytea",
        _ => new SqlType(type.Kind).ToString(),
    };

    /// <summary>The most bytes that a text of so many characters can have; 0: no limit.</summary>
    public static int OctetLengthOf(int length) =>
        length == 0 ? LongestText : (int)Math.Min((long)length * BytesOfCharacter, LongestText);
}
