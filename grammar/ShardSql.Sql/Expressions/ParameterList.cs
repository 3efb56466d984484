using System;
using System.Globalization;
using ShardSql.Primitives;
using ShardSql.Sql.Parsing;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Sql.Expressions;

/// <summary>
/// The values of an IN list in one parameter of bytes: lists of any length are one statement then, with one plan. The
/// values are of one type, or NULL.
/// </summary>
public static class ParameterList
{
    /// <summary>The list as a parameter's value.</summary>
    public static SqlValue Encode(ReadOnlySpan<SqlValue> values) => SqlValue.FromBytes(RowCodec.ToBytes(values));

    /// <summary>The values; 08P01 where they are not a list of the kind.</summary>
    public static SqlValue[] Decode(ReadOnlySpan<byte> bytes, SqlKind kind)
    {
        var reader = new ByteReader(bytes);
        SqlValue[] values = RowCodec.Read(ref reader);
        if (!reader.EndedWell || Array.Exists(values, value => !value.IsNull && value.Kind != kind))
        {
            throw new SqlException(SqlStates.ProtocolViolation, "malformed list of parameters");
        }

        return values.Length <= SqlLimits.MaxInItems
            ? values
            : throw new SqlException(SqlStates.ProgramLimitExceeded, string.Create(
                CultureInfo.InvariantCulture, $"IN list of {values.Length} items exceeds {SqlLimits.MaxInItems}"));
    }
}
