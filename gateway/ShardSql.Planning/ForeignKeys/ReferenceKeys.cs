using System.Collections.Generic;
using ShardSql.Planning.Catalogs;
using ShardSql.Primitives;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.ForeignKeys;

/// <summary>Values of foreign keys and of what they refer to, so that equal ones are equal bytes whatever the width of
/// their integers.</summary>
internal static class ReferenceKeys
{
    /// <summary>Whether values of two types can be equal without a cast that loses something.</summary>
    public static bool AreComparable(SqlType left, SqlType right) =>
        left.Kind == right.Kind || (IsInteger(left.Kind) && IsInteger(right.Kind));

    /// <summary>The key; null where a value is NULL.</summary>
    public static byte[]? Of(IReadOnlyList<SqlValue> values)
    {
        var writer = new ByteWriter(64);
        foreach (SqlValue value in values)
        {
            if (value.IsNull)
            {
                return null;
            }

            KeyCodec.Append(writer, IsInteger(value.Kind) ? SqlCast.To(value, SqlType.Int64, isExplicit: false) : value);
        }

        return writer.ToArray();
    }

    /// <summary>The values of some columns.</summary>
    public static SqlValue[] ValuesOf(SqlValue[] row, IReadOnlyList<int> columns)
    {
        var values = new SqlValue[columns.Count];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = row[columns[i]];
        }

        return values;
    }

    /// <summary>The values by which a row refers; null where it refers to nothing. 23503 where MATCH FULL forbids it.
    /// </summary>
    public static SqlValue[]? Referring(Reference reference, SqlValue[] row)
    {
        SqlValue[] values = ValuesOf(row, reference.Columns);
        int nulls = 0;
        foreach (SqlValue value in values)
        {
            nulls += value.IsNull ? 1 : 0;
        }

        if (nulls == 0)
        {
            return values;
        }

        return reference.Key.IsMatchFull && nulls < values.Length ? throw ForeignKeyErrors.Mixed(reference) : null;
    }

    private static bool IsInteger(SqlKind kind) => kind is SqlKind.Int16 or SqlKind.Int32 or SqlKind.Int64;
}
