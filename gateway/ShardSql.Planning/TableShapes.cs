using Google.Protobuf;
using ShardSql.Execution.Plans;
using ShardSql.Planning.Catalogs;
using ShardSql.Sql.Values;

namespace ShardSql.Planning;

/// <summary>What a fragment says of a table.</summary>
public static class TableShapes
{
    /// <summary>The shape of a table.</summary>
    /// <param name="table">The table.</param>
    /// <param name="of">The table that it holds the entries of an index of: that is what errors name.</param>
    public static TableShape Of(TableDescriptor table, TableDescriptor? of = null)
    {
        var shape = new TableShape
        {
            TableId = table.Id,
            Version = table.Version,
            Name = of?.Name ?? table.Name,
            KeyName = table.KeyName,
            Stamped = table.IsStamped,
        };
        foreach (ColumnDescriptor column in table.Columns)
        {
            shape.Columns.Add(new ColumnShape
            {
                Id = column.Id,
                Name = column.Name,
                Type = column.Type.ToMessage(),
                Nullable = column.Nullable,
                MissingValue = column.MissingValue.IsNull
                    ? ByteString.Empty
                    : UnsafeByteOperations.UnsafeWrap(ValueCodec.ToBytes(column.MissingValue)),
            });
        }

        foreach (int ordinal in table.KeyColumns)
        {
            shape.KeyColumns.Add((uint)ordinal);
        }

        return shape;
    }

    /// <summary>The shape with the indexes whose entries live beside the rows.</summary>
    public static TableShape WithIndexes(TableShape shape, TableDescriptor table)
    {
        TableShape? written = null;
        foreach (IndexDescriptor index in table.Indexes)
        {
            if (!index.IsGlobal)
            {
                written ??= shape.Clone();
                written.Indexes.Add(Of(index));
            }
        }

        return written ?? shape;
    }

    /// <summary>The shape of an index's entries: the columns that they hold, then the suffix of the row's key.</summary>
    public static TableShape OfEntries(TableDescriptor table, IndexDescriptor index)
    {
        var shape = new TableShape { TableId = table.Id, Name = table.Name, KeyName = index.Name };
        foreach (int ordinal in index.Stored)
        {
            shape.Columns.Add(new ColumnShape
            {
                Id = (uint)shape.Columns.Count + 1,
                Name = table.Columns[ordinal].Name,
                Type = table.Columns[ordinal].Type.ToMessage(),
                Nullable = true,
            });
        }

        shape.Columns.Add(new ColumnShape
        {
            Id = (uint)shape.Columns.Count + 1,
            Name = TableDescriptor.HiddenKeyName,
            Type = SqlType.Bytes.ToMessage(),
        });
        return shape;
    }

    /// <summary>The shape of an index.</summary>
    public static IndexShape Of(IndexDescriptor index)
    {
        var shape = new IndexShape
        {
            Number = index.Number,
            Name = index.Name,
            Unique = index.IsUnique,
            OnlyRemoves = index.State == IndexState.DeleteOnly,
        };
        foreach (int ordinal in index.Columns)
        {
            shape.Columns.Add((uint)ordinal);
        }

        foreach (int ordinal in index.Stored)
        {
            shape.Stored.Add((uint)ordinal);
        }

        return shape;
    }
}
