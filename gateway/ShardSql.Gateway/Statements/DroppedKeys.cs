using System;
using System.Collections.Generic;

using ShardSql.Execution;
using ShardSql.Execution.Plans;
using ShardSql.Planning;
using ShardSql.Planning.Access;
using ShardSql.Planning.Catalogs;
using ShardSql.Primitives;
using ShardSql.Sql.Values;

namespace ShardSql.Gateway.Statements;

/// <summary>Keys that are garbage: where they lie, how what lies there is read, and what its key is.</summary>
/// <param name="Range">The keys.</param>
/// <param name="Shape">Decodes what they hold.</param>
/// <param name="KeyOf">The key of a row read so.</param>
/// <param name="IsTable">Whether the table is gone with them.</param>
internal sealed record DroppedKeys(KeyRange Range, TableShape Shape, Func<SqlValue[], byte[]> KeyOf, bool IsTable)
{
    /// <summary>The rows of a table, and the entries of the indexes beside them.</summary>
    public static IEnumerable<DroppedKeys> Of(TableDescriptor table)
    {
        var keys = new KeyBuilder(table);
        yield return new DroppedKeys(
            KeyRange.Prefix(RowKeyLayout.RowPrefix(table.Id)), ShapeOf(table), row => RowKeyOf(table, keys, row), true);
        foreach (IndexDescriptor index in table.Indexes)
        {
            if (!index.IsGlobal)
            {
                yield return Of(table, index) with { IsTable = true };
            }
        }
    }

    /// <summary>The entries of an index beside the rows of a table that stays.</summary>
    public static DroppedKeys Of(TableDescriptor table, IndexDescriptor index)
    {
        IndexShape indexed = TableShapes.Of(index);
        return new DroppedKeys(
            KeyRange.Prefix(RowKeyLayout.RowPrefix(table.Id, (ushort)index.Number)),
            TableShapes.OfEntries(table, index),
            entry =>
            {
                var row = new SqlValue[table.Columns.Count];
                for (int i = 0; i < index.Stored.Count; i++)
                {
                    row[index.Stored[i]] = entry[i];
                }

                return IndexEntry.Key(table.Id, indexed, row, entry[^1].AsBytes());
            },
            IsTable: false);
    }

    /// <summary>Of a table that holds the entries of a unique index, those with a NULL have a longer key.</summary>
    private static byte[] RowKeyOf(TableDescriptor table, KeyBuilder keys, SqlValue[] row)
    {
        bool isLonger = false;
        foreach (int ordinal in table.KeyColumns)
        {
            isLonger |= table.IndexOf != 0 && row[ordinal].IsNull && table.KeyColumns.Count == table.ShardKey.Count;
        }

        return keys.RowKey(isLonger ? keys.Suffix([.. row.AsSpan(0, table.ShardKey.Count), row[^1]]) : keys.SuffixOf(row));
    }

    private static TableShape ShapeOf(TableDescriptor table)
    {
        var shape = new TableShape { TableId = table.Id, Version = 0, Name = table.Name, KeyName = table.KeyName };
        foreach (ColumnDescriptor column in table.Columns)
        {
            shape.Columns.Add(new ColumnShape { Id = column.Id, Name = column.Name, Type = column.Type.ToMessage() });
        }

        return shape;
    }
}
