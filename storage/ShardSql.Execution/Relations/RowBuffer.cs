using System.Collections.Generic;
using ShardSql.Sql.Values;

namespace ShardSql.Execution.Relations;

/// <summary>Rows that are kept and paid for.</summary>
internal sealed class RowBuffer(MemoryAccount account)
{
    private const int RowOverheadBytes = 48;

    private readonly List<SqlValue[]> _rows = [];
    private long _bytes;

    public int Count => _rows.Count;

    public SqlValue[] this[int index] => _rows[index];

    /// <summary>The bytes that keeping a row takes.</summary>
    public static long CostOf(SqlValue[] row)
    {
        long bytes = RowOverheadBytes;
        foreach (SqlValue value in row)
        {
            bytes += value.EstimateBytes();
        }

        return bytes;
    }

    public void Add(SqlValue[] row)
    {
        long bytes = CostOf(row);
        account.Reserve(bytes);
        _bytes += bytes;
        _rows.Add(row);
    }

    /// <summary>Pays for something that belongs to the rows, like an index of them.</summary>
    public void Charge(long bytes)
    {
        account.Reserve(bytes);
        _bytes += bytes;
    }

    public void Clear()
    {
        account.Release(_bytes);
        _bytes = 0;
        _rows.Clear();
    }
}
