using System;
using System.Collections.Generic;
using ShardSql.Execution.Plans;
using ShardSql.Primitives;
using ShardSql.Sql.Values;

namespace ShardSql.Execution;

/// <summary>
/// Entries of an index. Key: prefix ‖ the indexed columns ‖ the row's suffix, that is its row key behind table and
/// index. A unique index leaves the suffix out where no column is NULL, so that equal values meet in one key. Value: a
/// stored row of some columns of the table, then the suffix.
/// </summary>
public static class IndexEntry
{
    /// <summary>Whether the values alone make the key: the index is unique and none of them is NULL.</summary>
    public static bool IsExclusive(bool unique, IReadOnlyList<uint> columns, IReadOnlyList<SqlValue> row)
    {
        ArgumentNullException.ThrowIfNull(columns);
        ArgumentNullException.ThrowIfNull(row);
        for (int i = 0; unique && i < columns.Count; i++)
        {
            unique = !row[(int)columns[i]].IsNull;
        }

        return unique;
    }

    /// <summary>The key of a row's entry in an index beside the row.</summary>
    public static byte[] Key(
        uint tableId, IndexShape index, IReadOnlyList<SqlValue> row, ReadOnlySpan<byte> suffix)
    {
        ArgumentNullException.ThrowIfNull(index);
        ArgumentNullException.ThrowIfNull(row);
        var writer = new ByteWriter(64);
        writer.WriteRaw(RowKeyLayout.RowPrefix(tableId, (ushort)index.Number));
        foreach (uint ordinal in index.Columns)
        {
            KeyCodec.Append(writer, row[(int)ordinal]);
        }

        if (!IsExclusive(index.Unique, index.Columns, row))
        {
            writer.WriteRaw(suffix);
        }

        return writer.ToArray();
    }

    /// <summary>The columns of a row's entry: those stored, then the suffix.</summary>
    public static SqlValue[] Columns(
        IReadOnlyList<uint> stored, IReadOnlyList<SqlValue> row, ReadOnlySpan<byte> suffix)
    {
        ArgumentNullException.ThrowIfNull(stored);
        ArgumentNullException.ThrowIfNull(row);
        var values = new SqlValue[stored.Count + 1];
        for (int i = 0; i < stored.Count; i++)
        {
            values[i] = row[(int)stored[i]];
        }

        values[^1] = SqlValue.FromBytes(suffix.ToArray());
        return values;
    }

    /// <summary>The value of an entry with these columns.</summary>
    public static byte[] Value(SqlValue[] columns)
    {
        var writer = new ByteWriter(64);
        writer.WriteByte(RowKeyLayout.RowVersion);
        RowCodec.Write(writer, columns);
        return writer.ToArray();
    }

    /// <summary>The suffix that a stored entry ends with.</summary>
    public static byte[] SuffixOf(byte[] value, string table)
    {
        var reader = new ByteReader(value);
        byte version = reader.ReadByte();
        SqlValue[] columns = RowCodec.Read(ref reader);
        return version == RowKeyLayout.RowVersion && reader.EndedWell && columns is [.., { Kind: Sql.Tree.SqlKind.Bytes } suffix]
            ? suffix.AsBytes()
            : throw new Sql.SqlException(
                Sql.SqlStates.DataCorrupted, $"a stored index entry of table \"{table}\" is damaged");
    }
}
