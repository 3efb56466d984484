using System;
using ShardSql.Primitives;
using ShardSql.Sql.Values;

namespace ShardSql.Execution;

/// <summary>Rows that are ready to leave, one after another in RowCodec; bounded by <see cref="BatchBytes"/> and one
/// row.</summary>
internal sealed class OutputBuffer
{
    /// <summary>A batch is over when it has so many bytes.</summary>
    public const int BatchBytes = 64 * 1024;

    private readonly ByteWriter _rows = new(1024);

    /// <summary>Rows that wait.</summary>
    public int Count { get; private set; }

    /// <summary>Whether the batch should be taken before more is added.</summary>
    public bool IsFull => _rows.Length >= BatchBytes;

    /// <summary>Adds a row.</summary>
    public void Add(ReadOnlySpan<SqlValue> row)
    {
        RowCodec.Write(_rows, row);
        Count++;
    }

    /// <summary>Adds a row that is encoded already.</summary>
    public void AddEncoded(ReadOnlySpan<byte> row)
    {
        _rows.WriteRaw(row);
        Count++;
    }

    /// <summary>Adds rows that are encoded already.</summary>
    public void AddBatch(ReadOnlySpan<byte> rows, int count)
    {
        _rows.WriteRaw(rows);
        Count += count;
    }

    /// <summary>Moves the rows into a writer; gives their number.</summary>
    public int Take(ByteWriter output)
    {
        int count = Count;
        output.WriteRaw(_rows.WrittenSpan);
        _rows.Clear();
        Count = 0;
        return count;
    }
}
