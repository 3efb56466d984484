using Google.Protobuf;
using ShardSql.Primitives;
using ShardSql.Sql.Values;
using System.Collections.Generic;

namespace ShardSql.Execution.Relations;

/// <summary>Some expressions of a row as bytes that are equal when the values are.</summary>
internal sealed class RowKeys(IReadOnlyList<ByteString> expressions, SqlValue[] parameters)
{
    private readonly RowExpression[] _expressions = RowExpression.All(expressions, parameters);
    private readonly ByteWriter _key = new();

    public int Count => _expressions.Length;

    /// <summary>The values.</summary>
    public SqlValue[] ValuesOf(SqlValue[] row)
    {
        var values = new SqlValue[_expressions.Length];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = _expressions[i].Evaluate(row);
        }

        return values;
    }

    /// <summary>The bytes; null where a value is NULL, which equals nothing.</summary>
    public byte[]? TryKeyOf(SqlValue[] row)
    {
        _key.Clear();
        foreach (RowExpression expression in _expressions)
        {
            SqlValue value = expression.Evaluate(row);
            if (value.IsNull)
            {
                return null;
            }

            KeyCodec.Append(_key, value);
        }

        return _key.ToArray();
    }

    /// <summary>The bytes of values, in which NULL equals NULL.</summary>
    public static byte[] KeyOf(ByteWriter scratch, SqlValue[] values)
    {
        scratch.Clear();
        foreach (SqlValue value in values)
        {
            KeyCodec.Append(scratch, value);
        }

        return scratch.ToArray();
    }
}
