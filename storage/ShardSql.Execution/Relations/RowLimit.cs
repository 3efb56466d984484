using Google.Protobuf;
using ShardSql.Execution.Plans;
using ShardSql.Sql;
using ShardSql.Sql.Values;

namespace ShardSql.Execution.Relations;

/// <summary>LIMIT and OFFSET with their values; 2201W and 2201X where one is negative.</summary>
internal sealed class RowLimit
{
    /// <summary>Rows that still leave.</summary>
    public long Left { get; set; } = long.MaxValue;

    /// <summary>Rows that are passed over first.</summary>
    public long Skip { get; set; }

    /// <summary>Rows of which nothing beyond can matter.</summary>
    public long Wanted => Left > long.MaxValue - Skip ? long.MaxValue : Left + Skip;

    /// <summary>With the values that parameters have now.</summary>
    public static RowLimit Of(LimitNode node, SqlValue[] parameters)
    {
        var limit = new RowLimit();
        if (Count(node.Limit, parameters) is { } rows)
        {
            limit.Left = rows >= 0
                ? rows
                : throw new SqlException(SqlStates.InvalidLimit, "LIMIT must not be negative");
        }

        if (Count(node.Offset, parameters) is { } skipped)
        {
            limit.Skip = skipped >= 0
                ? skipped
                : throw new SqlException(SqlStates.InvalidOffset, "OFFSET must not be negative");
        }

        return limit;
    }

    private static long? Count(ByteString expression, SqlValue[] parameters)
    {
        SqlValue value = RowExpression.Optional(expression, parameters)?.Evaluate([]) ?? SqlValue.Null;
        return value.IsNull ? null : value.AsInt64();
    }
}
