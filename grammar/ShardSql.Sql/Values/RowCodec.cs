using System;
using ShardSql.Primitives;

namespace ShardSql.Sql.Values;

/// <summary>A row as bytes: the number of columns as a varint, then each value in <see cref="ValueCodec"/>.</summary>
public static class RowCodec
{
    /// <summary>Columns that a table can have.</summary>
    public const int MaxColumns = 1600;

    /// <summary>Values that a row can have: a statement's parameters and the states of its aggregates travel as rows
    /// too, and are more.</summary>
    public const int MaxValues = 32_768;

    /// <summary>Writes a row.</summary>
    public static void Write(ByteWriter writer, ReadOnlySpan<SqlValue> row)
    {
        writer.WriteVarint((ulong)row.Length);
        foreach (SqlValue value in row)
        {
            ValueCodec.Write(writer, value);
        }
    }

    /// <summary>Reads a row into an array of its own. Malformed bytes fail the reader and give an empty row.</summary>
    public static SqlValue[] Read(ref ByteReader reader)
    {
        int count = ReadCount(ref reader);
        if (count == 0)
        {
            return [];
        }

        var row = new SqlValue[count];
        for (int i = 0; i < count; i++)
        {
            row[i] = ValueCodec.Read(ref reader);
        }

        return reader.Failed ? [] : row;
    }

    /// <summary>
    /// Reads a row into a buffer and gives the number of its columns. Columns beyond the buffer are read and dropped;
    /// places of the buffer beyond the row become NULL, as for a column that was added later.
    /// </summary>
    public static int Read(ref ByteReader reader, Span<SqlValue> row)
    {
        int count = ReadCount(ref reader);
        for (int i = 0; i < count; i++)
        {
            SqlValue value = ValueCodec.Read(ref reader);
            if (i < row.Length)
            {
                row[i] = value;
            }
        }

        if (count < row.Length)
        {
            row[count..].Clear();
        }

        return count;
    }

    /// <summary>A row as bytes of its own.</summary>
    public static byte[] ToBytes(ReadOnlySpan<SqlValue> row)
    {
        var writer = new ByteWriter(16 * Math.Max(row.Length, 1));
        Write(writer, row);
        return writer.ToArray();
    }

    private static int ReadCount(ref ByteReader reader)
    {
        int count = reader.ReadCount();
        if (count <= MaxValues)
        {
            return count;
        }

        reader.ReadRaw(int.MaxValue);
        return 0;
    }
}
